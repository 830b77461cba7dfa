// Webhook endpoints: who may make them, what they are told, how it is signed and judged.
#include <set>

#include "server/api/push/push_sender.hpp"
#include "server/api/store_beside.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/api/webhooks_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct Webhooks : WebhookFixture {};

TEST_F(Webhooks, TheSecretIsShownOnceAndNeverAgain) {
    auto const made = make_endpoint({"call.completed"});
    auto const secret_text = made.text("secret");
    ASSERT_EQ(secret_text.rfind("whsec_", 0), 0U) << made.body;
    auto const id = made.text("id");
    EXPECT_EQ(made.json.at("is_active").as_bool(), true);
    finished_call(make_bot());
    ASSERT_TRUE(attempted(id, 1));
    for (auto const& got :
         {shown(id), admin("GET", endpoints_path),
          admin("PATCH", path_of(id), json_object{{"description", "CRM"}}),
          admin("GET", path_of(id, "/deliveries")), admin("GET", "/api/v1/ops/jobs"),
          admin("POST", path_of(id, "/test"))}) {
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.body.find("whsec_"), std::string::npos) << got.body;
        EXPECT_EQ(got.body.find("signing_secret"), std::string::npos) << got.body;
    }
    auto const audit = rows("select doc from audit_log");
    EXPECT_NE(audit.find("webhook_endpoint.create"), std::string::npos);
    EXPECT_NE(audit.find("webhook_endpoint.update"), std::string::npos);
    EXPECT_EQ(audit.find("whsec_"), std::string::npos);
}

TEST_F(Webhooks, TheLogsHoldNoSecret) {
    stop();
    settings.log.level = server::log_level::debug;
    settings.log.queue = 0;
    ::testing::internal::CaptureStderr();
    start();
    auto const made = make_endpoint({"call.completed"}, "/hook?token=t0ken-in-the-url");
    auto const id = made.text("id");
    auto const rotated = admin("POST", path_of(id, "/rotate-secret"));
    EXPECT_EQ(admin("POST", path_of(id, "/test")).status, 200);
    status = 503;
    finished_call(make_bot());
    EXPECT_TRUE(attempted(id, 1));
    auto const shown_url = deliveries(id).at(0).at("frozen_request").at("url").as_string();
    stop();
    auto const log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(shown_url, receiver.url() + "/hook?token=***");
    EXPECT_NE(log.find("/webhook-endpoints/{id}/rotate-secret"), std::string::npos) << log;
    for (auto const& hidden :
         {made.text("secret"), rotated.text("secret"), std::string("t0ken-in-the-url")}) {
        ASSERT_FALSE(hidden.empty());
        EXPECT_EQ(log.find(hidden), std::string::npos) << log;
    }
}

TEST_F(Webhooks, WhatIsWrongIsNamedAndChangesNothing) {
    auto const refused = [&](json_object body, std::string const& pointer) {
        auto const got = admin("POST", endpoints_path, body);
        EXPECT_EQ(got.status, 422) << got.body;
        ASSERT_FALSE(got.json.at("errors").as_array().empty());
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), pointer) << got.body;
    };
    std::string const url = receiver.url();
    refused({{"types", {"*"}}}, "/url");
    refused({{"url", ""}}, "/url");
    refused({{"url", "ftp://crm.example"}}, "/url");
    refused({{"url", "https://user:word@crm.example/x"}}, "/url");
    refused({{"url", "http://10.0.0.1/x"}}, "/url");
    refused({{"url", url}, {"types", wire::json_array{}}}, "/types");
    refused({{"url", url}, {"types", {"call.completed", "call.eaten"}}}, "/types/1");
    refused({{"url", url}, {"description", std::string(501, 'x')}}, "/description");
    EXPECT_EQ(admin("GET", endpoints_path).json.at("total").to_number<int>(), 0);

    auto const id = make_endpoint({"call.completed"}).text("id");
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{}).status, 400);
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{{"url", "http://10.0.0.1"}}).status, 422);
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{{"types", {"x"}}}).status, 422);
    EXPECT_EQ(shown(id).text("url"), url + "/hook");
    EXPECT_EQ(admin("GET", path_of(id, "/deliveries?state=eaten")).status, 422);
    for (char const* what : {"", "/deliveries"})
        EXPECT_EQ(admin("GET", path_of("65f0000000000000000000ff", what)).status, 404) << what;
    for (char const* what : {"/test", "/rotate-secret"})
        EXPECT_EQ(admin("POST", path_of("65f0000000000000000000ff", what)).status, 404) << what;
    EXPECT_EQ(admin("DELETE", path_of("65f0000000000000000000ff")).status, 404);
    EXPECT_EQ(admin("PATCH", path_of("65f0000000000000000000ff"), json_object{{"is_active", true}})
                  .status,
              404);
}

