#include "cxb/testing/fake_control_plane.hpp"

#include <gtest/gtest.h>

#include <future>

#include "cxb/base/ids.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/net/http_client.hpp"

namespace {
using namespace cxb;
using cxb::testing::fake_control_plane;
using std::chrono::seconds;

struct FakeControlPlane : ::testing::Test {
    void SetUp() override { ASSERT_TRUE(plane.start()); }

    static wire::http_response said(std::string method, std::string url, std::string body = {},
                                    wire::header_list headers = {
                                        {"X-CXBCore-Secret", "dev-secret"}}) {
        client::blocking_runner runner;
        auto const net = net::http_client::create();
        client::outgoing_request request;
        request.url = std::move(url);
        request.message.method = std::move(method);
        request.message.headers = std::move(headers);
        if (!body.empty() && !request.message.headers.has("Content-Type"))
            request.message.headers.set("Content-Type", "application/json");
        request.message.body = std::move(body);
        auto answer = runner.run((*net)->send(std::move(request), {}));
        if (answer) return *std::move(answer);
        wire::http_response none;
        none.status = 0;
        return none;
    }
    wire::http_response get(std::string const& path) const {
        return said("GET", plane.url() + path);
    }
    wire::http_response post(std::string const& path, std::string body) const {
        return said("POST", plane.url() + path, std::move(body));
    }
    static wire::json_object object(wire::http_response const& answer) {
        auto parsed = wire::parse_json(answer.bytes());
        return parsed && parsed->is_object() ? parsed->as_object() : wire::json_object{};
    }
    static wire::json_object small_config() {
        return {{"system_prompt", "Hello"}, {"opening_message", "Hi"}};
    }

