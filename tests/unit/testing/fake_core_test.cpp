#include "cxb/testing/fake_core.hpp"

#include <gmock/gmock.h>

#include "cxb/client/blocking.hpp"
#include "cxb/client/core_client.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/testing/matchers.hpp"

namespace {
using namespace cxb;
using cxb::testing::fake_core;
using cxb::testing::IsResultFor;
using std::chrono::seconds;

constexpr char const* attach_body =
    R"({"room_name":"r-1","bot_id":"b-1","connected_event":{"_campaign_session_id":"s-1"}})";

struct FakeCore : ::testing::Test {
    void SetUp() override { ASSERT_TRUE(core.start()); }

    wire::http_response ask(std::string method, std::string const& path, std::string body = {},
                            std::string const& given = "dev-secret") const {
        client::blocking_runner runner;
        auto const net = net::http_client::create();
        client::outgoing_request request;
        request.url = core.url() + path;
        request.message.method = std::move(method);
        if (!given.empty()) request.message.headers.set("X-CXBCore-Secret", given);
        if (!body.empty()) request.message.headers.set("Content-Type", "application/json");
        request.message.body = std::move(body);
        auto answer = runner.run((*net)->send(std::move(request), {}));
        EXPECT_TRUE(answer) << answer.error().to_log_text();
        return answer ? *std::move(answer) : wire::http_response{};
    }
    wire::http_response post(std::string const& path, std::string body) const {
        return ask("POST", path, std::move(body));
    }
    bool has_result(std::string const& session) {
        return core.plane().wait_until([&] { return !core.plane().result_posts(session).empty(); },
                                       seconds{20});
    }
    bool is_free() {
        for (auto const until = std::chrono::steady_clock::now() + seconds{20};
             std::chrono::steady_clock::now() < until;)
            if (ask("GET", "/health", {}, "").bytes().find("\"worker_calls\":0") !=
                std::string_view::npos)
                return true;
        return false;
    }
    fake_core core;
};

TEST_F(FakeCore, TakesACallAndPostsItsResultToItsOwnControlPlane) {
    ASSERT_EQ(post("/attach", attach_body).status, 200);
    ASSERT_TRUE(has_result("s-1"));
    EXPECT_THAT(core.plane().result_posts("s-1").front(), IsResultFor("s-1"));
    EXPECT_EQ(wire::text_at(*core.plane().call("s-1"), "disconnected_by"), "customer");
    ASSERT_EQ(core.requests("/attach").size(), 1U);
    EXPECT_EQ(core.requests("/attach")[0].status, 200);
}

// 10 §7: secret, body, slot.
TEST_F(FakeCore, ChecksInTheOrderOfTheSpecification) {
    core.hold_calls();
    EXPECT_EQ(ask("POST", "/attach", "{}", "wrong").status, 403);
    EXPECT_EQ(post("/attach", "{}").status, 422);
    EXPECT_EQ(post("/attach", attach_body).status, 200);
    EXPECT_TRUE(core.wait_until([&] { return core.held_calls() == 1; }, seconds{20}));
    EXPECT_EQ(post("/attach", "{}").status, 422);
    auto const busy = post("/livekit/widget", R"({"room_name":"r","bot_id":"b"})");
    EXPECT_EQ(busy.status, 429);
    EXPECT_NE(busy.bytes().find("At capacity"), std::string_view::npos);
    core.release_calls();
    EXPECT_TRUE(has_result("s-1"));
    EXPECT_EQ(core.held_calls(), 0U);
}

TEST_F(FakeCore, ServesTheOtherStarts) {
    EXPECT_EQ(post("/livekit/dispatch",
                   R"({"room_name":"r","caller_number":"+911","dialed_number":"+912"})")
                  .status,
              200);
    ASSERT_TRUE(is_free());
    EXPECT_EQ(post("/livekit/widget", R"({"room_name":"r","bot_id":"b"})").status, 200);
    ASSERT_TRUE(is_free());
    core.plane().refuse_config("closed", 403, "Bot is closed");
    EXPECT_EQ(post("/attach", R"({"room_name":"r","bot_id":"closed",)"
                              R"("connected_event":{"_campaign_session_id":"s-2"}})")
                  .status,
              200);
    EXPECT_TRUE(has_result("s-2"));
}

TEST_F(FakeCore, HealthIsThatOfAWorker) {
    auto const fleet = ask("GET", "/health/fleet", {}, "");
    EXPECT_NE(fleet.bytes().find("\"fleet_available\":1,"), std::string_view::npos);
    core.drain();
    EXPECT_EQ(post("/attach", attach_body).status, 429);
    EXPECT_NE(ask("GET", "/health/fleet", {}, "").bytes().find("\"fleet_available\":0"),
              std::string_view::npos);
}

TEST_F(FakeCore, FailsAsScripted) {
    core.fail({.path = "/attach",
               .body_has = "b-1",
               .status = 503,
               .detail = "Not now",
               .headers = {{"Retry-After", "1"}}});
    auto const refused = post("/attach", attach_body);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    core.fail({.path = "/attach", .body_has = "b-1"});
    core.clear_failures();
    EXPECT_EQ(post("/attach", attach_body).status, 200);
}

TEST_F(FakeCore, ServesRecordingsBehindTheSecret) {
    core.add_recording("b-1/s-1.wav", "RIFF");
    EXPECT_EQ(ask("GET", "/recordings/b-1/s-1.wav").bytes(), "RIFF");
    EXPECT_EQ(ask("GET", "/recordings/b-1/other.wav").status, 404);
    EXPECT_EQ(ask("GET", "/recordings/b-1/s-1.wav", {}, "").status, 403);
    EXPECT_EQ(core.requests("/recordings").size(), 3U);
}

TEST_F(FakeCore, ACallThatWasCutHasAResultAfterTheRestart) {
    core.hold_calls();
    ASSERT_EQ(post("/attach", attach_body).status, 200);
    ASSERT_TRUE(core.wait_until([&] { return core.held_calls() == 1; }, seconds{20}));
    auto const port = core.port();
    core.stop();
    ASSERT_TRUE(core.start());
    EXPECT_EQ(core.port(), port);
    ASSERT_TRUE(has_result("s-1"));
    EXPECT_EQ(wire::text_at(*core.plane().call("s-1"), "disconnected_by"), "error");
}

TEST(FakeCoreHooks, ChangeWhatComesInAndGoesOut) {
    cxb::testing::fake_core_options options;
    options.asked = [](wire::http_request& request) {
        request.headers.set("X-CXBCore-Secret", "dev-secret");
    };
    options.answered = [](wire::http_request const& request, wire::http_response& answer) {
        if (request.path == "/attach") answer.headers.set("X-Changed", "yes");
    };
    fake_core core(std::move(options));
    ASSERT_TRUE(core.start());
    client::blocking_runner runner;
    auto const net = net::http_client::create();
    client::outgoing_request request;
    request.url = core.url() + "/attach";
    request.message.method = "POST";
    request.message.headers.set("Content-Type", "application/json");
    request.message.body = attach_body;
    auto const answer = runner.run((*net)->send(std::move(request), {}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers.get("X-Changed"), "yes");
}

}  // namespace
