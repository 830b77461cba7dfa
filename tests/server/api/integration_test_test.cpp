// POST /bots/{id}/integrations/test (spec 21 §3.4): what would be sent, and what comes of sending.
#include "server/api/push/integration_test.hpp"

#include "server/api/api_fixture.hpp"
#include "server/api/config/crm_prefetch.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* hidden = "••••••••";

// Where nobody listens any more.
std::string left_url() {
    return peer([](wire::http_request const&, int) { return json_reply(200, "{}"); }).url();
}

struct IntegrationTest : api_test {
    std::atomic<int> status{200};
    std::string reply = R"({"customer":{"name":"Ravi"}})";
    peer crm{[this](wire::http_request const&, int) { return json_reply(status, reply); }};

    void SetUp() override { start(); }
    std::string bot_with(json_object fetch, json_object push) {
        // Switched off, so that calls of the tests ask nobody; it is tried all the same.
        fetch["enabled"] = false;
        fetch["url"] = crm.url() + "/customer?id={{call.cid}}";
        push["url"] = crm.url() + "/calls/{{result.call_id}}";
        return make_bot({{"pre_call_fetch", fetch}, {"post_call_push", push}});
    }
    std::string bot_with(json_object push = {}) { return bot_with({}, std::move(push)); }
    answer try_it(std::string const& bot, json_object const& body) {
        return admin("POST", "/api/v1/bots/" + bot + "/integrations/test", body);
    }
    answer push(std::string const& bot, json_object more = {}) {
        more["kind"] = "post_call_push";
        return try_it(bot, more);
    }
    answer fetch(std::string const& bot, json_object more = {}) {
        more["kind"] = "pre_call_fetch";
        return try_it(bot, more);
    }
    std::string finished_call(std::string const& bot) {
        auto const got = core("POST", "/api/v1/config/" + bot,
                              json_object{{"caller_id", "+919876543210"},
                                          {"connected_event", {{"_skip_post_push", true}}}});
        auto const session = got.text("session_id");
        EXPECT_EQ(post_result({{"session_id", session},
                               {"disconnected_by", "customer"},
                               {"call_duration_seconds", 7},
                               {"post_call_analysis", {{"DISPOSITION", "PTP"}}}})
                      .status,
                  200);
        return session;
    }
    std::string sql(std::string const& statement) const {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.errors, "");
        return got.output;
    }
    // Everything that is stored, but for audit rows and what guards them.
    std::string stored() const {
        std::string out;
        for (char const* table : {"calls", "call_trace", "jobs", "bots", "call_refusals",
                                  "dialouts", "call_rollups", "push_hosts"})
            out +=
                sql("select coalesce(group_concat(doc, char(10)),'') from " + std::string(table));
        return out;
    }
    std::string audit_rows() const {
        return sql(
            "select json_extract(doc,'$.target.id'), json_extract(doc,'$.changes') from "
            "audit_log where json_extract(doc,'$.action')='integration.test'");
    }
};

