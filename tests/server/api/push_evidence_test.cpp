// CRM push over days of fake time: spacing, rotation, replay rules, which state names what.
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
namespace webhook = contract::webhook;

struct PushInTime : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::atomic<int> status{200};
    peer crm{[this](wire::http_request const&, int) { return json_reply(status, "{}"); }};

    void SetUp() override {
        surroundings.time = &clock;
        settings.push_wait_scale = 1;
        start();
    }
    std::string bot_with(json_object push) {
        push["url"] = crm.url() + "/calls";
        return make_bot({{"post_call_push", push}});
    }
    std::string finished_call(std::string const& bot, json_object event = {}) {
        auto const got =
            core("POST", "/api/v1/config/" + bot, json_object{{"connected_event", event}});
        std::string const session = got.text("session_id");
        EXPECT_EQ(post_result({{"session_id", session},
                               {"disconnected_by", "customer"},
                               {"call_duration_seconds", 42},
                               {"post_call_analysis", {{"DISPOSITION", "PTP"}}}})
                      .status,
                  200);
        return session;
    }
    std::string state(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session).text("push_state");
    }
    json_value jobs(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session + "/pushes").json;
    }
    // Attempts made and the job waits again, or it is over.
    bool attempted(std::string const& session, int times) {
        return eventually([&] {
            auto const job = jobs(session).at(0);
            return job.at("attempts").to_number<int>() == times &&
                   job.at("state").as_string() != "running";
        });
    }
    answer replay(std::string const& session, char const* mode) {
        return admin("POST", "/api/v1/calls/" + session + "/push", json_object{{"mode", mode}});
    }
};

TEST_F(PushInTime, AttemptsAreSpacedAndSignedAnew) {  // 21-14
    status = 503;
    std::string const bot = bot_with({{"sign", true}});
    secret const secrets[] = {
        secret(admin("POST", "/api/v1/bots/" + bot + "/push-secret/rotate").text("secret"))};
    std::string const session = finished_call(bot);
    ASSERT_TRUE(attempted(session, 1));
    clock.advance(36s);  // 30 s x 1.2 at most
    ASSERT_TRUE(attempted(session, 2));
    status = 200;
    clock.advance(72s);
    ASSERT_TRUE(eventually([&] { return state(session) == "delivered"; }));
    auto const got = crm.requests();
    ASSERT_EQ(got.size(), 3U);
    std::set<std::string> stamps;
    std::set<std::string> signatures;
    for (auto const& one : got) {
        EXPECT_EQ(one.body, got[0].body);
        EXPECT_EQ(one.headers.get("webhook-id"), got[0].headers.get("webhook-id"));
        stamps.emplace(one.headers.get(webhook::timestamp_header));
        signatures.emplace(one.headers.get(webhook::signature_header));
        EXPECT_TRUE(webhook::verify(one.headers, one.body, secrets, clock.now()));
    }
    EXPECT_EQ(stamps.size(), 3U);
    EXPECT_EQ(signatures.size(), 3U);
}

TEST_F(PushInTime, ARotatedSecretSignsAlongForADay) {  // 21-19
    std::string const bot = bot_with({{"sign", true}});
    auto const rotate = [&] {
        return secret(admin("POST", "/api/v1/bots/" + bot + "/push-secret/rotate").text("secret"));
    };
    secret const old[] = {rotate()};
    clock.advance(48h);
    forget_token();
    secret const fresh[] = {rotate()};
    auto const verified = [&](std::span<secret const> by) {
        std::string const session = finished_call(bot);
        EXPECT_TRUE(eventually([&] { return state(session) == "delivered"; }));
        auto const got = crm.requests().back();
        return webhook::verify(got.headers, got.body, by, clock.now()).has_value();
    };
    EXPECT_TRUE(verified(old));
    EXPECT_TRUE(verified(fresh));
    clock.advance(24h - 1min);
    forget_token();
    EXPECT_TRUE(verified(old));
    clock.advance(2min);
    EXPECT_FALSE(verified(old));
    EXPECT_TRUE(verified(fresh));
    EXPECT_EQ(crm.requests().back().headers.get(webhook::signature_header).find(' '),
              std::string_view::npos);
}