    fake_control_plane plane{{.bearer = secret("admin")}};
};

TEST_F(FakeControlPlane, ServesAConfigThatParses) {
    plane.serve_config("b1", small_config());
    auto const got = get("/api/v1/config/b1?stream_id=st-1");
    ASSERT_EQ(got.status, 200);
    auto const config = contract::runtime_config::parse_runtime_config(got.bytes());
    ASSERT_TRUE(config);
    EXPECT_EQ(config->bot_id, "b1");
    EXPECT_EQ(config->webhook_url, plane.url() + "/api/v1/call-results");
    EXPECT_EQ(wire::text_at(*plane.call(config->session_id), "status"), "active");
    EXPECT_EQ(object(get("/api/v1/config?bot_id=b1")).at("bot_id").as_string(), "b1");
    EXPECT_EQ(post("/api/v1/config/b1", R"({"caller_id":"+91"})").status, 200);
    EXPECT_EQ(get("/api/v1/config/other").status, 404);
}

// 10-12: one fetch_id is one call; with its result the call is over.
TEST_F(FakeControlPlane, OneCallPerFetchAndSession) {
    plane.serve_config("b1", small_config());
    auto const fetch = "/api/v1/config/b1?fetch_id=" + new_uuid7();
    auto const first = object(get(fetch));
    EXPECT_EQ(object(get(fetch)), first);
    std::string const session(wire::text_at(first, "session_id"));
    EXPECT_EQ(post("/api/v1/call-results", R"({"session_id":")" + session + R"("})").status, 200);
    auto const late = get(fetch);
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(wire::text_at(object(late), "code"), "session_completed");
    auto const named =
        get("/api/v1/config/b1?connected_event=%7B%22_campaign_session_id%22%3A%22s-9%22%7D");
    EXPECT_EQ(wire::text_at(object(named), "session_id"), "s-9");
}

TEST_F(FakeControlPlane, RefusesConfigs) {
    plane.refuse_config("b1", 503, "outside_active_hours: closed");
    auto const got = get("/api/v1/config/b1");
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(wire::text_at(object(got), "detail"), "outside_active_hours: closed");
    plane.serve_config("b1", small_config());
    EXPECT_EQ(get("/api/v1/config/b1").status, 200);
}

TEST_F(FakeControlPlane, HeldConfigsWait) {
    plane.serve_config("b1", small_config());
    plane.hold_configs();
    auto waiting = std::async(std::launch::async, [&] { return get("/api/v1/config/b1").status; });
    ASSERT_TRUE(plane.wait_until([&] { return plane.held_configs() == 1; }, seconds{10}));
    EXPECT_TRUE(plane.requests("/api/v1/config").empty());
    plane.release_configs();
    EXPECT_EQ(waiting.get(), 200);
    EXPECT_EQ(plane.held_configs(), 0U);
    // One that waits when the plane goes is broken off.
    plane.hold_configs();
    auto broken = std::async(std::launch::async, [&] { return get("/api/v1/config/b1").status; });
    ASSERT_TRUE(plane.wait_until([&] { return plane.held_configs() == 1; }, seconds{10}));
    plane.stop();
    EXPECT_EQ(broken.get(), 0);
}

// 10-19: by the rule of the domain.
TEST_F(FakeControlPlane, KeepsResultsByTheMergeRule) {
    auto const minimal = R"({"session_id":"s1","result_id":"019436f4-0000-7000-8000-000000000001",)"
                         R"("disconnected_by":"error"})";
    auto const full = R"({"session_id":"s1","result_id":"019436f4-0000-7000-8000-000000000002",)"
                      R"("disconnected_by":"customer","call_duration_seconds":5,"transcript":)"
                      R"([{"role":"user","content":"yes"}]})";
    auto const result_of = [&](char const* body) {
        return std::string(wire::text_at(object(post("/api/v1/call-results", body)), "result"));
    };
    EXPECT_EQ(result_of(minimal), "stored");
    EXPECT_EQ(result_of(minimal), "duplicate");
    EXPECT_EQ(plane.effects("s1"), 1);
    EXPECT_EQ(result_of(full), "updated");
    EXPECT_EQ(result_of(R"({"session_id":"s1","disconnected_by":"error"})"), "kept_previous");
    EXPECT_EQ(plane.effects("s1"), 2);
    auto const call = *plane.call("s1");
    EXPECT_EQ(wire::text_at(call, "status"), "completed");
    EXPECT_EQ(call.at("transcript").as_array().size(), 1U);
    EXPECT_EQ(plane.result_posts("s1").size(), 4U);
    EXPECT_FALSE(plane.call("s2"));
    EXPECT_EQ(plane.effects("s2"), 0);
    EXPECT_EQ(post("/api/v1/call-results", R"({"session_id":5})").status, 422);
}

// 10-23: whichever comes first.
TEST_F(FakeControlPlane, CdrInAnyOrder) {
    plane.serve_config("b1", small_config());
    auto const cdr = R"({"streamId":"st-1","talktime":7})";
    EXPECT_EQ(wire::text_at(object(post("/api/v1/cdr", cdr)), "status"), "not_found");
    auto const first =
        std::string(wire::text_at(object(get("/api/v1/config/b1?stream_id=st-1")), "session_id"));
    EXPECT_EQ(wire::int_at(*plane.call(first), "cdr_talktime"), 7);
    auto const second =
        std::string(wire::text_at(object(get("/api/v1/config/b1?stream_id=st-1")), "session_id"));
    EXPECT_EQ(wire::text_at(object(post("/api/v1/cdr", cdr)), "status"), "ok");
    EXPECT_EQ(wire::int_at(*plane.call(second), "cdr_talktime"), 7);
    EXPECT_EQ(wire::text_at(object(post("/api/v1/cdr", "{}")), "status"), "ignored");
    EXPECT_EQ(post("/api/v1/cdr", "[1]").status, 422);
}

TEST_F(FakeControlPlane, ScriptedFailuresAreUsedUp) {
    plane.fail({.path = "/api/v1/call-results",
                .body_has = "s1",
                .status = 503,
                .times = 2,
                .headers = {{"Retry-After", "7"}}});
    plane.fail({.path = "/api/v1/cdr", .times = 0});
    auto const body = R"({"session_id":"s1"})";
    EXPECT_EQ(post("/api/v1/call-results", R"({"session_id":"other"})").status, 200);
    auto const failed = post("/api/v1/call-results", body);
    EXPECT_EQ(failed.status, 503);
    EXPECT_EQ(failed.headers.get("Retry-After"), "7");
    EXPECT_FALSE(plane.call("s1"));
    EXPECT_EQ(post("/api/v1/call-results", body).status, 503);
    EXPECT_EQ(post("/api/v1/call-results", body).status, 200);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(post("/api/v1/cdr", "{}").status, 500);
    plane.clear_failures();
    EXPECT_EQ(post("/api/v1/cdr", "{}").status, 200);
}

TEST_F(FakeControlPlane, LookupsAndKnowledge) {
    plane.add_number("+911", {.bot_id = "b1", .carrier_id = "c", .did_id = "d"});
    plane.add_trunk("+912", {.trunk_id = "t1", .number = "+912", .carrier_id = "c"});
    contract::lookup::knowledge_hits hits;
    hits.results.push_back({.text = "Seven days"});
    plane.serve_knowledge(hits);
    EXPECT_EQ(wire::text_at(object(get("/api/v1/sip/lookup?number=%2B911")), "bot_id"), "b1");
    EXPECT_EQ(get("/api/v1/sip/lookup?number=%2B999").status, 404);
    EXPECT_EQ(
        wire::text_at(object(get("/api/v1/sip/outbound-trunk?from_number=%2B912")), "trunk_id"),
        "t1");
    EXPECT_EQ(get("/api/v1/sip/outbound-trunk").status, 404);
    auto const found =
        post("/api/v1/knowledge-bases/search", R"({"bot_id":"b1","query":"refund"})");
    EXPECT_NE(found.bytes().find("Seven days"), std::string_view::npos);
    EXPECT_EQ(post("/api/v1/knowledge-bases/search", "{}").status, 422);
}

// 10-5: the doors are those of a real one.
TEST_F(FakeControlPlane, DoorsAndRefusals) {
    auto const cdr = plane.url() + "/api/v1/cdr";
    for (auto const* const name : {"X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret"}) {
        EXPECT_EQ(said("POST", cdr, "{}", {{name, "dev-secret"}}).status, 200) << name;
        EXPECT_EQ(said("POST", cdr, "{}", {{name, "wrong"}}).status, 403) << name;
    }
    auto const closed = said("POST", cdr, "{}", {});
    EXPECT_EQ(closed.status, 403);
    EXPECT_EQ(wire::text_at(object(closed), "detail"), "Invalid core secret");
    EXPECT_EQ(get("/nowhere").status, 404);
    auto const method = get("/api/v1/cdr");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.headers.get("Allow"), "POST");
    EXPECT_EQ(said("POST", cdr, "{}",
                   {{"X-CXBCore-Secret", "dev-secret"}, {"Content-Type", "text/plain"}})
                  .status,
              415);
    EXPECT_EQ(post("/api/v1/cdr", std::string(300 * limits::kib, ' ')).status, 413);
    EXPECT_EQ(said("GET", plane.url() + "/health", {}, {}).status, 200);
    EXPECT_EQ(said("GET", plane.url() + "/api/v1/calls/s1", {}, {}).status, 401);
    EXPECT_EQ(said("GET", plane.url() + "/api/v1/calls/s1", {}, {{"Authorization", "Bearer admin"}})
                  .status,
              404);
}

TEST_F(FakeControlPlane, GoesAndComesBackOnItsPort) {
    auto const url = plane.url();
    EXPECT_EQ(post("/api/v1/call-results", R"({"session_id":"s1"})").status, 200);
    plane.stop();
    EXPECT_EQ(said("GET", url + "/health").status, 0);
    ASSERT_TRUE(plane.start());
    EXPECT_EQ(plane.url(), url);
    EXPECT_TRUE(plane.call("s1"));
    fake_control_plane second({.port = plane.port()});
    EXPECT_EQ(second.start().error().code(), errc::unavailable);
}

TEST_F(FakeControlPlane, WaitsNoLongerThanTold) {
    EXPECT_FALSE(plane.wait_until([] { return false; }, std::chrono::milliseconds{20}));
    EXPECT_TRUE(plane.wait_until([] { return true; }, std::chrono::milliseconds{0}));
}

}  // namespace
