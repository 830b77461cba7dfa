// Three instances of the API under load while they, and Redis, are killed and paused at random.
// Afterwards a program that shares no code with them compares what was acknowledged with the store,
// with what the CRM and the host saw, and with what the logs say about leases.
//
// CXB_TEST_STORM_ROUNDS  how many disturbances (default 7, which takes less than 25 s)
// CXB_TEST_SEED          repeats the decisions of a run; it is printed by each
#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "cxb/base/ids.hpp"
#include "e2e/instances.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr unsigned long default_rounds = 7;
constexpr int callers = 3;
constexpr int without_end = 1'000'000;

unsigned long number_from(char const* name, unsigned long otherwise) {
    char const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr ? std::strtoul(text, nullptr, 10) : otherwise;
}

std::string const checker = std::string(CXB_SOURCE_DIR) + "/tests/e2e/instances_check.py";

class InstancesInAStorm : public instances {
  protected:
    void SetUp() override {
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
        rounds_ = number_from("CXB_TEST_STORM_ROUNDS", default_rounds);
        seed_ = number_from("CXB_TEST_SEED", std::random_device{}());
        std::printf("CXB_TEST_STORM_ROUNDS=%lu CXB_TEST_SEED=%lu\n", rounds_, seed_);
        ASSERT_NO_FATAL_FAILURE(start_all());
        if (IsSkipped()) return;
        bot_ = make_bot({{"pre_call_fetch", nullptr}});
        auto const made =
            admin("POST", "/api/v1/api-keys", {{"name", "crm"}, {"rate_limit_per_second", 200}});
        ASSERT_EQ(made.status, 201) << made.text;
        api_key = std::string(wire::text_at(made.body, "key"));
        forbid(api_key);
        core_host const listed{nullptr, host->url()};
        set_fleet({&listed});
        wait_until_known();
    }
    void TearDown() override {
        over_ = true;
        if (redis) instances::TearDown();
    }

    // The bot and the fleet are served by every instance.
    void wait_until_known() {
        http_caller own;
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_TRUE(test::eventually([&] {
                return own.call("GET", url(i) + "/api/v1/config/" + bot_, core_headers()).status ==
                       200;
            }));
    }
    wire::header_list core_headers() const { return {{"X-CXBCore-Secret", core_secret}}; }

    // --- load ------------------------------------------------------------------------------------
    // The switch reports a call on its own, at any time.
    std::future<bool> send_cdr(std::string stream, std::size_t first) {
        return std::async(std::launch::async, [this, stream = std::move(stream), first] {
            caller own(*this, first);
            auto const body =
                wire::to_text(wire::json_object{{"streamId", stream}, {"talktime", 7}});
            return own.insist("POST", "/api/v1/cdr", core_headers(), body, without_end).status ==
                   200;
        });
    }

    // A worker that died leaves this behind before the whole result turns up.
    bool post_minimal(caller& own, std::string const& session) {
        wire::json_object const body{
            {"session_id", session}, {"bot_id", bot_}, {"disconnected_by", "error"}};
        return own.insist("POST", "/api/v1/call-results", core_headers(), wire::to_text(body), 2)
                   .status != 400;
    }

    void one_call(caller& own, std::mt19937_64& random, std::string const& name) {
        auto const chance = [&](int percent) {
            return std::uniform_int_distribution(1, 100)(random) <= percent;
        };
        wire::json_object told{{"config", false}, {"result", false}};
        auto const summary = "summary of " + name;
        auto const stream = "stream-" + name;
        auto session = name;
        int const tries = chance(15) ? 1 : without_end;
        std::future<bool> cdr;
        if (chance(30)) cdr = send_cdr(stream, random() % count);
        if (chance(50)) {
            auto const query = "?fetch_id=" + new_uuid7() + "&stream_id=" + stream;
            auto const got =
                own.insist("GET", "/api/v1/config/" + bot_ + query, core_headers(), {}, tries);
            if (got.status != 200) return;
            session = wire::text_at(got.body, "session_id");
            told["config"] = true;
        }
        if (chance(20)) told["minimal"] = post_minimal(own, session);
        auto body = full_result(session, bot_);
        body["stream_id"] = stream;
        body["post_call_analysis"] =
            wire::json_object{{"DISPOSITION", "PTP"}, {"SUMMARY", summary}};
        auto const bytes = wire::to_text(body);
        auto const got = own.insist("POST", "/api/v1/call-results", core_headers(), bytes, tries);
        told["result"] = got.status == 200;
        told["summary"] = wire::json_value(summary);
        EXPECT_TRUE(got.status == 200 || got.status == 0 || got.status >= 500) << got.text;
        // To another instance, at once: changes nothing.
        if (chance(40)) (void)own.insist("POST", "/api/v1/call-results", core_headers(), bytes, 2);
        if (cdr.valid()) told["cdr"] = cdr.get();
        std::scoped_lock const lock(mutex_);
        calls_[session] = std::move(told);
        ++progress_;
    }

