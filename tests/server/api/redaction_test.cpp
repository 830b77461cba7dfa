// Taking the person out of a call: what goes, what stays, and what comes too late (spec 21 §2).
#include <filesystem>
#include <fstream>

#include "cxb/store/open/open_document_store.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api::test {
namespace {

namespace fs = std::filesystem;
namespace model = server::model;
using namespace std::chrono_literals;

struct Redaction : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::atomic<int> crm_status{200};
    peer crm{[this](wire::http_request const&, int) {
        return json_reply(crm_status, R"({"echo":"Zaveri of Nagpur"})");
    }};
    std::string bot;

    void SetUp() override {
        surroundings.time = &clock;
        settings.push_wait_scale = 1;
        settings.jwt.current = secret("0123456789abcdef0123456789abcdef");
    }
    void begin() {
        start();
        bot = make_bot(
            {{"post_call_push",
              {{"url", crm.url() + "/zaveri"},
               {"key_mapper", {{"who", "{{call.customer}}"}, {"n", "{{result.caller_id}}"}}}}}});
    }
    // Everything about Zaveri of Nagpur, +919876543210.
    std::string personal_call(json_object extra = {}) {
        std::string const session =
            core("POST", "/api/v1/config/" + bot,
                 json_object{
                     {"caller_id", "+919876543210"},
                     {"stream_id", "st-" + std::to_string(++made_)},
                     {"connected_event", {{"customer", "Zaveri"}, {"did", "+911140000000"}}}})
                .text("session_id");
        json_object result{
            {"session_id", session},
            {"disconnected_by", "customer"},
            {"call_duration_seconds", 42},
            {"from_number", "09876543210"},
            {"transcript", {{{"role", "user"}, {"content", "Zaveri bol raha hoon"}}}},
            {"events",
             {{{"type", "tool_call"},
               {"at_seconds", 2},
               {"name", "get_premium"},
               {"duration_ms", 80},
               {"data", {{"customer", "Zaveri"}}}}}},
            {"intents", {{{"name", "Zaveri wants a loan"}}}},
            {"post_call_analysis", {{"DISPOSITION", "Zaveri will pay"}}},
            {"qc_analysis", {{"remarks", "Zaveri is from Nagpur"}}},
            {"transfer_reason", "Zaveri asked"},
            {"usage_metrics", {{{"kind", "llm"}, {"requests", 3}, {"prompt_tokens", 70}}}},
            {"unheard_of", {{"town", "Nagpur"}}}};
        for (auto& [name, value] : extra)
            result[name] = value;
        EXPECT_EQ(post_result(result).text("result"), "stored");
        return session;
    }
    answer get(std::string const& path) {
        clock.advance(100ms);  // the rate limit is not the subject
        return admin("GET", "/api/v1/" + path);
    }
    answer call(std::string const& session, char const* part = "") {
        return get("calls/" + session + part);
    }
    answer redact(std::string const& session, json_value const& body = {{"reason", "asked to"}}) {
        clock.advance(100ms);
        return admin("POST", "/api/v1/calls/" + session + "/redact", body);
    }
    // All that the store holds of a session, as text.
    std::string stored(std::string const& session) {
        auto const opened =
            store::open_document_store({.url = settings.store.url, .database = settings.store.db});
        net::event_loops loops{1};
        loops.start();
        std::string out;
        loops.run_and_wait([](store::document_store& from, std::string of,
                              std::string& to) -> boost::asio::awaitable<void> {
            for (auto const* where :
                 {&model::calls, &model::call_trace, &model::dialouts, &server::jobs}) {
                auto const page = co_await from.find(*where, model::of_session(of));
                EXPECT_TRUE(page);
                for (auto const& row : page->items)
                    to += wire::to_text(row) + "\n";
            }
        }(*opened->store, session, out));
        loops.stop();
        opened->store->close();
        return out;
    }
    // Jobs of a kind, as the list of all jobs shows them.
    std::string job_state(std::string const& session) {
        auto const found = get("ops/jobs?key=redact:" + session);
        return std::string(found.json.at("items").at(0).at("state").as_string());
    }
    bool is_pushed(std::string const& session) {
        return eventually([&] { return call(session).text("push_state") == "delivered"; });
    }