TEST_F(IntegrationTest, APushIsShownAsItWouldBeSent) {
    auto const bot = bot_with({{"key_mapper",
                                {{"disposition", "{{analysis.DISPOSITION}}"},
                                 {"duration", "{{result.call_duration_seconds}}"},
                                 {"customer", "{{call.cid}}"},
                                 {"plain", "{{crm.cid}}"}}},
                               {"headers", {{"X-Tenant", "t1"}, {"X-Api-Key", "hush-hush-key"}}},
                               {"auth", {{"type", "bearer"}, {"token", "hush-hush-token"}}},
                               {"sign", true}});
    auto const session = finished_call(bot);
    auto const before = stored();
    auto const got = push(bot, {{"session_id", session}, {"variables", {{"cid", "C9"}}}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("request.method"), "POST");
    EXPECT_EQ(got.text("request.url"), crm.url() + "/calls/" + session);
    EXPECT_EQ(got.text("request.body"),
              R"({"disposition":"PTP","duration":"7","customer":"C9","plain":"C9"})");
    auto const& headers = got.json.at("request").at("headers").as_object();
    EXPECT_EQ(headers.at("Authorization").as_string(), hidden);
    EXPECT_EQ(headers.at("X-Api-Key").as_string(), hidden);
    EXPECT_EQ(headers.at("X-Tenant").as_string(), "t1");
    EXPECT_EQ(headers.at("X-CXB-Test").as_string(), "1");
    EXPECT_EQ(headers.at("Idempotency-Key"), headers.at("webhook-id"));
    EXPECT_TRUE(headers.contains("webhook-signature"));
    EXPECT_EQ(got.body.find("hush-hush"), std::string::npos);
    EXPECT_FALSE(got.json.as_object().contains("response"));
    EXPECT_FALSE(got.json.as_object().contains("error"));
    EXPECT_EQ(crm.count(), 0U) << "a dry run sends nothing";
    EXPECT_EQ(stored(), before);
    EXPECT_EQ(audit_rows(), "");
}

TEST_F(IntegrationTest, AFetchIsShownAsItWouldBeSent) {
    auto const bot = bot_with(
        {{"method", "POST"},
         {"auth",
          {{"type", "api_key"}, {"header", "X-Client"}, {"value", "hush-hush-{{call.cid}}"}}}},
        {});
    auto const session = finished_call(bot);
    auto const got = fetch(bot, {{"session_id", session}, {"variables", {{"cid", "a b"}}}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("request.url"), crm.url() + "/customer?id=a%20b");
    EXPECT_EQ(got.json.at("request").at("headers").at("X-Client").as_string(), hidden);
    auto const body = wire::parse_json(got.text("request.body")).value().as_object();
    EXPECT_EQ(wire::text_at(body, "session_id"), session);
    EXPECT_EQ(wire::text_at(body, "caller_id"), "+919876543210");
    EXPECT_EQ(wire::text_at(body, "variables.cid"), "a b");
    EXPECT_EQ(crm.count(), 0U);
}

TEST_F(IntegrationTest, WithoutACallOneIsMadeUp) {
    auto const bot = bot_with();
    auto const got = push(bot);
    ASSERT_EQ(got.status, 200) << got.body;
    auto const body = wire::parse_json(got.text("request.body")).value().as_object();
    EXPECT_TRUE(wire::text_at(body, "call_id").starts_with("test-"));
    EXPECT_EQ(wire::text_at(body, "bot_id"), bot);
    EXPECT_EQ(wire::text_at(body, "status"), "completed");
    EXPECT_EQ(wire::text_at(body, "disposition"), "Connected");
    EXPECT_EQ(fetch(bot).status, 200);
}

TEST_F(IntegrationTest, SendingIsMarkedAuditedAndWritesNoCallData) {
    auto const bot = bot_with({{"auth", {{"type", "bearer"}, {"token", "hush-hush-token"}}}});
    auto const session = finished_call(bot);
    auto const before = stored();
    auto const pushed = push(bot, {{"session_id", session}, {"dry_run", false}});
    auto const fetched = fetch(bot, {{"dry_run", false}});
    ASSERT_EQ(pushed.status, 200) << pushed.body;
    EXPECT_EQ(pushed.json.at("response").at("status").to_number<int>(), 200);
    EXPECT_GE(pushed.json.at("response").at("ms").to_number<int>(), 0);
    EXPECT_EQ(pushed.text("response.body"), reply);
    EXPECT_FALSE(pushed.json.as_object().contains("error")) << pushed.body;
    EXPECT_FALSE(fetched.json.as_object().contains("error")) << fetched.body;
    auto const sent = crm.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].headers.get("Authorization"), "Bearer hush-hush-token");
    EXPECT_EQ(sent[0].body, pushed.text("request.body"));
    EXPECT_EQ(pushed.json.at("request").at("headers").at("webhook-id").as_string(),
              sent[0].headers.get("webhook-id"));
    for (auto const& one : sent)
        EXPECT_EQ(one.headers.get("X-CXB-Test"), "1");
    EXPECT_EQ(stored(), before);
    auto const rows = audit_rows();
    EXPECT_NE(rows.find(bot + "|[{\"path\":\"kind\",\"old\":null,\"new\":\"post_call_push\"}"),
              std::string::npos)
        << rows;
    EXPECT_NE(rows.find(session), std::string::npos) << rows;
    EXPECT_NE(rows.find("pre_call_fetch"), std::string::npos) << rows;
}

TEST_F(IntegrationTest, WhatTheOtherSideDoesIsPartOfTheAnswer) {
    auto const bot = bot_with({{"response_path", "/customer"}}, {});
    struct row {
        int status;
        char const* reply;
        bool is_push;
        char const* error;
    };
    row const rows[] = {
        {500, "oops", true, "status_500"},
        {404, "{}", false, "status_404"},
        {302, "", true, "status_302"},
        {200, "<html>", false, "not_json"},
        {200, R"({"customer":7})", false, "shape"},
        {200, "<html>", true, ""},
    };
    for (auto const& one : rows) {
        status = one.status;
        reply = one.reply;
        auto const got =
            one.is_push ? push(bot, {{"dry_run", false}}) : fetch(bot, {{"dry_run", false}});
        ASSERT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.text("error"), one.error) << one.status << got.body;
        EXPECT_EQ(got.json.at("response").at("status").to_number<int>(), one.status);
        EXPECT_EQ(got.text("response.body"), one.reply);
    }
}