TEST_F(PushInTime, ReplayHasItsRules) {  // 21-15
    status = 503;
    std::string const bot = bot_with({});
    std::string const session = finished_call(bot);
    ASSERT_TRUE(attempted(session, 1));
    for (char const* mode : {"same", "rebuild"}) {
        auto const refused = replay(session, mode);
        EXPECT_EQ(refused.status, 409) << mode;
        EXPECT_EQ(refused.text("code"), "push_in_progress");
    }
    std::string const running = config(bot).text("session_id");
    EXPECT_EQ(replay(running, "rebuild").text("detail"), "Call is not finished");
    std::string const silent = finished_call(make_bot());
    auto const none = replay(silent, "rebuild");
    EXPECT_EQ(none.status, 409);
    EXPECT_EQ(none.text("detail"), "No post-call push configured");
    EXPECT_EQ(replay("nobody", "same").status, 404);
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(PushInTime, TheStateNamesWhyNothingIsPushed) {  // spec 21 §1.3
    std::string const bot = bot_with({});
    auto const skipped = core("POST", "/api/v1/config/" + bot,
                              json_object{{"connected_event", {{"_skip_post_push", true}}}})
                             .text("session_id");
    EXPECT_EQ(post_result({{"session_id", skipped}, {"disconnected_by", "bot"}}).status, 200);
    EXPECT_EQ(state(skipped), "skipped");
    EXPECT_EQ(state(finished_call(bot_with({{"enabled", false}}))), "skipped");
    std::string const none = finished_call(make_bot());
    EXPECT_EQ(state(none), "none");
    EXPECT_TRUE(jobs(none).as_array().empty());
    // A push that is due comes; by then the others would have come as well.
    std::string const due = finished_call(bot);
    EXPECT_TRUE(eventually([&] { return state(due) == "delivered"; }));
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(PushInTime, GoneIsAudited) {  // 21-16
    status = 410;
    std::string const bot = bot_with({});
    std::string const session = finished_call(bot);
    ASSERT_TRUE(eventually([&] { return state(session) == "dead"; }));
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + bot).json.at("post_call_push").at("enabled").as_bool(),
              false);
    auto const rows = cxb::test::run_sqlite(
        settings.data_dir + "/cxb.db",
        "select json_extract(doc,'$.actor.type'), json_extract(doc,'$.target.id') from audit_log"
        " where json_extract(doc,'$.actor.type') = 'system' and"
        " json_extract(doc,'$.target.type') = 'bot'");
    EXPECT_EQ(rows.output, "system|" + bot + "\n") << rows.errors;
}

TEST_F(PushInTime, TheMapperExampleGivesExactlyThatBody) {  // 21-11
    std::string const bot = bot_with({{"key_mapper",
                                       {{"disposition", "{{analysis.DISPOSITION}}"},
                                        {"duration", "{{result.call_duration_seconds}}"},
                                        {"customer_id", "{{CUSTOMERID}}"},
                                        {"x", "{{analysis.NOPE}}"},
                                        {"d", "{{DISPOSITION}}"}}}});
    std::string const session = finished_call(bot, {{"CUSTOMERID", "C9"}});
    ASSERT_TRUE(eventually([&] { return state(session) == "delivered"; }));
    EXPECT_EQ(crm.requests().at(0).body,
              R"({"disposition":"PTP","duration":"42","customer_id":"C9","x":"","d":""})");
}

