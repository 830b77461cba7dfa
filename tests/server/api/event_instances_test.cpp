// Event streams of several cxb-api on one store (spec 21 §10): news and tickets of the others.
#include "server/api/event_stream_kit.hpp"
#include "server/api/instances_fixture.hpp"

namespace cxb::api::test {
namespace {

struct EventInstances : Instances {
    static std::string stream_of(instance& at, std::string const& query = {}) {
        return at.url() + "/api/v1/events/stream" + query;
    }
    static wire::header_list bearer(instance& of) {
        return {{"Authorization", "Bearer " + of.token()}};
    }
    static std::string ticket(instance& of) {
        auto const got = of.admin("POST", "/api/v1/events/ticket");
        EXPECT_EQ(got.status, 201) << got.body;
        return got.text("ticket");
    }
    static std::string call(instance& at, std::string const& bot) {
        std::string session;
        EXPECT_TRUE(eventually([&] {
            session = at.config(bot).text("session_id");
            return !session.empty();
        }));
        return session;
    }
    static bool hears(stream_reader const& reader, std::string const& session) {
        return reader.hears("data: {\"session_id\":\"" + session + '"');
    }
};

TEST_F(EventInstances, CommitsOfTheOtherAreHeardOnce) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const bot = a.make_bot();
    stream_reader const at_a(stream_of(a, "?topics=calls"), bearer(a));
    stream_reader const at_b(stream_of(b, "?topics=calls"), bearer(b));
    ASSERT_TRUE(at_a.opens() && at_b.opens());
    auto const first = call(a, bot);
    EXPECT_TRUE(hears(at_a, first) && hears(at_b, first)) << at_b.text();
    auto const second = call(b, bot);
    EXPECT_TRUE(hears(at_a, second) && hears(at_b, second)) << at_a.text();
    for (auto const* reader : {&at_a, &at_b})
        EXPECT_EQ(reader->types(), (std::vector<std::string>{"call.created", "call.created"}));
}

TEST_F(EventInstances, ATicketOfTheOtherIsTakenOnce) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const of_a = ticket(a);
    stream_reader const at_b(stream_of(b, "?ticket=" + of_a));
    EXPECT_TRUE(at_b.opens()) << at_b.text();
    for (auto* at : {&a, &b})
        EXPECT_EQ(at->send("GET", "/api/v1/events/stream?ticket=" + of_a).status, 401);
}

// A place is one of a process: the other cannot know what was heard there.
TEST_F(EventInstances, WhoMovesToAnotherInstanceNeedsASnapshot) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    stream_reader const at_a(stream_of(a), bearer(a));
    ASSERT_TRUE(at_a.opens());
    auto headers = bearer(b);
    headers.set("Last-Event-ID", at_a.last_id());
    stream_reader const at_b(stream_of(b), headers);
    EXPECT_TRUE(at_b.hears("event: snapshot_needed\n")) << at_b.text();
}

TEST_F(EventInstances, WithRedisAwayNewsOfOneselfAndTicketsGoOn) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const bot = a.make_bot();
    redis->kill();
    ASSERT_TRUE(eventually([&] { return metric(a, "cxb_redis_up") == 0; }));
    stream_reader const at_a(stream_of(a, "?ticket=" + ticket(b)));
    ASSERT_TRUE(at_a.opens()) << at_a.text();
    auto const session = call(a, bot);
    EXPECT_TRUE(hears(at_a, session)) << at_a.text();
    redis->start();
    EXPECT_TRUE(at_a.hears("event: snapshot_needed\n")) << "the other may have told something";
    EXPECT_TRUE(eventually([&] { return metric(a, "cxb_redis_up") == 1; }));
}

TEST_F(EventInstances, WithoutRedisEachInstanceHearsItself) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    stream_reader const at_b(stream_of(b), bearer(b));
    ASSERT_TRUE(at_b.opens());
    auto const of_a = call(a, bot);
    auto const of_b = call(b, bot);
    EXPECT_TRUE(hears(at_b, of_b));
    EXPECT_EQ(at_b.text().find(of_a), std::string::npos);
    // Settings are looked at by every instance itself.
    EXPECT_EQ(a.admin("PUT", "/api/v1/settings/timezone",
                      json_object{{"display_timezone", "Asia/Kolkata"}})
                  .status,
              200);
    EXPECT_TRUE(at_b.hears("event: settings.changed\n"));
}

}  // namespace
}  // namespace cxb::api::test
