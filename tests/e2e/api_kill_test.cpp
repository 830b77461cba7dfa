// The promise behind every 2xx, under fire: the API is killed with -9 again and again at random
// moments while workers fetch configs, report results, repeat them, and pushes run. Afterwards the
// disk and the CRM's own notes are compared with what was acknowledged.
//
// CXB_TEST_KILLS   how often (default 25)
// CXB_TEST_SEED    repeats the decisions of a run (kill moments, who repeats, who gives up); it is
//                  printed by each
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "cxb/base/ids.hpp"
#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

constexpr int default_kills = 25;
constexpr int worker_count = 4;

unsigned long number_from(char const* name, unsigned long otherwise) {
    char const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr ? std::strtoul(text, nullptr, 10) : otherwise;
}

// What a worker knows of a call: the API owes it exactly what it has acknowledged.
struct told_call {
    bool pushes = false;  // its bot pushes
    bool config = false;  // a config was answered 200
    bool result = false;  // a result was answered 200
    std::string summary;  // of the result, as the CRM must get it
};

// A call as it stands in the file of the store.
struct kept_call {
    std::string status;
    std::string push_state;
    std::string summary;
    int copies = 0;
};

class ApiCrashUnderLoad : public installation {
  protected:
    void SetUp() override {
        kills_ = static_cast<int>(number_from("CXB_TEST_KILLS", default_kills));
        seed_ = number_from("CXB_TEST_SEED", std::random_device{}());
        std::printf("CXB_TEST_KILLS=%d CXB_TEST_SEED=%lu\n", kills_, seed_);
        ASSERT_NO_FATAL_FAILURE(start_api());
        bot_ = make_bot();
        silent_bot_ = make_bot({{"post_call_push", nullptr}});
    }

    // As a worker does: the same bytes again until they are answered, over any number of crashes.
    answer insist(http_caller& own, std::string const& method, std::string const& path,
                  std::string const& body, bool gives_up) {
        for (;;) {
            auto got = own.call(method, api_url + path, {{"X-CXBCore-Secret", core_secret}}, body);
            if ((got.status != 0 && got.status < 500) || gives_up) return got;
            test::short_pause();
        }
    }

    void one_call(http_caller& own, std::mt19937_64& random, std::string const& name) {
        auto const chance = [&](int percent) {
            return std::uniform_int_distribution(1, 100)(random) <= percent;
        };
        told_call call;
        call.pushes = chance(80);
        call.summary = "summary of " + name;
        auto const& bot = call.pushes ? bot_ : silent_bot_;
        std::string session = name;
        if (chance(50)) {
            auto const got = insist(
                own, "GET",
                "/api/v1/config/" + bot + "?caller_id=%2B919876543210" + "&fetch_id=" + new_uuid7(),
                {}, chance(20));
            if (got.status != 200) return;
            session = wire::text_at(got.body, "session_id");
            call.config = true;
        }
        auto body = full_result(session, bot);
        body["post_call_analysis"] =
            wire::json_object{{"DISPOSITION", "PTP"}, {"SUMMARY", call.summary}};
        if (chance(50)) body["result_id"] = new_uuid7();
        auto const bytes = wire::to_text(body);
        if (chance(95)) {
            auto const got = insist(own, "POST", "/api/v1/call-results", bytes, chance(15));
            call.result = got.status == 200;
            EXPECT_TRUE(got.status == 200 || got.status == 0 || got.status >= 500) << got.text;
            // A repeat of what was answered, or of what was not, changes nothing.
            if (chance(40)) (void)insist(own, "POST", "/api/v1/call-results", bytes, true);
        }
        std::scoped_lock const lock(mutex_);
        told_.insert_or_assign(session, call);
        repeatable_.push_back(bytes);
        ++progress_;
    }

    // Posts results of others again, whoever has them acknowledged or given up. Only those that
    // were begun: what a worker gave up may so become a result after all, but never twice.
    void repeat_results(std::mt19937_64 random) {
        http_caller own;
        while (!over_) {
            std::string bytes;
            {
                std::scoped_lock const lock(mutex_);
                if (!repeatable_.empty())
                    bytes = repeatable_[std::uniform_int_distribution<std::size_t>(
                        0, repeatable_.size() - 1)(random)];
            }
            if (!bytes.empty()) (void)insist(own, "POST", "/api/v1/call-results", bytes, true);
            test::short_pause();
        }
    }

    void work(int number, std::mt19937_64 random) {
        http_caller own;
        for (int n = 0; !over_; ++n)
            one_call(own, random, "kill-" + std::to_string(number) + "-" + std::to_string(n));
    }

    // Lets the load run for a random while; the moment of the kill is the point of this test.
    void kill_some_time(std::mt19937_64& random) {
        auto const during_start = std::uniform_int_distribution(1, 100)(random) <= 15;
        auto const moment = std::chrono::milliseconds(
            std::uniform_int_distribution(0, during_start ? 300 : 500)(random));
        if (!during_start) {
            wait_api();
            auto const before = progress_.load();
            EXPECT_TRUE(test::eventually([&] { return progress_ > before; }));
        }
        auto const end = std::chrono::steady_clock::now() + moment;
        (void)test::eventually([&] { return std::chrono::steady_clock::now() >= end; });
        kill_api();
    }

