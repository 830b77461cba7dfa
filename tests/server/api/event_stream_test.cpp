// GET /events/stream over HTTP (spec 21 §10): what is heard, who may hear, and when it ends.
#include "server/api/event_stream_kit.hpp"
#include "server/api/people_fixture.hpp"
#include "support/raw_client.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct EventStream : people_test {
    static constexpr char const* path = "/api/v1/events/stream";

    void SetUp() override {
        surroundings.events.heartbeat = 50ms;
        settings.jobs.poll = 20ms;
        start();
    }
    void TearDown() override { stop(); }
    [[nodiscard]] static wire::header_list bearer(std::string const& token) {
        return {{"Authorization", "Bearer " + token}};
    }
    std::unique_ptr<stream_reader> open(std::string const& query = {},
                                        wire::header_list more = {}) {
        more.set("Authorization", "Bearer " + token());
        return std::make_unique<stream_reader>(url() + path + query, std::move(more));
    }
    std::string ticket(std::string const& token) {
        auto const got = as(token, "POST", "/api/v1/events/ticket");
        EXPECT_EQ(got.status, 201) << got.body;
        return got.text("ticket");
    }
    answer refused(std::string const& query, wire::header_list headers = {}) {
        return send("GET", path + query, nullptr, std::move(headers));
    }
    std::string call() { return config(bot).text("session_id"); }
    answer finish(std::string const& session) {
        return post_result({{"session_id", session},
                            {"disconnected_by", "customer"},
                            {"call_duration_seconds", 42}});
    }
    static std::string told(std::string const& type, std::string const& session) {
        return "event: " + type + "\ndata: {\"session_id\":\"" + session + "\"";
    }
    std::string bot;
};