    void one_dialout(caller& own, std::string const& order) {
        auto const body = wire::to_text(wire::json_object{
            {"bot_id", bot_}, {"to_number", "1001"}, {"variables", {{"order", order}}}});
        wire::header_list const headers{{"X-API-Key", api_key}, {"Idempotency-Key", order}};
        wire::json_array answers;
        // As a CRM that got no answer does: again, and once more to make sure.
        for (int i = 0; i < 3; ++i) {
            auto const got = own.insist("POST", "/api/v1/sip/dialout", headers, body, 2);
            answers.push_back(
                wire::json_object{{"status", got.status},
                                  {"code", wire::text_at(got.body, "code")},
                                  {"session", wire::text_at(got.body, "session_id")}});
        }
        std::scoped_lock const lock(mutex_);
        orders_[order] = std::move(answers);
    }

    void work(int number, std::mt19937_64 random) {
        caller own(*this, static_cast<std::size_t>(number));
        for (int n = 0; !over_; ++n) {
            auto const name = "storm-" + std::to_string(number) + "-" + std::to_string(n);
            if (n % 8 == 0)
                one_dialout(own, name);
            else
                one_call(own, random, name);
        }
    }

    // --- disturbances ----------------------------------------------------------------------------
    // Lets the load run on for a while; the random moment is the point of this test.
    static void run_on(std::chrono::milliseconds time) {
        auto const end = steady::now() + time;
        (void)test::eventually([&] { return steady::now() >= end; }, time + 1s);
    }
    std::chrono::milliseconds between(std::mt19937_64& random, int low, int high) {
        return std::chrono::milliseconds(std::uniform_int_distribution(low, high)(random));
    }

    enum class kind { kill, pause, pause_past_leases, redis, redis_pause, kill_beside_pause, end };

    // Each kind comes once before any comes again, so that a short run has all; their order, whom
    // they meet and when are random.
    kind next_kind(std::mt19937_64& random) {
        if (kinds_.empty()) {
            for (int i = 0; i < static_cast<int>(kind::end); ++i)
                kinds_.push_back(static_cast<kind>(i));
            std::shuffle(kinds_.begin(), kinds_.end(), random);
        }
        auto const out = kinds_.back();
        kinds_.pop_back();
        return out;
    }

    void kill_and_start(std::size_t whom, std::mt19937_64& random) {
        kill(whom);
        run_on(between(random, 0, 200));
        launch(whom);
        wait_for(whom);
    }

    void disturb(std::mt19937_64& random) {
        auto const whom = std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
        switch (next_kind(random)) {
            case kind::kill:
                kill_and_start(whom, random);
                break;
            case kind::pause:
                pause(whom);
                run_on(between(random, 200, 1500));
                go_on(whom);
                break;
            case kind::pause_past_leases:
                // Longer than every lease: others take what it held, then it wakes up.
                pause(whom);
                run_on(std::chrono::seconds{lease_seconds} + between(random, 500, 1500));
                go_on(whom);
                break;
            case kind::redis:
                redis->kill();
                run_on(between(random, 200, 800));
                redis->start();
                break;
            case kind::redis_pause:
                redis->pause();
                run_on(between(random, 200, 800));
                redis->go_on();
                break;
            case kind::kill_beside_pause:
            case kind::end:
                // One serves alone; the one that died may have to wait for the one that sleeps.
                pause(whom);
                kill((whom + 1) % count);
                run_on(between(random, 200, 1500));
                go_on(whom);
                launch((whom + 1) % count);
                wait_for((whom + 1) % count);
                break;
        }
    }