  private:
    int made_ = 0;
};

TEST_F(Redaction, ThePersonGoesAndTheCountsStay) {
    begin();
    auto const session = personal_call();
    auto const other = personal_call();
    core("POST", "/api/v1/cdr",
         json_object{{"streamId", "st-1"},
                     {"talktime", 40},
                     {"from", "+919876543210"},
                     {"recording", "https://pbx.example/Zaveri.wav"}});
    ASSERT_TRUE(is_pushed(session) && is_pushed(other));
    auto const before = stored(session);
    for (char const* word : {"Zaveri", "Nagpur", "9876543210", "Zaveri will pay"})
        EXPECT_NE(before.find(word), std::string::npos) << word;

    auto const done = redact(session);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.text("session_id"), session);
    auto const after = stored(session);
    for (char const* word :
         {"Zaveri", "zaveri", "Nagpur", "9876543210", "1140000000", "frozen_request", "bol raha"})
        EXPECT_EQ(after.find(word), std::string::npos) << word << "\n" << after;

    auto const shown = call(session);
    EXPECT_EQ(shown.text("redacted_at"), done.text("redacted_at"));
    EXPECT_EQ(shown.text("status"), "completed");
    EXPECT_EQ(shown.text("bot_id"), bot);
    EXPECT_EQ(shown.text("push_state"), "delivered");
    EXPECT_EQ(shown.json.at("call_duration_seconds").to_number<int>(), 42);
    EXPECT_EQ(shown.json.at("cdr_talktime").to_number<int>(), 40);
    EXPECT_EQ(shown.json.at("usage_metrics").at(0).at("prompt_tokens").to_number<int>(), 70);
    auto const& event = shown.json.at("events").at(0).as_object();
    EXPECT_EQ(wire::text_at(event, "name"), "get_premium");
    EXPECT_EQ(wire::int_at(event, "duration_ms"), 80);
    EXPECT_FALSE(event.contains("data"));
    EXPECT_EQ(shown.json.at("integration_log").at(0).at("status").to_number<int>(), 200);
    for (char const* gone :
         {"transcript", "connected_event", "crm_data", "post_call_analysis", "qc_analysis", "ext",
          "disposition", "intents", "cdr", "recording_key"})
        EXPECT_FALSE(shown.json.as_object().contains(gone)) << gone;
    EXPECT_NE(call(other).body.find("Zaveri"), std::string::npos) << "another call is untouched";

    auto const audit = get("audit?action=call.redact");
    EXPECT_EQ(audit.json.at("total").to_number<int>(), 1);
    EXPECT_NE(audit.body.find("asked to"), std::string::npos);
    EXPECT_NE(call(session, "/trace").body.find("\"redacted\""), std::string::npos);
}

TEST_F(Redaction, EqualNumbersStayEqual) {
    begin();
    auto const one = personal_call();
    auto const two = personal_call();
    ASSERT_EQ(redact(one).status, 200);
    ASSERT_EQ(redact(two).status, 200);
    auto const hash = call(one).text("caller_id");
    EXPECT_EQ(hash.size(), std::string("hash:").size() + 32);
    EXPECT_TRUE(hash.starts_with("hash:")) << hash;
    EXPECT_EQ(call(one).text("phone"), hash);
    EXPECT_EQ(call(one).text("from_number"), hash) << "written another way, the same number";
    EXPECT_EQ(call(two).text("caller_id"), hash);
    EXPECT_EQ(get("calls?phone=%2B919876543210").json.at("total").to_number<int>(), 0);
}