TEST_F(Webhooks, OnlyASuperAdminChangesThemAndAnAdminSeesThem) {
    auto const id = make_endpoint().text("id");
    json_object const other{{"email", "ops@example.com"},
                            {"password", "another-horse-battery"},
                            {"name", "Ops"},
                            {"role", "admin"}};
    ASSERT_EQ(admin("POST", "/api/v1/auth/register", other).status, 201);
    auto const login =
        send("POST", "/api/v1/auth/login",
             json_object{{"email", "ops@example.com"}, {"password", "another-horse-battery"}});
    wire::header_list const as_admin{{"Authorization", "Bearer " + login.text("access_token")}};
    auto const status = [&](char const* method, std::string const& path) {
        bool const body = std::string_view(method) != "GET";
        return send(method, path, body ? json_value(json_object{{"url", receiver.url()}}) : nullptr,
                    as_admin)
            .status;
    };
    EXPECT_EQ(status("GET", endpoints_path), 200);
    EXPECT_EQ(status("GET", path_of(id)), 200);
    EXPECT_EQ(status("GET", path_of(id, "/deliveries")), 200);
    EXPECT_EQ(status("POST", endpoints_path), 403);
    EXPECT_EQ(status("PATCH", path_of(id)), 403);
    EXPECT_EQ(status("DELETE", path_of(id)), 403);
    EXPECT_EQ(status("POST", path_of(id, "/rotate-secret")), 403);
    EXPECT_EQ(status("POST", path_of(id, "/test")), 403);
    EXPECT_EQ(send("GET", endpoints_path).status, 401);
    EXPECT_EQ(receiver.count(), 0U);
}

TEST_F(Webhooks, ThereAreAtMostFifty) {
    std::string const body = wire::to_text(json_object{{"url", receiver.url()}});
    auto const bearer = "Bearer " + token();
    auto const got = at_once(webhook_directory::max_endpoints + 3, [&](std::size_t) {
        client::outgoing_request request{url() + endpoints_path, {}};
        request.message.method = "POST";
        request.message.headers = {{"Authorization", bearer}, {"Content-Type", "application/json"}};
        request.message.body = body;
        return request;
    });
    std::map<int, int> counted;
    for (auto const& one : got)
        ++counted[one.status];
    EXPECT_EQ(counted[201], 50);
    EXPECT_EQ(counted[409], 3);
    clock.advance(10s);  // the rate limit is not the subject
    auto const more = admin("POST", endpoints_path, json_object{{"url", receiver.url()}});
    EXPECT_EQ(more.status, 409);
    EXPECT_EQ(more.text("code"), "too_many_endpoints");
    auto const list = admin("GET", std::string(endpoints_path) + "?limit=200");
    EXPECT_EQ(list.json.at("total").to_number<int>(), 50);
    auto const first = list.json.at("items").at(0).at("id").as_string();
    EXPECT_EQ(admin("DELETE", path_of(std::string(first))).text("status"), "deleted");
    EXPECT_EQ(admin("POST", endpoints_path, json_object{{"url", receiver.url()}}).status, 201);
}

TEST_F(Webhooks, ACallIsToldFromItsStartToItsUpdates) {
    auto const made = make_endpoint();
    auto const bot = make_bot();
    auto const session = finished_call(bot);
    EXPECT_EQ(post_result({{"session_id", session},
                           {"disconnected_by", "customer"},
                           {"call_duration_seconds", 43},
                           {"result_seq", 2}})
                  .text("result"),
              "updated");
    ASSERT_TRUE(eventually([&] { return receiver.count() == 3; }));
    std::map<std::string, json_object> by_type;
    for (auto const& request : receiver.requests()) {
        EXPECT_TRUE(verified(request, made.text("secret")));
        EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
        EXPECT_EQ(request.headers.get("Idempotency-Key"), request.headers.get("webhook-id"));
        EXPECT_EQ(request.body.find("9876543210"), std::string::npos) << request.body;
        auto const event = read_event(request);
        EXPECT_EQ(wire::text_at(event.data, "session_id"), session);
        EXPECT_EQ(wire::text_at(event.data, "bot_id"), bot);
        by_type[event.type] = event.data;
    }
    ASSERT_EQ(by_type.size(), 3U);
    EXPECT_EQ(wire::text_at(by_type["call.started"], "status"), "active");
    EXPECT_EQ(wire::text_at(by_type["call.completed"], "disposition"), "PTP");
    auto const seconds_of = [&](char const* type) {
        return by_type[type].at("call_duration_seconds").to_number<double>();
    };
    EXPECT_EQ(seconds_of("call.completed"), 42);
    EXPECT_EQ(seconds_of("call.updated"), 43);
    // The call's integration log tells of them, without what was signed with.
    ASSERT_TRUE(ended(made.text("id"), 3));
    auto const call = admin("GET", "/api/v1/calls/" + session);
    auto const& log = call.json.at("integration_log").as_array();
    ASSERT_EQ(log.size(), 3U);
    for (auto const& entry : log) {
        EXPECT_EQ(entry.at("kind").as_string(), "webhook");
        EXPECT_TRUE(entry.at("ok").as_bool());
    }
    EXPECT_EQ(call.body.find("whsec_"), std::string::npos);
}

