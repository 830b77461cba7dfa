// The agent desk of the fake control plane, as a Core's client sees it.
#include <gmock/gmock.h>

#include <future>

#include "cxb/base/ids.hpp"
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/testing/builders.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/fake_control_plane.hpp"
#include "cxb/testing/matchers.hpp"

namespace {
using namespace cxb;
using cxb::testing::HasFault;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace desk = contract::agent_desk;

constexpr char const* enqueue_path = "/api/v1/agent-desk/enqueue";

class FakeDesk : public ::testing::Test {
  protected:
    FakeDesk() {
        EXPECT_TRUE(plane.start());
        client::client_options options;
        options.base_url = plane.url();
        options.keys.current = secret("dev-secret");
        options.transport = net.get();
        options.pause = [](std::chrono::milliseconds) -> boost::asio::awaitable<void> {
            co_return;
        };
        api.emplace(std::move(options));
    }

    static client::enqueue_params order(std::string call_id, std::string parent = {}) {
        client::enqueue_params out;
        out.request.call_id = std::move(call_id);
        out.request.room = "room-1";
        out.request.caller.number = "+919876543210";
        out.request.bot.id = "65f000000000000000000001";
        if (!parent.empty()) out.request.parent_call_id = std::move(parent);
        return out;
    }
    result<desk::enqueue_ack> enqueue(client::enqueue_params params) {
        return runner.run(api->enqueue(std::move(params)));
    }
    static contract::call_results::event_item event(std::string_view type,
                                                    std::optional<std::string> id = {}) {
        contract::call_results::event_item out;
        out.type = open_enum<contract::call_results::event_type>::from_text(type);
        out.id = std::move(id);
        return out;
    }
    result<desk::desk_events_ack> tell(std::string call_id,
                                       std::vector<contract::call_results::event_item> events) {
        client::desk_update_params<desk::desk_events> out;
        out.call_id = std::move(call_id);
        out.body.events = std::move(events);
        return runner.run(api->post_desk_events(std::move(out)));
    }
    static desk::desk_turn turn(std::string content, std::optional<std::string> id = {}) {
        desk::desk_turn out;
        out.role = contract::call_results::speaker::agent;
        out.content = std::move(content);
        out.id = std::move(id);
        return out;
    }
    result<desk::desk_transcript_ack> say(std::vector<desk::desk_turn> turns,
                                          desk::transcript_mode mode) {
        client::desk_update_params<desk::desk_transcript> out;
        out.call_id = "s-1";
        out.body.turns = std::move(turns);
        out.body.mode = mode;
        return runner.run(api->post_desk_transcript(std::move(out)));
    }
    result<desk::desk_recording_ack> record(std::optional<std::string> token = {}) {
        client::desk_update_params<desk::desk_recording> out;
        out.call_id = "s-1";
        out.body.recording_key = "2026/01/02/s-1.wav";
        out.body.recording_access_token = std::move(token);
        return runner.run(api->post_desk_recording(std::move(out)));
    }
    result<desk::customer_disconnected_ack> leave(std::string call_id, std::string reason) {
        client::desk_update_params<desk::customer_disconnected> out;
        out.call_id = std::move(call_id);
        out.body.reason = std::move(reason);
        return runner.run(api->post_customer_disconnected(std::move(out)));
    }
    int status_of(std::string method, std::string path, std::string body,
                  std::string given = "dev-secret") {
        client::outgoing_request request;
        request.url = plane.url() + path;
        request.message.method = std::move(method);
        request.message.headers.set("Content-Type", "application/json");
        request.message.headers.set("X-CXBCore-Secret", std::move(given));
        request.message.body = std::move(body);
        auto const answer = runner.run(net->send(std::move(request), {}));
        return answer ? answer->status : 0;
    }

    cxb::testing::fake_clock clock;
    cxb::testing::fake_control_plane plane{{.time = &clock}};
    client::blocking_runner runner;
    std::unique_ptr<net::http_client> net = net::http_client::create().value();
    std::optional<client::api_client> api;
};

// 10-38: one entry, however often it is posted.
TEST_F(FakeDesk, EnqueuedTwiceIsOneEntry) {
    auto const first = enqueue(order("s-1"));
    ASSERT_TRUE(first) << first.error().to_log_text();
    EXPECT_EQ(first->status, "waiting");
    EXPECT_EQ(first->call_id, "s-1");
    EXPECT_TRUE(is_uuid(first->session_id));
    EXPECT_EQ(first->position, 1);
    EXPECT_EQ(first->waiting_timeout_seconds, seconds{120});
    EXPECT_EQ(first->deadline_at, clock.now() + seconds{120});
    EXPECT_FALSE(first->duplicate);
    EXPECT_FALSE(first->transcribe);
    clock.advance(seconds{5});
    auto const second = enqueue(order("s-1"));
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->duplicate);
    EXPECT_EQ(second->session_id, first->session_id);
    EXPECT_EQ(second->deadline_at, first->deadline_at);
    EXPECT_THAT(plane.desk_queue(), ElementsAre("s-1"));
    EXPECT_EQ(plane.requests(enqueue_path).size(), 2U);
    auto const kept = plane.desk_call("s-1");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->request.caller.number, "+919876543210");
    EXPECT_EQ(kept->session_id, first->session_id);
    EXPECT_FALSE(plane.desk_call("s-2"));
}