TEST_F(PushInTime, TheIntegrationLogShowsNoSecret) {  // 21-20
    std::string const id =
        make_bot({{"pre_call_fetch",
                   {{"url", crm.url() + "/customer?pan={{call.pan}}"},
                    {"method", "POST"},
                    {"auth", {{"type", "bearer"}, {"token", "tok-in-header-1"}}},
                    {"body", {{"api_key", "key-in-body-22"}, {"name", "visible-name"}}}}}});
    auto const got = core("POST", "/api/v1/config/" + id,
                          json_object{{"connected_event", {{"pan", "ABCDE1234F"}}}});
    auto const call = admin("GET", "/api/v1/calls/" + got.text("session_id"));
    auto const log = wire::to_text(call.json.at("integration_log"));
    EXPECT_NE(log.find("visible-name"), std::string::npos) << log;
    for (char const* hidden : {"tok-in-header-1", "key-in-body-22", "ABCDE1234F"})
        EXPECT_EQ(log.find(hidden), std::string::npos) << log;
    EXPECT_NE(log.find("***"), std::string::npos) << log;
    EXPECT_EQ(crm.requests().at(0).headers.get("Authorization"), "Bearer tok-in-header-1");
}

// 21-5: what comes before the first attempt goes out with it; what comes later goes out again.
TEST_F(PushInTime, AFullResultBeforeTheFirstAttemptIsTheOnlyPush) {
    settings.jobs.workers = 0;
    restart();
    std::string const bot =
        bot_with({{"key_mapper", {{"result", "{{analysis.DISPOSITION}}/{{result.status}}"}}}});
    std::string const session = config(bot).text("session_id");
    json_object const minimal{{"session_id", session}, {"disconnected_by", "error"}};
    json_object const full{{"session_id", session},
                           {"disconnected_by", "customer"},
                           {"call_duration_seconds", 42},
                           {"transcript", {{{"role", "user"}, {"content", "haan"}}}},
                           {"post_call_analysis", {{"DISPOSITION", "PTP"}}}};
    EXPECT_EQ(post_result(minimal).text("result"), "stored");
    EXPECT_EQ(post_result(full).text("result"), "updated");
    EXPECT_EQ(jobs(session).as_array().size(), 1U);
    settings.jobs.workers = 4;
    restart();
    ASSERT_TRUE(eventually([&] { return state(session) == "delivered"; }));
    ASSERT_EQ(crm.count(), 1U);
    EXPECT_EQ(crm.requests()[0].body, R"({"result":"PTP/completed"})");

    std::string const later = config(bot).text("session_id");
    auto first = minimal;
    first["session_id"] = wire::json_value(later);
    EXPECT_EQ(post_result(first).text("result"), "stored");
    ASSERT_TRUE(eventually([&] { return state(later) == "delivered"; }));
    auto second = full;
    second["session_id"] = wire::json_value(later);
    EXPECT_EQ(post_result(second).text("result"), "updated");
    ASSERT_TRUE(eventually([&] { return crm.count() == 3U && state(later) == "delivered"; }));
    auto const got = crm.requests();
    EXPECT_EQ(got[2].body, R"({"result":"PTP/completed"})");
    EXPECT_NE(got[1].headers.get("webhook-id"), got[2].headers.get("webhook-id"));
    EXPECT_NE(got[1].body, got[2].body);
}

// 21 §3.5: the log shows what was sent without its secrets, in a form as in JSON.
TEST_F(PushInTime, AFormIsLoggedWithoutItsSecrets) {
    auto const session = finished_call(bot_with(
        {{"format", "form"},
         {"key_mapper",
          {{"says", "a b&c"}, {"api_key", "k-123"}, {"inner", {{"token", "t-9"}, {"ok", 1}}}}}}));
    ASSERT_TRUE(eventually([&] { return state(session) == "delivered"; }));
    ASSERT_EQ(crm.count(), 1U);
    auto const sent = crm.requests()[0];
    EXPECT_EQ(sent.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_NE(sent.body.find("api_key=k-123"), std::string::npos) << sent.body;
    auto const call = admin("GET", "/api/v1/calls/" + session);
    std::string const shown(
        wire::text_at(call.json.at("integration_log").at(0).as_object(), "request_excerpt"));
    EXPECT_NE(shown.find("says=a%20b%26c"), std::string::npos) << call.body;
    EXPECT_NE(shown.find("api_key=***"), std::string::npos) << shown;
    EXPECT_EQ(call.body.find("k-123"), std::string::npos) << call.body;
    EXPECT_EQ(call.body.find("t-9"), std::string::npos) << call.body;
}

}  // namespace
}  // namespace cxb::api::test