TEST_F(Redaction, OnceIsEnough) {
    begin();
    auto const session = personal_call();
    auto const first = redact(session);
    clock.advance(1h);
    auto const again = redact(session, {{"reason", "asked twice"}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(get("audit?action=call.redact").json.at("total").to_number<int>(), 1);
}

TEST_F(Redaction, WhatIsRefusedChangesNothing) {
    begin();
    auto const active = config(bot).text("session_id");
    auto const refused = redact(active);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.text("detail"), "Call is active");
    EXPECT_EQ(redact("nobody").status, 404);
    auto const session = personal_call();
    for (json_value const& body :
         {json_value(json_object{}), json_value(json_object{{"reason", ""}}),
          json_value(json_object{{"reason", 7}}),
          json_value(json_object{{"reason", std::string(501, 'x')}})}) {
        auto const got = redact(session, body);
        EXPECT_EQ(got.status, 422);
        EXPECT_NE(got.body.find("\"/reason\""), std::string::npos) << got.body;
    }
    auto const key = make_key({{"scopes", {"calls:read"}}});
    EXPECT_EQ(send("POST", "/api/v1/calls/" + session + "/redact", json_object{{"reason", "x"}},
                   {{"X-API-Key", key}})
                  .status,
              401);
    EXPECT_EQ(admin("POST", "/api/v1/auth/register",
                    json_object{{"email", "second@example.com"},
                                {"password", admin_password},
                                {"name", "Second"},
                                {"role", "admin"}})
                  .status,
              201);
    auto const second =
        send("POST", "/api/v1/auth/login",
             json_object{{"email", "second@example.com"}, {"password", admin_password}})
            .text("access_token");
    EXPECT_EQ(send("GET", "/api/v1/calls", nullptr, {{"Authorization", "Bearer " + second}}).status,
              200);
    EXPECT_EQ(send("POST", "/api/v1/calls/" + session + "/redact", json_object{{"reason", "x"}},
                   {{"Authorization", "Bearer " + second}})
                  .status,
              403);
    EXPECT_NE(call(session).body.find("Zaveri"), std::string::npos);
    EXPECT_EQ(get("audit?action=call.redact").json.at("total").to_number<int>(), 0);
}

TEST_F(Redaction, APushThatWaitsIsNotSent) {
    crm_status = 503;
    begin();
    auto const session = personal_call();
    auto const pushes = [&] { return call(session, "/pushes").json.at(0).as_object(); };
    ASSERT_TRUE(eventually([&] {
        auto const job = pushes();
        return wire::int_at(job, "attempts") == 1 && wire::text_at(job, "state") == "queued";
    }));
    auto const counted = [&] {
        return get("analytics/overview").json.at("pushes").at("queued").to_number<int>();
    };
    EXPECT_EQ(counted(), 1);
    ASSERT_EQ(redact(session).status, 200);
    EXPECT_EQ(counted(), 0);
    auto const job = pushes();
    EXPECT_EQ(wire::text_at(job, "state"), "cancelled");
    EXPECT_FALSE(job.contains("frozen_request"));
    EXPECT_EQ(call(session).text("push_state"), "skipped");
    auto const id = std::string(wire::text_at(job, "id"));
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + id + "/retry").status, 409);
    for (char const* mode : {"rebuild", "same"}) {
        auto const refused =
            admin("POST", "/api/v1/calls/" + session + "/push", json_object{{"mode", mode}});
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.text("detail"), "Call is redacted");
    }
    clock.advance(1h);
    // What is due by then is worked off: the next job of this process has been.
    ASSERT_TRUE(eventually([&] { return job_state(session) == "done"; }));
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Redaction, ADeadPushStaysDead) {
    crm_status = 400;
    begin();
    auto const session = personal_call();
    ASSERT_TRUE(eventually([&] { return call(session).text("push_state") == "dead"; }));
    ASSERT_EQ(redact(session).status, 200);
    auto const id = std::string(call(session, "/pushes").json.at(0).at("id").as_string());
    crm_status = 200;
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + id + "/retry").status, 200);
    ASSERT_TRUE(eventually([&] {
        auto const job = call(session, "/pushes").json.at(0).as_object();
        return wire::text_at(job, "state") == "dead" &&
               wire::text_at(job, "last_error") == "redacted";
    }));
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Redaction, WhatComesLaterStaysOutside) {
    begin();
    auto const session = personal_call();
    ASSERT_EQ(redact(session).status, 200);
    auto const before = call(session).body;
    auto const late = post_result({{"session_id", session},
                                   {"disconnected_by", "bot"},
                                   {"call_duration_seconds", 50},
                                   {"transcript", {{{"role", "user"}, {"content", "Zaveri"}}}}});
    EXPECT_EQ(late.status, 200);
    EXPECT_EQ(late.text("result"), "stale");
    auto const cdr =
        core("POST", "/api/v1/cdr", json_object{{"streamId", "st-1"}, {"from", "+919876543210"}});
    EXPECT_EQ(cdr.text("status"), "ok");
    EXPECT_EQ(call(session).body, before);
    EXPECT_EQ(stored(session).find("9876543210"), std::string::npos);
}