TEST_F(IntegrationTest, WhoeverIsNotReachedOrMayNotBeIsNamed) {
    auto const to = [&](std::string const& url) {
        auto const bot = make_bot({{"post_call_push", {{"url", url}}}});
        return push(bot, {{"dry_run", false}, {"variables", {{"host", "169.254.169.254"}}}});
    };
    auto const refused = to(left_url() + "/x");
    EXPECT_EQ(refused.text("error"), "connect") << refused.body;
    EXPECT_FALSE(refused.json.as_object().contains("response"));
    // A host that only the variables name is judged when it is used.
    EXPECT_EQ(to("http://{{call.host}}/latest").text("error"), "blocked");
}

TEST_F(IntegrationTest, LongBodiesAreCut) {
    reply = R"({"x":")" + std::string(shown_body_bytes, 'y') + "\"}";
    auto const bot = bot_with({{"key_mapper", {{"x", "{{call.x}}{{call.x}}"}}}});
    auto const got = push(
        bot,
        {{"dry_run", false}, {"variables", {{"x", std::string(shown_body_bytes * 3 / 4, 'z')}}}});
    ASSERT_EQ(got.status, 200) << got.body.substr(0, 500);
    for (char const* part : {"request", "response"}) {
        EXPECT_EQ(got.json.at(part).at("body").as_string().size(), shown_body_bytes) << part;
        EXPECT_TRUE(got.json.at(part).at("truncated").as_bool());
    }
    reply = "\xff\xfe";
    EXPECT_EQ(push(bot, {{"dry_run", false}}).text("response.body"), "<2 bytes>");
    reply = std::string(max_prefetch_answer + 1, ' ');
    EXPECT_EQ(push(bot, {{"dry_run", false}}).text("error"), "too_large");
}

TEST_F(IntegrationTest, WhatCannotBeTriedIsRefusedByName) {
    auto const bot = bot_with();
    auto const pointer = [](answer const& got) {
        EXPECT_EQ(got.status, 422) << got.body;
        return std::string(got.json.at("errors").as_array().at(0).at("pointer").as_string());
    };
    EXPECT_EQ(pointer(try_it(bot, {{"kind", "webhook"}})), "/kind");
    EXPECT_EQ(pointer(try_it(bot, json_object{})), "/kind");
    EXPECT_EQ(pointer(push(bot, {{"session_id", "nobody"}})), "/session_id");
    EXPECT_EQ(pointer(push(bot, {{"session_id", 7}})), "/session_id");
    EXPECT_EQ(pointer(push(bot, {{"variables", "x"}})), "/variables");
    auto const other = finished_call(bot_with());
    auto const foreign = push(bot, {{"session_id", other}});
    EXPECT_EQ(pointer(foreign), "/session_id");
    EXPECT_NE(foreign.body.find("another bot"), std::string::npos);
    EXPECT_EQ(push("65f000000000000000000000").status, 404);
    auto const bare = make_bot();
    EXPECT_EQ(push(bare).text("detail"), "No post-call push configured");
    EXPECT_EQ(fetch(bare).status, 409);
    auto const redacted = finished_call(bot);
    EXPECT_EQ(
        admin("POST", "/api/v1/calls/" + redacted + "/redact", json_object{{"reason", "x"}}).status,
        200);
    EXPECT_EQ(push(bot, {{"session_id", redacted}}).status, 409);
    EXPECT_EQ(crm.count(), 0U);
    EXPECT_EQ(send("POST", "/api/v1/bots/" + bot + "/integrations/test",
                   json_object{{"kind", "post_call_push"}})
                  .status,
              401);
}

TEST_F(IntegrationTest, ATokenIsAskedForOnlyWhenSending) {
    std::atomic<int> granted{200};
    peer issuer([&](wire::http_request const&, int) {
        return json_reply(granted, R"({"access_token":"hush-hush-t","expires_in":3600})");
    });
    auto const bot = bot_with({{"auth",
                                {{"type", "oauth2_client_credentials"},
                                 {"token_url", issuer.url() + "/token"},
                                 {"client_id", "c"},
                                 {"client_secret", "hush-hush-s"}}}});
    auto const dry = push(bot);
    EXPECT_EQ(dry.json.at("request").at("headers").at("Authorization").as_string(), hidden);
    EXPECT_EQ(issuer.count(), 0U);
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(push(bot, {{"dry_run", false}}).body.find("hush"), std::string::npos);
    EXPECT_EQ(issuer.count(), 2U) << "the credentials are what is tried";
    EXPECT_EQ(crm.requests().at(0).headers.get("Authorization"), "Bearer hush-hush-t");
    granted = 403;
    auto const denied = push(bot, {{"dry_run", false}});
    EXPECT_EQ(denied.text("error"), "oauth_token: status_403");
    EXPECT_FALSE(denied.json.as_object().contains("response"));
    EXPECT_TRUE(denied.json.as_object().contains("request"));
    EXPECT_EQ(crm.count(), 2U);
}

}  // namespace
}  // namespace cxb::api::test