TEST_F(EventStream, ACallIsHeardFromItsBeginningToItsPush) {
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    auto const reader = open();
    ASSERT_TRUE(reader->opens());
    EXPECT_EQ(reader->status(), 200);
    EXPECT_EQ(reader->headers().get("Content-Type"), "text/event-stream");
    EXPECT_EQ(reader->headers().get("Cache-Control"), "no-store");
    auto const session = call();
    EXPECT_TRUE(reader->hears(told("call.created", session))) << reader->text();
    EXPECT_EQ(finish(session).status, 200);
    EXPECT_TRUE(reader->hears(told("call.updated", session))) << reader->text();
    EXPECT_TRUE(reader->hears(R"("status":"completed")"));
    EXPECT_TRUE(reader->hears(R"("push_state":"queued","job_id":")")) << reader->text();
    EXPECT_TRUE(reader->hears(R"("push_state":"delivered","job_id":")")) << reader->text();
}

TEST_F(EventStream, ACdrIsAnUpdateOfItsCall) {
    bot = make_bot();
    auto const session = config(bot, "stream_id=st-1").text("session_id");
    auto const reader = open("?topics=calls");
    ASSERT_TRUE(reader->opens());
    EXPECT_EQ(
        core("POST", "/api/v1/cdr", json_object{{"streamId", "st-1"}, {"talktime", 92}}).status,
        200);
    EXPECT_TRUE(reader->hears(told("call.updated", session))) << reader->text();
}

// 21-43: the update waits at the listener when the commit is answered (event_hub_test), and who
// comes back misses nothing. The time is told, not judged: it is the machine's.
TEST_F(EventStream, AnUpdateComesAtOnceAndWhoComesBackMissesNothing) {
    bot = make_bot();
    std::string last;
    std::string missed;
    {
        auto const reader = open("?topics=calls");
        ASSERT_TRUE(reader->opens());
        std::chrono::steady_clock::duration longest{0};
        for (int i = 0; i < 20; ++i) {
            auto const session = call();
            EXPECT_EQ(finish(session).status, 200);
            auto const answered = std::chrono::steady_clock::now();
            ASSERT_TRUE(reader->hears(told("call.updated", session)));
            longest = std::max(longest, std::chrono::steady_clock::now() - answered);
        }
        RecordProperty("longest_us", std::to_string(longest / 1us));
        std::cout << "heard at most " << longest / 1us << " us after the answer\n";
        last = reader->last_id();
    }
    missed = call();
    EXPECT_EQ(finish(missed).status, 200);
    auto const again = open("?topics=calls", {{"Last-Event-ID", last}});
    EXPECT_TRUE(again->hears(told("call.updated", missed))) << again->text();
    EXPECT_EQ(again->types(), (std::vector<std::string>{"call.created", "call.updated"}));
    auto const by_query = open("?topics=calls&last_event_id=" + last);
    EXPECT_TRUE(by_query->hears(told("call.updated", missed))) << by_query->text();
    // Who heard nothing yet has a place to come back to as well.
    auto const quiet = open("?topics=jobs");
    ASSERT_TRUE(quiet->opens());
    EXPECT_FALSE(quiet->last_id().empty());
}

TEST_F(EventStream, AfterARestartASnapshotIsNeeded) {
    bot = make_bot();
    std::string last;
    {
        auto const reader = open();
        ASSERT_TRUE(reader->opens());
        auto const session = call();
        ASSERT_TRUE(reader->hears(told("call.created", session)));
        last = reader->last_id();
        stop();
        EXPECT_TRUE(reader->ends()) << "a stop does not wait for readers";
    }
    start();
    auto const again = open("", {{"Last-Event-ID", last}});
    EXPECT_TRUE(again->hears("event: snapshot_needed\n")) << again->text();
    auto const session = call();
    EXPECT_TRUE(again->hears(told("call.created", session)));
    EXPECT_EQ(again->types().front(), "snapshot_needed");
}

TEST_F(EventStream, JobsAndSettingsAreHeardByWhoAsksForThem) {
    peer crm([](wire::http_request const&, int) { return json_reply(400, "{}"); });
    bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    auto const jobs = open("?topics=jobs");
    auto const others = open("?topics=settings,campaigns,knowledge");
    ASSERT_TRUE(jobs->opens() && others->opens());
    auto const session = call();
    EXPECT_EQ(finish(session).status, 200);
    EXPECT_TRUE(jobs->hears(R"("kind":"crm_push","session_id":")" + session + '"')) << jobs->text();
    EXPECT_EQ(
        admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", "Asia/Kolkata"}})
            .status,
        200);
    EXPECT_TRUE(others->hears("event: settings.changed\ndata: {\"version\":2,"));
    EXPECT_EQ(jobs->types(), std::vector<std::string>{"job.dead"});
    EXPECT_EQ(others->types(), std::vector<std::string>{"settings.changed"});
}

TEST_F(EventStream, HostsAreProbedWhileSomebodyListensAndToldWhenTheyChange) {
    std::atomic<int> busy{0};
    peer host([&](wire::http_request const&, int) {
        auto const calls = std::to_string(busy.load());
        return json_reply(200, R"({"status":"ok","fleet_calls":)" + calls +
                                   R"(,"fleet_max":4,"fleet_available":)" +
                                   std::to_string(4 - busy) + R"(,"workers":[]})");
    });
    EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                    json_object{{"cxbcore_fleet", wire::json_array{json_value(host.url())}}})
                  .status,
              200);
    auto const calls = open("?topics=calls");
    ASSERT_TRUE(calls->opens());
    EXPECT_EQ(host.count(), 0U) << "nobody listens to hosts";
    auto const fleet = open("?topics=fleet");
    EXPECT_TRUE(fleet->hears(R"("hosts":1,"healthy":1,"total_capacity":4,"active_calls":0)"))
        << fleet->text();
    auto const probes = host.count();
    EXPECT_TRUE(eventually([&] { return host.count() > probes + 1; })) << "it is looked at again";
    EXPECT_EQ(fleet->types().size(), 1U) << "what stays as it is is no news";
    busy = 3;
    EXPECT_TRUE(fleet->hears(R"("active_calls":3,"available":1)")) << fleet->text();
    EXPECT_TRUE(calls->types().empty());
}

TEST_F(EventStream, OnlyAdminsHearByEitherWay) {
    make_user("agent@example.com", "agent");
    make_user("super@example.com", "supervisor");
    make_user("boss@example.com", "admin");
    for (char const* email : {"agent@example.com", "super@example.com"}) {
        auto const low = token_of(email);
        auto const no_stream = refused("", bearer(low));
        EXPECT_EQ(no_stream.status, 403) << email;
        EXPECT_EQ(no_stream.text("detail"), "Insufficient permissions");
        EXPECT_EQ(as(low, "POST", "/api/v1/events/ticket").status, 403) << email;
    }
    for (auto const& got :
         {refused(""), refused("", bearer("nonsense")), refused("?ticket=nonsense"),
          refused("?ticket=nonsense", bearer(token()))}) {
        EXPECT_EQ(got.status, 401) << got.body;
        EXPECT_EQ(got.headers.get("WWW-Authenticate"), "Bearer");
    }
    EXPECT_EQ(send("POST", "/api/v1/events/ticket").status, 401);
    auto const boss = token_of("boss@example.com");
    stream_reader const by_token(url() + path, bearer(boss));
    EXPECT_TRUE(by_token.opens());
    stream_reader const by_ticket(url() + path + "?ticket=" + ticket(boss));
    EXPECT_TRUE(by_ticket.opens());
}

// A ticket asked for while its owner was an admin is worth nothing afterwards.
TEST_F(EventStream, ATicketIsJudgedByWhatItsOwnerIsNow) {
    auto const id = make_user("boss@example.com", "admin");
    auto const boss = token_of("boss@example.com");
    auto const first = ticket(boss);
    EXPECT_EQ(admin("PUT", at(id), json_object{{"role", "agent"}}).status, 200);
    EXPECT_EQ(refused("?ticket=" + first).status, 403);
    EXPECT_EQ(admin("PUT", at(id), json_object{{"role", "admin"}}).status, 200);
    auto const second = ticket(boss);
    EXPECT_EQ(admin("POST", at(id, "/deactivate"), json_object{{"is_active", false}}).status, 200);
    EXPECT_EQ(refused("?ticket=" + second).status, 401);
}

TEST_F(EventStream, ATicketOpensOneStreamWithin30Seconds) {
    auto const used = ticket(token());
    stream_reader const first(url() + path + "?topics=calls&ticket=" + used);
    ASSERT_TRUE(first.opens());
    auto const again = refused("?ticket=" + used);
    EXPECT_EQ(again.status, 401);
    EXPECT_EQ(again.text("detail"), "Invalid or expired ticket");
    auto const late = ticket(token());
    clock.advance(30s);
    EXPECT_EQ(refused("?ticket=" + late).text("detail"), "Invalid or expired ticket");
    EXPECT_FALSE(first.ended()) << "the stream itself goes on";
}

TEST_F(EventStream, AStreamEndsWhenItsUserMayNotListenAnyMore) {
    struct change {
        char const* email;
        std::function<void(std::string const& id, std::string const& token)> make;
    };
    change const changes[] = {
        {"off@example.com",
         [&](auto const& id, auto const&) {
             EXPECT_EQ(
                 admin("POST", at(id, "/deactivate"), json_object{{"is_active", false}}).status,
                 200);
         }},
        {"lower@example.com",
         [&](auto const& id, auto const&) {
             EXPECT_EQ(admin("PUT", at(id), json_object{{"role", "agent"}}).status, 200);
         }},
        {"out@example.com",
         [&](auto const&, auto const& own) {
             EXPECT_EQ(as(own, "POST", "/api/v1/auth/logout-all").status, 204);
         }},
        {"gone@example.com",
         [&](auto const& id, auto const&) { EXPECT_EQ(admin("DELETE", at(id)).status, 200); }},
    };
    auto const stays = open();
    for (auto const& one : changes) {
        auto const id = make_user(one.email, "admin");
        auto const own = token_of(one.email);
        stream_reader const by_token(url() + path, bearer(own));
        stream_reader const by_ticket(url() + path + "?ticket=" + ticket(own));
        ASSERT_TRUE(by_token.opens() && by_ticket.opens()) << one.email;
        one.make(id, own);
        EXPECT_TRUE(by_token.ends()) << one.email;
        EXPECT_TRUE(by_ticket.ends()) << one.email;
        EXPECT_FALSE(by_token.cut_off());
    }
    EXPECT_FALSE(stays->ended());
}

TEST_F(EventStream, AStreamEndsWithTheTokenItCameWith) {
    make_user("boss@example.com", "admin");
    auto const own = token_of("boss@example.com");
    stream_reader const by_token(url() + path, bearer(own));
    stream_reader const by_ticket(url() + path + "?ticket=" + ticket(own));
    ASSERT_TRUE(by_token.opens() && by_ticket.opens());
    clock.advance(settings.jwt.expire);
    EXPECT_TRUE(by_token.ends());
    EXPECT_TRUE(by_ticket.ends());
    EXPECT_EQ(refused("", bearer(own)).status, 401);
}

TEST_F(EventStream, BeatsComeWhileNothingHappens) {
    EXPECT_EQ(event_bounds{}.heartbeat, 15s);
    auto const reader = open();
    EXPECT_TRUE(reader->hears(": hb\n\n: hb\n\n: hb\n\n")) << reader->text();
}

TEST_F(EventStream, WhatIsAskedForIsChecked) {
    auto const got = refused("?topics=calls,everything&page=2", bearer(token()));
    EXPECT_EQ(got.status, 422);
    EXPECT_NE(got.body.find("/topics"), std::string::npos) << got.body;
    EXPECT_NE(got.body.find("/page"), std::string::npos) << got.body;
    EXPECT_EQ(refused("?topics=calls,,jobs", bearer(token())).status, 422);
    EXPECT_EQ(refused("?last_event_id=" + std::string(65, '1'), bearer(token())).status, 422);
    auto const spent = ticket(token());
    EXPECT_EQ(refused("?topics=x&ticket=" + spent).status, 422);
    stream_reader const still_good(url() + path + "?ticket=" + spent);
    EXPECT_TRUE(still_good.opens()) << "a refusal uses no ticket up";
}

TEST_F(EventStream, AUserHasSoManyStreamsAndGetsPlacesBack) {
    stop();
    surroundings.events.user_streams = 2;
    surroundings.events.heartbeat = 1h;  // who left is noticed without one
    start();
    auto one = open("?topics=jobs");  // of which nothing is heard meanwhile
    auto const two = open("?topics=jobs");
    ASSERT_TRUE(one->opens() && two->opens());
    auto const third = refused("", bearer(token()));
    EXPECT_EQ(third.status, 429);
    EXPECT_EQ(third.text("code"), "too_many_streams");
    EXPECT_FALSE(third.headers.get("Retry-After").empty());
    one.reset();
    EXPECT_TRUE(eventually([&] {
        auto const again = open();
        return eventually([&] { return again->status() != 0; }) && again->status() == 200;
    }));
}

// A proxy or a browser that only said that it asks no more has nobody to listen for it.
TEST_F(EventStream, AReaderThatHalfClosedIsGone) {
    stop();
    surroundings.events.user_streams = 1;
    surroundings.events.heartbeat = 1h;
    start();
    cxb::test::raw_client half(cxb::test::port_of_url(url()), 30s);
    half.send("GET " + std::string(path) +
              "?topics=jobs HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token() + "\r\n\r\n");
    EXPECT_EQ(cxb::test::status_of(half.read_response(false)), 200);
    half.close_sending();
    EXPECT_NE(half.read_all().find(": hb\n"), std::string::npos);
    EXPECT_TRUE(half.at_end());
    EXPECT_TRUE(open()->opens());
}

// Headers alone: nothing is begun, and the place is given back.
TEST_F(EventStream, AskingForTheHeadHoldsNoStream) {
    stop();
    surroundings.events.user_streams = 1;
    start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(send("HEAD", path, nullptr, bearer(token())).status, 200);
    EXPECT_TRUE(open()->opens());
}

}  // namespace
}  // namespace cxb::api::test