// 10-38: a repeat is known by call and room, a second hand-over of one call by its parent.
TEST_F(FakeDesk, RefusesWhatIsNoRepeat) {
    ASSERT_TRUE(enqueue(order("s-1")));
    auto moved = order("s-1");
    moved.request.room = "room-2";
    auto const reused = enqueue(moved);
    ASSERT_FALSE(reused);
    EXPECT_EQ(reused.error().code(), errc::conflict);
    EXPECT_EQ(reused.error().reason(), "call_id_reused");
    auto const again = enqueue(order("other", "s-1"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason(), "parent_already_handed_off");
    EXPECT_THAT(plane.desk_queue(), ElementsAre("s-1"));
    EXPECT_EQ(plane.requests(enqueue_path).size(), 3U) << "a conflict is final";
    EXPECT_TRUE(enqueue(order("other", "s-2")));
}

TEST_F(FakeDesk, FailsAsScriptedAndThenTakesTheRepeat) {
    plane.fail({.path = enqueue_path, .status = 503, .times = 2});
    auto const got = enqueue(order("s-1"));
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_FALSE(got->duplicate) << "what was refused had no effect";
    auto const seen = plane.requests(enqueue_path);
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].status, 503);
    EXPECT_EQ(seen[2].status, 200);
    plane.fail({.path = enqueue_path, .body_has = "s-2", .status = 500, .times = 0});
    EXPECT_EQ(enqueue(order("s-2")).error().code(), errc::upstream_failed);
    EXPECT_TRUE(enqueue(order("s-3")));
    EXPECT_THAT(plane.desk_queue(), ElementsAre("s-1", "s-3"));
}

TEST_F(FakeDesk, ServesByPriorityThenByArrival) {
    plane.set_desk({.waiting_timeout = seconds{30}, .eligible_available = 2, .transcribe = true});
    ASSERT_TRUE(enqueue(order("s-1")));
    ASSERT_TRUE(enqueue(order("s-2")));
    auto urgent = order("s-3");
    urgent.request.priority = 9;
    auto const ack = enqueue(urgent);
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->position, 1);
    EXPECT_EQ(ack->waiting_timeout_seconds, seconds{30});
    EXPECT_EQ(ack->eligible_available, 2);
    EXPECT_TRUE(ack->transcribe);
    EXPECT_THAT(plane.desk_queue(), ElementsAre("s-3", "s-1", "s-2"));
    EXPECT_EQ(enqueue(order("s-2"))->position, 3);
}

TEST_F(FakeDesk, EventsMoveTheCallAndRepeatsAreTold) {
    ASSERT_TRUE(enqueue(order("s-1")));
    auto const first = tell("s-1", {event("agent_joined", "e-1"), event("note", "e-2")});
    ASSERT_TRUE(first) << first.error().to_log_text();
    EXPECT_EQ(first->stored, 2);
    EXPECT_EQ(plane.desk_call("s-1")->status, "active");
    EXPECT_THAT(plane.desk_queue(), IsEmpty());
    EXPECT_EQ(enqueue(order("s-1"))->position, 0) << "it waits no more";
    auto const second = tell("s-1", {event("note", "e-2"), event("customer_left", "e-3")});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->stored, 1);
    EXPECT_EQ(second->duplicates, 1);
    EXPECT_EQ(plane.desk_call("s-1")->status, "wrap_up");
    EXPECT_EQ(plane.desk_call("s-1")->events.size(), 3U);
    EXPECT_EQ(enqueue(order("s-1"))->status, "wrap_up") << "the current one";
    EXPECT_EQ(tell("s-2", {event("note")}).error().code(), errc::not_found);
}

TEST_F(FakeDesk, TurnsAreAppendedOnceOrReplaced) {
    using desk::transcript_mode;
    ASSERT_TRUE(enqueue(order("s-1")));
    auto shown_only = turn("Hel", "t-0");
    shown_only.final = false;
    auto const first = say({shown_only, turn("Hello", "t-1")}, transcript_mode::append);
    ASSERT_TRUE(first) << first.error().to_log_text();
    EXPECT_EQ(first->stored, 1);
    auto const second =
        say({turn("Hello", "t-1"), turn("How may I help?", "t-2")}, transcript_mode::append);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->stored, 1);
    EXPECT_EQ(second->duplicates, 1);
    ASSERT_EQ(plane.desk_call("s-1")->turns.size(), 2U);
    EXPECT_EQ(plane.desk_call("s-1")->turns[1].content, "How may I help?");
    // Without ids the same words of the same moment are the same turn.
    auto const replaced =
        say({turn("Bye"), turn("Bye"), turn("Bye then")}, transcript_mode::replace);
    ASSERT_TRUE(replaced);
    EXPECT_EQ(replaced->stored, 2);
    EXPECT_EQ(replaced->duplicates, 1);
    ASSERT_EQ(plane.desk_call("s-1")->turns.size(), 2U);
    EXPECT_EQ(plane.desk_call("s-1")->turns[0].content, "Bye");
}