    void storm() {
        std::mt19937_64 random(seed_);
        std::vector<std::jthread> workers;
        for (int i = 0; i < worker_count; ++i)
            workers.emplace_back([this, i] { work(i, std::mt19937_64(seed_ + 1 + i)); });
        workers.emplace_back([this] { repeat_results(std::mt19937_64(seed_ + 1000)); });
        for (int round = 0; round < kills_; ++round) {
            // Some answers of the CRM are lost on the way, so attempts lie in wait at the kill.
            crm.answer_with(round % 3 == 1 ? 503 : 200);
            kill_some_time(random);
            launch_api();
        }
        crm.answer_with(200);
        wait_api();
        over_ = true;
    }

    // Rows of one statement on the store's file, columns parted by tabs.
    std::vector<std::vector<std::string>> rows(std::string const& statement) {
        auto const got = test::run_program(
            {"sqlite3", "-separator", "\t", (scratch / "data/cxb.db").string(), statement});
        EXPECT_EQ(got.exit_code, 0) << got.errors;
        std::vector<std::vector<std::string>> out;
        std::istringstream lines(got.output);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream cells(line + "\t");
            auto& row = out.emplace_back();
            for (std::string cell; std::getline(cells, cell, '\t');)
                row.push_back(cell);
        }
        return out;
    }

    int count_of(std::string const& statement) {
        auto const got = rows(statement);
        return got.empty() ? -1 : std::stoi(got.front().front());
    }

    std::map<std::string, kept_call> kept_calls() {
        std::map<std::string, kept_call> out;
        for (auto const& row :
             rows("select json_extract(doc,'$.session_id'), json_extract(doc,'$.status'),"
                  " coalesce(json_extract(doc,'$.push_state'),''),"
                  " coalesce(json_extract(doc,'$.post_call_analysis.SUMMARY'),'') from calls")) {
            auto& call = out[row.at(0)];
            call.status = row.at(1);
            call.push_state = row.at(2);
            call.summary = row.at(3);
            ++call.copies;
        }
        return out;
    }

    // The API has nothing left to do: no push waits or runs.
    bool pushes_are_done() {
        return asking_eventually(
            [&] {
                return count_of(
                           "select count(*) from jobs where json_extract(doc,'$.state') in"
                           " ('queued','running')") == 0;
            },
            std::chrono::seconds{180});
    }

    void check_store(std::map<std::string, kept_call> const& kept) {
        for (auto const& [session, call] : kept)
            EXPECT_EQ(call.copies, 1) << session << " stands there more than once";
        for (auto const& [session, call] : told_) {
            if (!call.config && !call.result) continue;
            auto const at = kept.find(session);
            if (at == kept.end()) {
                ADD_FAILURE() << session << " was answered 200 and is lost";
                continue;
            }
            if (!call.result) continue;
            EXPECT_EQ(at->second.status, "completed") << session;
            EXPECT_EQ(at->second.summary, call.summary) << session;
            EXPECT_EQ(at->second.push_state, call.pushes ? "delivered" : "none") << session;
        }
        EXPECT_EQ(count_of("select count(*) from (select json_extract(doc,'$.key') k from jobs"
                           " group by k having count(*) > 1)"),
                  0);
        EXPECT_EQ(count_of("select count(*) from jobs where json_extract(doc,'$.state') <> 'done'"),
                  0);
    }

    void check_crm(std::map<std::string, kept_call> const& kept) {
        std::map<std::string, std::set<std::string>> ids;
        std::map<std::string, std::set<std::string>> contents;
        for (auto const& attempt : crm.attempts()) {
            EXPECT_TRUE(attempt.verified) << attempt.call_id;
            ids[attempt.call_id].insert(attempt.webhook_id);
            contents[attempt.call_id].insert(wire::to_text(attempt.fields));
        }
        auto const accepted = crm.accepted();
        for (auto const& [session, call] : kept) {
            bool const due = call.push_state == "delivered";
            EXPECT_EQ(accepted.contains(session), due) << session;
            if (!due) continue;
            EXPECT_EQ(ids[session].size(), 1U) << session << " under several webhook ids";
            EXPECT_EQ(contents[session].size(), 1U) << session << " with several contents";
            EXPECT_NE(contents[session].begin()->find("\"" + call.summary + "\""),
                      std::string::npos)
                << session;
        }
        for (auto const& [session, used] : ids)
            EXPECT_TRUE(kept.contains(session)) << session << " was pushed and is not stored";
    }

    int kills_ = 0;
    unsigned long seed_ = 0;
    std::string bot_;
    std::string silent_bot_;
    std::mutex mutex_;
    std::map<std::string, told_call> told_;
    std::vector<std::string> repeatable_;
    std::atomic<bool> over_{false};
    std::atomic<int> progress_{0};
};

// 21-1, 10-21, 20-38: what was answered 200 is on disk and pushed under one webhook id.
TEST_F(ApiCrashUnderLoad, LosesNothingAndPushesUnderOneId) {
    storm();
    ASSERT_TRUE(pushes_are_done());
    auto const kept = kept_calls();
    check_store(kept);
    check_crm(kept);
    std::size_t configs = 0;
    std::size_t results = 0;
    for (auto const& [session, call] : told_) {
        configs += call.config ? 1 : 0;
        results += call.result ? 1 : 0;
    }
    std::printf("%d kills: %zu configs and %zu results answered 200, %zu calls kept, %zu pushes\n",
                kills_, configs, results, kept.size(), crm.attempts().size());
    EXPECT_GT(configs, 0U);
    EXPECT_GT(results, static_cast<std::size_t>(kills_));
    // What the store's file says, the API says.
    auto const shown = call_of(told_.begin()->first);
    EXPECT_FALSE(shown.empty());
}

}  // namespace
}  // namespace cxb::e2e