struct RedactedRecording : Redaction {
    std::string session;
    std::string link;
    std::string key;
    std::string public_path;

    void record() {
        begin();
        auto const got =
            core("POST", "/api/v1/config/" + bot, json_object{{"caller_id", "+919876543210"}});
        session = got.text("session_id");
        key = got.text("recording.key");
        link = got.text("recording.storage.upload_url").substr(url().size());
        ASSERT_EQ(upload().status, 201);
        post_result({{"session_id", session},
                     {"disconnected_by", "customer"},
                     {"call_duration_seconds", 9},
                     {"recording_key", key}});
        public_path = call(session).text("public_recording_url").substr(url().size());
        ASSERT_EQ(get("recordings/" + session).body, "RIFF");
        ASSERT_EQ(send("GET", public_path).body, "RIFF");
    }
    answer upload() { return send_text("PUT", link, "RIFF", {{"Content-Type", "audio/wav"}}); }
    fs::path file() const { return fs::path(settings.data_dir) / "objects" / key; }
    void expect_no_link() {
        EXPECT_EQ(get("recordings/" + session).status, 404);
        EXPECT_EQ(send("GET", public_path).status, 404);
        EXPECT_EQ(send("HEAD", public_path).status, 404);
    }
};

TEST_F(RedactedRecording, LinksEndAtOnceAndTheObjectIsRemoved) {
    record();
    ASSERT_EQ(redact(session).status, 200);
    expect_no_link();
    EXPECT_TRUE(eventually([&] { return !fs::exists(file()); }));
    EXPECT_TRUE(eventually([&] { return job_state(session) == "done"; }));
    EXPECT_EQ(call(session).json.at("has_recording").as_bool(), false);
}

// The process ends after the answer and before the removal: the job is still there.
TEST_F(RedactedRecording, AnEndInBetweenIsMadeGood) {
    settings.jobs.workers = 0;
    record();
    ASSERT_EQ(redact(session).status, 200);
    expect_no_link();
    EXPECT_TRUE(fs::exists(file()));
    EXPECT_EQ(job_state(session), "queued");
    stop();
    settings.jobs.workers = 4;
    start();
    EXPECT_TRUE(eventually([&] { return !fs::exists(file()); }));
    EXPECT_TRUE(eventually([&] { return job_state(session) == "done"; }));
    expect_no_link();
}

TEST_F(RedactedRecording, ARemovalThatFailsIsRepeated) {
    record();
    fs::remove(file());
    fs::create_directories(file());  // what unlink cannot remove
    ASSERT_EQ(redact(session).status, 200);
    auto const attempts = [&] {
        auto const found = get("ops/jobs?key=redact:" + session).json.at("items").at(0);
        return found.at("attempts").to_number<int>();
    };
    ASSERT_TRUE(eventually([&] { return attempts() == 1 && job_state(session) == "queued"; }));
    fs::remove(file());
    std::ofstream(file()) << "RIFF";
    clock.advance(36s);  // 30 s x 1.2 at most
    EXPECT_TRUE(eventually([&] { return job_state(session) == "done"; }));
    EXPECT_FALSE(fs::exists(file()));
}

// Also one whose process died before it could tell the call.
TEST_F(RedactedRecording, AnUploadThatComesLaterDoesNotStay) {
    record();
    ASSERT_EQ(redact(session).status, 200);
    ASSERT_TRUE(eventually([&] { return job_state(session) == "done"; }));
    EXPECT_EQ(upload().status, 404);
    EXPECT_FALSE(fs::exists(file()));
    expect_no_link();
    EXPECT_EQ(call(session).json.at("has_recording").as_bool(), false);
}

}  // namespace
}  // namespace cxb::api::test