    void storm() {
        std::mt19937_64 random(seed_);
        test::child_process watch(
            {.name = "watch",
             .arguments = {"python3", checker, "watch", readable_store(),
                           (scratch / "watch.stop").string(), (scratch / "watch.json").string(),
                           std::to_string(lease_seconds)},
             .environment = {},
             .directory = scratch.path()});
        std::vector<std::jthread> workers;
        for (int i = 0; i < callers; ++i)
            workers.emplace_back([this, i] { work(i, std::mt19937_64(seed_ + 1 + i)); });
        for (unsigned long round = 0; round < rounds_; ++round) {
            auto const before = progress_.load();
            EXPECT_TRUE(test::eventually([&] { return progress_ > before; }));
            crm.answer_with(round % 3 == 1 ? 503 : 200);
            run_on(between(random, 50, 400));
            disturb(random);
        }
        crm.answer_with(200);
        over_ = true;
        workers.clear();
        std::ofstream(scratch / "watch.stop") << "stop";
        EXPECT_EQ(watch.wait_exit(), 0) << watch.log_text();
    }

    // --- what is left for the checker ------------------------------------------------------------
    void write_facts() {
        wire::json_array urls;
        for (std::size_t i = 0; i < count; ++i)
            urls.emplace_back(url(i));
        auto const login = admin("GET", "/api/v1/auth/me");
        EXPECT_EQ(login.status, 200);
        std::ofstream(scratch / "facts.json")
            << wire::to_text(wire::json_object{{"calls", calls_},
                                               {"orders", orders_},
                                               {"attempts", attempt_facts(crm)},
                                               {"dials", dial_facts(*host)},
                                               {"urls", urls},
                                               {"bearer", bearer()},
                                               {"store", readable_store()},
                                               {"watch", (scratch / "watch.json").string()},
                                               {"logs", (log_folder() / "instance-*.log").string()},
                                               {"lease_seconds", lease_seconds},
                                               {"reservation_seconds", reservation_seconds}});
    }

    unsigned long rounds_ = 0;
    unsigned long seed_ = 0;
    std::string bot_;
    std::mutex mutex_;
    wire::json_object calls_;
    wire::json_object orders_;
    std::atomic<bool> over_{false};
    std::atomic<int> progress_{0};
    std::vector<kind> kinds_;
};

// 21-1, 21-2, 21-27, 21-30, 21-42: over three processes that come and go.
TEST_F(InstancesInAStorm, LoseNothingAndDoNothingTwice) {
    storm();
    // The facts are whole once the last push has arrived.
    for (char const* step : {"settle", "check"}) {
        write_facts();
        auto const done = test::run_program(
            {"python3", checker, step, (scratch / "facts.json").string()}, {}, {}, 180s);
        std::printf("%s", done.output.c_str());
        EXPECT_EQ(done.exit_code, 0) << done.errors;
    }
    EXPECT_GT(calls_.size(), rounds_);
    EXPECT_FALSE(orders_.empty());
}

// A change made at one is served by the others, whoever made it.
TEST_F(InstancesInAStorm, ServeWhatAnotherSaved) {
    http_caller own;
    auto const began = steady::now();
    for (std::size_t i = 0; i < 2 * count; ++i) {
        auto const text = "opening " + std::to_string(i);
        api_url = url(i % count);
        EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot_, {{"opening_message", text}}).status, 200);
        for (std::size_t other = 0; other < count; ++other)
            EXPECT_TRUE(test::eventually([&] {
                auto const got =
                    own.call("GET", url(other) + "/api/v1/config/" + bot_, core_headers());
                return wire::text_at(got.body, "opening_message") == text;
            }));
    }
    // By polling alone each step would take up to two seconds.
    EXPECT_LT(steady::now() - began, 8s);
}

}  // namespace
}  // namespace cxb::e2e