TEST_F(FakeDesk, ARecordingHasOneToken) {
    ASSERT_TRUE(enqueue(order("s-1")));
    auto const minted = record();
    ASSERT_TRUE(minted) << minted.error().to_log_text();
    EXPECT_EQ(minted->recording_access_token.size(), 32U);
    EXPECT_EQ(record()->recording_access_token, minted->recording_access_token);
    EXPECT_EQ(record("0123456789abcdef")->recording_access_token, "0123456789abcdef");
    auto const kept = plane.desk_call("s-1")->recording;
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->recording_key, "2026/01/02/s-1.wav");
    EXPECT_EQ(kept->recording_access_token, "0123456789abcdef");
    EXPECT_EQ(status_of("POST", "/api/v1/agent-desk/calls/s-1/recording", "{}"), 422);
}

TEST_F(FakeDesk, TheCallerLeavesOnce) {
    ASSERT_TRUE(enqueue(order("s-1")));
    auto const first = leave("s-1", "hangup");
    ASSERT_TRUE(first) << first.error().to_log_text();
    EXPECT_EQ(first->status, "ended");
    EXPECT_EQ(first->call_id, "s-1");
    EXPECT_EQ(leave("s-1", "again")->status, "ended");
    EXPECT_EQ(plane.desk_call("s-1")->disconnected->reason, "hangup");
    EXPECT_THAT(plane.desk_queue(), IsEmpty());
    EXPECT_TRUE(enqueue(order("s-1"))->duplicate) << "also after the end";
    EXPECT_EQ(leave("s-2", "hangup").error().code(), errc::not_found);
}

// 10-5: behind the door of the other routes.
TEST_F(FakeDesk, DoorsAndRefusals) {
    EXPECT_EQ(status_of("POST", enqueue_path, "{}", "wrong"), 403);
    EXPECT_EQ(status_of("POST", enqueue_path, "{"), 400);
    EXPECT_EQ(status_of("POST", enqueue_path, "{}"), 422);
    EXPECT_EQ(status_of("GET", enqueue_path, {}), 405);
    EXPECT_EQ(status_of("POST", enqueue_path, std::string(limits::enqueue_body + 1, ' ')), 413);
    ASSERT_TRUE(enqueue(order("s-1")));
    for (auto const* const what : {"events", "transcript", "recording", "customer-disconnected"}) {
        auto const path = std::string("/api/v1/agent-desk/calls/s-1/") + what;
        EXPECT_EQ(status_of("GET", path, {}), 405) << what;
        EXPECT_EQ(status_of("POST", path, "[]"), 422) << what;
        EXPECT_EQ(status_of("POST", path, "{}", "wrong"), 403) << what;
    }
    for (auto const* const path :
         {"/api/v1/agent-desk/calls/s-1/nothing", "/api/v1/agent-desk/calls/s-1",
          "/api/v1/agent-desk/calls//events", "/api/v1/agent-desk/calls/s-1/x/events",
          "/api/v1/agent-desk"})
        EXPECT_EQ(status_of("POST", path, "{}"), 404) << path;
    auto nameless = order("s-2");
    nameless.request.call_id = "current";
    EXPECT_THAT(enqueue(nameless), HasFault("/call_id"));
}

TEST_F(FakeDesk, IsWaitedForWithoutSleeping) {
    EXPECT_FALSE(plane.wait_until([&] { return plane.desk_call("s-1").has_value(); },
                                  std::chrono::milliseconds{10}));
    auto waiting = std::async(std::launch::async, [&] {
        return plane.wait_until([&] { return plane.desk_call("s-1").has_value(); }, seconds{20});
    });
    ASSERT_TRUE(enqueue(order("s-1")));
    EXPECT_TRUE(waiting.get());
}

// A Core finds the desk where its config says, and configs say this one.
TEST_F(FakeDesk, ConfigsNameThisDesk) {
    auto const base = cxb::testing::make_config().without("session_id", "bot_id", "webhook_url");
    auto const serve = [&](char const* bot, wire::json_object block) {
        plane.serve_config(bot, base.member("agent_desk", std::move(block)).object());
    };
    serve("with", {{"enabled", true}});
    serve("own", {{"enabled", true}, {"base_url", "https://desk.test/d"}});
    serve("without", {{"enabled", false}});
    auto const desk_of = [&](std::string bot) {
        auto const got = runner.run(api->fetch_config({.bot_id = std::move(bot), .request = {}}));
        EXPECT_TRUE(got) << got.error().to_log_text();
        return got ? got->config.agent_desk.base_url : std::nullopt;
    };
    EXPECT_EQ(desk_of("with"), plane.desk_url());
    EXPECT_EQ(desk_of("own"), "https://desk.test/d");
    EXPECT_EQ(desk_of("without"), std::nullopt);
    auto params = order("s-1");
    params.desk_url = plane.desk_url();
    EXPECT_TRUE(enqueue(params));
}

}  // namespace
