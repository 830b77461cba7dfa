// Agent desk ingress of spec 10 §10 by the row of §12: 15 s, any failure that is not final.
#include "cxb/base/ids.hpp"
#include "cxb/client/api_client.hpp"
#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;
namespace desk = contract::agent_desk;

constexpr char const* entered = R"({"status":"waiting","call_id":"s-1","position":1})";
constexpr char const* stored = R"({"status":"ok","stored":1,"duplicates":0})";

struct ApiClientDesk : cxb_test::ClientFixture {
    client::api_client api{options()};
    static client::enqueue_params order() {
        client::enqueue_params out;
        out.request.call_id = "s-1";
        out.request.room = "room-1";
        out.request.caller.number = "+919876543210";
        out.request.bot.id = "65f000000000000000000001";
        return out;
    }
    static client::desk_update_params<desk::desk_events> news() {
        client::desk_update_params<desk::desk_events> out;
        out.call_id = "s 1";
        out.body.events.resize(1);
        out.body.events[0].type =
            open_enum<contract::call_results::event_type>::from_text("agent_joined");
        return out;
    }
    std::string body_of(std::size_t call) { return net.calls().at(call).request.message.body; }
};

// 10-38
TEST_F(ApiClientDesk, AnEntryIsRepeatedUntilItIsTaken) {
    net.fail(timed_out())
        .reply(500)
        .reply(200, R"({"status":"waiting","call_id":"s-1","duplicate":true})");
    auto const got = runner.run(api.enqueue(order()));
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->duplicate);
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(calls[0].request.url, "http://peer:1/api/v1/agent-desk/enqueue");
    EXPECT_EQ(calls[0].request.message.body, calls[2].request.message.body);
    EXPECT_EQ(calls[0].request.message.headers.get("X-CXBCore-Secret"), "s3cret");
    EXPECT_EQ(calls[0].options.total, 15s);
}

TEST_F(ApiClientDesk, ARefusedEntryIsFinal) {
    net.reply(409, R"({"detail":"x","code":"parent_already_handed_off"})");
    auto const got = runner.run(api.enqueue(order()));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::conflict);
    EXPECT_EQ(got.error().reason(), "parent_already_handed_off");
    EXPECT_EQ(net.calls().size(), 1U);
}

TEST_F(ApiClientDesk, TheConfigsDeskIsUsed) {
    net.reply(200, entered);
    auto params = order();
    params.desk_url = "https://desk.test/api/v1/agent-desk/";
    EXPECT_TRUE(runner.run(api.enqueue(params)));
    EXPECT_EQ(net.calls().at(0).request.url, "https://desk.test/api/v1/agent-desk/enqueue");
}

TEST_F(ApiClientDesk, EventsGetIdsSoThatRepeatsAreTold) {
    net.fail(reset()).reply(200, stored);
    auto params = news();
    params.body.events.push_back(params.body.events[0]);
    params.body.events[1].id = "mine";
    auto const got = runner.run(api.post_desk_events(params));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->stored, 1);
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].request.url, "http://peer:1/api/v1/agent-desk/calls/s%201/events");
    EXPECT_EQ(body_of(0), body_of(1));
    auto const sent = desk::parse_desk_events(body_of(0)).value();
    EXPECT_TRUE(is_uuid(sent.events.at(0).id.value()));
    EXPECT_EQ(sent.events.at(1).id, "mine");
}

TEST_F(ApiClientDesk, AppendedTurnsGetIdsReplacingOnesNeedNone) {
    net.reply(200, stored).reply(200, stored);
    client::desk_update_params<desk::desk_transcript> params;
    params.call_id = "s-1";
    params.body.turns.resize(1);
    params.body.turns[0].content = "Hello";
    EXPECT_TRUE(runner.run(api.post_desk_transcript(params)));
    params.body.mode = desk::transcript_mode::replace;
    EXPECT_TRUE(runner.run(api.post_desk_transcript(params)));
    EXPECT_EQ(net.calls()[0].request.url, "http://peer:1/api/v1/agent-desk/calls/s-1/transcript");
    EXPECT_TRUE(desk::parse_desk_transcript(body_of(0))->turns.at(0).id);
    EXPECT_FALSE(desk::parse_desk_transcript(body_of(1))->turns.at(0).id);
}

TEST_F(ApiClientDesk, RecordingAndDisconnectionArePosted) {
    net.reply(200, R"({"status":"ok","recording_access_token":"0123456789abcdef"})")
        .reply(503)
        .reply(200, R"({"status":"ended","call_id":"s-1"})");
    client::desk_update_params<desk::desk_recording> recording;
    recording.call_id = "s-1";
    recording.body.recording_key = "a/b.wav";
    auto const token = runner.run(api.post_desk_recording(recording));
    ASSERT_TRUE(token);
    EXPECT_EQ(token->recording_access_token, "0123456789abcdef");
    client::desk_update_params<desk::customer_disconnected> gone;
    gone.call_id = "s-1";
    gone.body.reason = "hangup";
    auto const state = runner.run(api.post_customer_disconnected(gone));
    ASSERT_TRUE(state);
    EXPECT_EQ(state->status, "ended");
    auto const calls = net.calls();
    EXPECT_TRUE(calls[0].request.url.ends_with("/calls/s-1/recording"));
    EXPECT_TRUE(calls[2].request.url.ends_with("/calls/s-1/customer-disconnected"));
}

TEST_F(ApiClientDesk, FaultyParametersAreNotSent) {
    EXPECT_EQ(runner.run(api.enqueue({})).error().code(), errc::invalid);
    auto nameless = news();
    nameless.call_id.clear();
    EXPECT_EQ(runner.run(api.post_desk_events(nameless)).error().code(), errc::invalid);
    client::desk_update_params<desk::desk_recording> neither;
    neither.call_id = "s-1";
    EXPECT_EQ(runner.run(api.post_desk_recording(neither)).error().code(), errc::invalid);
    EXPECT_TRUE(net.calls().empty());
}

}  // namespace