TEST_F(Webhooks, ARepeatedResultTellsNothingTwice) {
    make_endpoint({"call.completed"});
    auto const session = config(make_bot()).text("session_id");
    json_object const result{{"session_id", session}, {"disconnected_by", "customer"}};
    auto const body = wire::to_text(result);
    auto const got = at_once(20, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/call-results", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = body;
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 200) << one.body;
    EXPECT_EQ(rows("select count(*) from jobs where json_extract(doc,'$.kind')='webhook'"), "1\n");
    EXPECT_TRUE(eventually([&] { return receiver.count() == 1; }));
}

TEST_F(Webhooks, OnlyWhatIsSubscribedToIsTold) {
    auto const recordings = make_endpoint({"recording.ready", "call.updated"}, "/recordings");
    auto const off = make_endpoint({"*"}, "/off");
    EXPECT_EQ(admin("PATCH", path_of(off.text("id")), json_object{{"is_active", false}}).status,
              200);
    auto const gone = make_endpoint({"*"}, "/gone");
    EXPECT_EQ(admin("DELETE", path_of(gone.text("id"))).status, 200);
    auto const got = config(make_bot());
    auto const session = got.text("session_id");
    auto const link = got.text("recording.storage.upload_url").substr(url().size());
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(send_text("PUT", link, "RIFF", {{"Content-Type", "audio/wav"}}).status, 201);
    EXPECT_EQ(post_result({{"session_id", session},
                           {"recording_key", got.text("recording.key")},
                           {"disconnected_by", "customer"}})
                  .status,
              200);
    // The first result of another call that brings a recording of its own.
    auto const other = config(make_bot()).text("session_id");
    EXPECT_EQ(post_result({{"session_id", other},
                           {"recording_url", "https://files.example/a.wav"},
                           {"disconnected_by", "customer"}})
                  .status,
              200);
    ASSERT_TRUE(eventually([&] { return receiver.count() == 2; }));
    std::set<std::string> ready;
    for (auto const& request : receiver.requests()) {
        EXPECT_EQ(request.path, "/recordings");
        EXPECT_TRUE(verified(request, recordings.text("secret")));
        auto const event = read_event(request);
        EXPECT_EQ(event.type, "recording.ready");
        EXPECT_TRUE(wire::bool_at(event.data, "has_recording"));
        ready.emplace(wire::text_at(event.data, "session_id"));
    }
    EXPECT_EQ(ready, (std::set<std::string>{session, other}));
    EXPECT_EQ(rows("select count(*) from jobs where json_extract(doc,'$.kind')='webhook'"), "2\n");
}

TEST_F(Webhooks, ATestTellsStatusAndTime) {  // 21-42
    auto const made = make_endpoint({"call.completed"});
    auto const id = made.text("id");
    auto const probe = [&] { return admin("POST", path_of(id, "/test")); };
    auto const good = probe();
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(good.json.at("status").to_number<int>(), 200);
    EXPECT_GE(good.json.at("ms").to_number<int>(), 0);
    EXPECT_FALSE(good.json.as_object().contains("error"));
    ASSERT_EQ(receiver.count(), 1U);
    EXPECT_TRUE(verified(receiver.requests()[0], made.text("secret")));
    EXPECT_EQ(events()[0].type, "webhook.test");
    status = 503;
    EXPECT_EQ(probe().json.at("status").to_number<int>(), 503);
    status = 410;  // of a test that only tells
    EXPECT_EQ(probe().json.at("status").to_number<int>(), 410);
    EXPECT_TRUE(shown(id).json.at("is_active").as_bool());
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{{"url", "http://127.0.0.1:1/x"}}).status,
              422);
    auto const silent = receiver.url().substr(0, receiver.url().rfind(':')) + ":1024";
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{{"url", silent}}).status, 200);
    auto const nobody = probe();
    EXPECT_EQ(nobody.status, 200);
    EXPECT_EQ(nobody.json.at("status").to_number<int>(), 0);
    EXPECT_EQ(nobody.text("error"), "connect");
    EXPECT_TRUE(deliveries(id).as_array().empty());
}

TEST_F(Webhooks, ATestIsNotSentToAPausedHost) {
    auto const id = make_endpoint().text("id");
    store_beside(settings).insert(
        model::push_hosts, {{"_id", push_host(receiver.url() + "/hook")},
                            {"paused_until", format_timestamp(clock.now() + host_gate::pause)}});
    auto const paused = admin("POST", path_of(id, "/test"));
    EXPECT_EQ(paused.status, 503) << paused.body;
    EXPECT_EQ(paused.headers.get("Retry-After"), "1");
    EXPECT_EQ(receiver.count(), 0U);
    clock.advance(host_gate::pause);
    EXPECT_EQ(admin("POST", path_of(id, "/test")).status, 200);
    EXPECT_EQ(receiver.count(), 1U);
}

}  // namespace
}  // namespace cxb::api::test
