#pragma once
// Turns of the retention as the test wants them, over calls made through the API: its clock stands
// still, and its own clean-up does not run.
#include <filesystem>

#include "cxb/testing/fake_clock.hpp"
#include "server/api/retention/retention.hpp"
#include "server/api/store_beside.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api::test {

using namespace std::chrono_literals;

struct retention_test : api_test {
    testing::fake_clock clock;
    std::atomic<int> crm_status{200};
    peer crm{[this](wire::http_request const&, int) { return json_reply(crm_status, "{}"); }};
    server::metrics_registry metrics;
    std::unique_ptr<store_beside> other;
    std::string bot;

    void SetUp() override {
        surroundings.time = &clock;
        settings.push_wait_scale = 1;
        settings.jwt.current = secret("0123456789abcdef0123456789abcdef");
    }
    void TearDown() override { stop(); }  // before the clock goes
    void begin() {
        start();
        other = std::make_unique<store_beside>(settings);
        ASSERT_TRUE(other->run((*other)->ensure(server::jobs)));
        bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    }

    static constexpr char const* lease_name = "retention_of_test";

    static retention_block days(int calls, int recordings, int transcripts, int trace) {
        retention_block out;
        out.calls_days = calls;
        out.recordings_days = recordings;
        out.transcripts_days = transcripts;
        out.trace_days = trace;
        return out;
    }
    // One turn under a lease of its own, over this view of the store.
    result<retention_counts> turn_over(store::document_store& store, retention_block kept) {
        server::loop_lease lease(store, clock, {.name = lease_name, .owner = "test"});
        EXPECT_EQ(other->run(lease.keep()).value(), server::lease_change::taken);
        auto out =
            other->run(apply_retention({store, clock, system_random(), metrics}, kept, lease));
        EXPECT_TRUE(other->run(lease.release()));
        return out;
    }
    retention_counts turn(retention_block kept) {
        auto const done = turn_over(**other, kept);
        EXPECT_TRUE(done) << done.error().to_log_text();
        return done ? *done : retention_counts{};
    }
    double counted(char const* what) {
        return metrics.get_counter("cxb_retention_removed_total", {what}).value();
    }

    // The token has ended meanwhile.
    void pass(std::chrono::nanoseconds time) {
        clock.advance(time);
        forget_token();
    }
    answer get(std::string const& path) {
        clock.advance(100ms);  // the rate limit is not the subject
        return admin("GET", "/api/v1/" + path);
    }
    answer call(std::string const& session) { return get("calls/" + session); }
    std::string why(std::string const& kind, std::string const& session) {
        auto const got = get("why/" + kind + "/" + session);
        return std::string(got.json.at("reasons").at(0).at("code").as_string());
    }

    struct made_call {
        std::string session, key, link;
    };
    made_call begin_call() {
        auto const got = core("POST", "/api/v1/config/" + bot,
                              json_object{{"caller_id", "+919876543210"},
                                          {"connected_event", {{"customer", "Zaveri"}}}});
        EXPECT_EQ(got.status, 200) << got.body;
        return {got.text("session_id"), got.text("recording.key"),
                got.text("recording.storage.upload_url").substr(url().size())};
    }
    answer upload(made_call const& to) {
        return send_text("PUT", to.link, "RIFF", {{"Content-Type", "audio/wav"}});
    }
    json_object result_of(std::string const& session, json_object extra = {}) {
        json_object out{{"session_id", session},
                        {"disconnected_by", "customer"},
                        {"call_duration_seconds", 42},
                        {"transcript", {{{"role", "user"}, {"content", "Zaveri bol raha hoon"}}}},
                        {"events",
                         {{{"type", "tool_call"},
                           {"at_seconds", 2},
                           {"name", "get_premium"},
                           {"data", {{"customer", "Zaveri"}}}}}},
                        {"post_call_analysis", {{"DISPOSITION", "PTP"}}}};
        for (auto& [name, value] : extra)
            out[name] = value;
        return out;
    }
    // A finished call with a recording whose push was delivered.
    made_call whole_call() {
        auto made = begin_call();
        EXPECT_EQ(upload(made).status, 201);
        EXPECT_EQ(
            post_result(result_of(made.session, {{"recording_key", made.key}})).text("result"),
            "stored");
        if (crm_status == 200)
            EXPECT_TRUE(
                eventually([&] { return call(made.session).text("push_state") == "delivered"; }));
        return made;
    }
    std::filesystem::path file(made_call const& of) const {
        return std::filesystem::path(settings.data_dir) / "objects" / of.key;
    }
    bool is_gone(made_call const& recording) {
        return eventually([&] { return !std::filesystem::exists(file(recording)); });
    }
    std::vector<json_object> rows(store::collection const& from, std::string const& session) {
        store::find_options all;
        all.limit = 0;
        return other->run((*other)->find(from, model::of_session(session), all)).value().items;
    }
    std::size_t rows_left(std::string const& session) {
        std::size_t out = 0;
        for (auto const* from : {&model::calls, &model::call_trace, &model::dialouts,
                                 &model::call_refusals, &server::jobs})
            out += rows(*from, session).size();
        return out;
    }
    // Calls as bare documents, oldest first, a second apart; without the API.
    void put_calls(std::size_t count) {
        std::vector<json_object> documents;
        for (std::size_t i = 0; i < count; ++i) {
            auto const at = format_timestamp(clock.now() + seconds{static_cast<long>(i)});
            documents.push_back({{"session_id", "s-" + std::to_string(i)},
                                 {"call_type", "bot"},
                                 {"status", "completed"},
                                 {"has_recording", true},
                                 {"recording_key", "2026/01/01/s-" + std::to_string(i) + ".wav"},
                                 {"transcript", {{{"role", "user"}, {"content", "Zaveri"}}}},
                                 {"rev", 1},
                                 {"created_at", at}});
        }
        EXPECT_TRUE(other->run((*other)->bulk_insert(model::calls, std::move(documents))));
    }
    std::int64_t calls_where(store::condition what) {
        return other->run((*other)->count(model::calls, store::all_of({std::move(what)}))).value();
    }
};

}  // namespace cxb::api::test
