// The stream of events: what is read of it, and what `cxb events tail` does when it ends.
#include "cli/app/event_reader.hpp"
#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;

struct told_event {
    std::string id, type, data;
    bool operator==(told_event const&) const = default;
};

struct EventReader : ::testing::Test {
    std::vector<told_event> seen;
    cli::event_reader reader{[this](cli::server_event const& one) -> result<void> {
        seen.push_back({one.id, one.type, one.data});
        return {};
    }};
};

TEST_F(EventReader, TakesPiecesOfAnySize) {
    std::string const stream =
        ": hb\nid: g.1\n\nid: g.2\nevent: call.updated\r\ndata: {\"a\":1,\ndata: \"b\":2}\n\n"
        ": hb\n\nretry: 1000\nevent:job.dead\ndata:{}\n\n";
    std::vector<told_event> const expected{{"g.2", "call.updated", "{\"a\":1,\n\"b\":2}"},
                                           {"g.2", "job.dead", "{}"}};
    for (std::size_t size : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        seen.clear();
        for (std::size_t at = 0; at < stream.size(); at += size)
            ASSERT_TRUE(reader.feed(std::string_view(stream).substr(at, size)));
        EXPECT_EQ(seen, expected) << size;
    }
}

TEST_F(EventReader, ForgetsHalfAnEventButNotWhereItWas) {
    ASSERT_TRUE(reader.feed("id: g.7\ndata: {}\n\nid: g.8\ndata: {\"lost\""));
    reader.restart();
    EXPECT_EQ(reader.last_id(), "g.7");
    ASSERT_TRUE(reader.feed("data: {}\n\n"));
    EXPECT_EQ(seen.back(), (told_event{"g.7", "", "{}"}));
}

TEST_F(EventReader, RefusesWhatIsNoStream) {
    EXPECT_EQ(reader.feed("<html>\n").error().code(), errc::corrupt_data);
    cli::event_reader other([](auto const&) -> result<void> { return {}; });
    std::string const piece(1 << 16, 'x');
    result<void> fed;
    for (int i = 0; i < 20 && fed; ++i)
        fed = other.feed(piece);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code(), errc::corrupt_data);
}

TEST_F(EventReader, StopsWhenItsTakerDoes) {
    cli::event_reader full([](auto const&) -> result<void> { return error{errc::internal, "x"}; });
    EXPECT_EQ(full.feed("data: 1\n\n").error().code(), errc::internal);
}

struct Events : cxb_test::CliFixture {
    static error broken() { return error{errc::upstream_failed, "The answer broke off"}; }
    std::string header(std::size_t call, char const* name) {
        return std::string(net.calls().at(call).request.message.headers.get(name));
    }
};

TEST_F(Events, AreShownAsTheyComeAndFollowedAfterABreak) {
    net.reply(200, "id: g.1\nevent: call.created\ndata: {\"session_id\":\"s1\"}\n\nid: g.2\nda")
        .reply(200, "id: g.2\nevent: job.dead\ndata: {\"id\":\"j1\"}\n\n");
    pauses_left = 1;
    EXPECT_EQ(run({"events", "tail", "--topics", "calls,jobs"}), 0) << err.str();
    EXPECT_EQ(net.calls().size(), 2U);
    EXPECT_NE(net.calls()[0].request.url.find("/api/v1/events/stream?topics=calls%2Cjobs"),
              std::string::npos)
        << net.calls()[0].request.url;
    EXPECT_EQ(header(0, "Accept"), "text/event-stream");
    EXPECT_EQ(header(0, "Last-Event-ID"), "");
    EXPECT_EQ(header(1, "Last-Event-ID"), "g.1");
    EXPECT_NE(out.str().find("  call.created  {\"session_id\":\"s1\"}\n"), std::string::npos);
    EXPECT_NE(out.str().find("  job.dead  {\"id\":\"j1\"}\n"), std::string::npos);
    EXPECT_NE(err.str().find("again in 1 s"), std::string::npos);
}

TEST_F(Events, AreOneDocumentALineForPrograms) {
    net.reply(200, "id: g.1\nevent: snapshot_needed\ndata: {}\n\nid: g.2\nevent: a\ndata: 1\n\n");
    pauses_left = 0;
    EXPECT_EQ(run({"--json", "events", "tail"}), 0);
    EXPECT_EQ(out.str(),
              "{\"id\":\"g.1\",\"event\":\"snapshot_needed\",\"data\":{}}\n"
              "{\"id\":\"g.2\",\"event\":\"a\",\"data\":1}\n");
    EXPECT_TRUE(net.calls()[0].request.url.ends_with("/api/v1/events/stream"));
}

TEST_F(Events, AreGivenUpAfterTheRetriesThatWereGranted) {
    net.reply(200, "data: 1\n\n").fail(broken()).fail(broken()).fail(broken());
    auto const begin = clock.now();
    EXPECT_EQ(run({"events", "tail", "--retries", "2"}), 1);
    EXPECT_EQ(net.remaining(), 1U);
    EXPECT_EQ(clock.now() - begin, std::chrono::seconds(1 + 2));
    EXPECT_NE(err.str().find("broke off"), std::string::npos) << err.str();
}

TEST_F(Events, WaitLongerFromTryToTryUpToHalfAMinute) {
    net.reply(200, "data: 1\n\n").otherwise([](auto const&) {
        return cxb::testing::scripted_transport::answer(broken());
    });
    pauses_left = 7;
    auto const begin = clock.now();
    EXPECT_EQ(run({"events", "tail"}), 0);
    EXPECT_EQ(clock.now() - begin, std::chrono::seconds(1 + 2 + 4 + 8 + 16 + 30 + 30 + 30));
}

TEST_F(Events, ARefusalIsNotTriedAgain) {
    net.reply(403, R"({"detail":"Insufficient permissions"})");
    EXPECT_EQ(run({"events", "tail"}), 3);
    net.reply(200, "data: 1\n\n").reply(401, R"({"detail":"Invalid or expired token"})");
    EXPECT_EQ(run({"events", "tail"}), 3);
    net.reply(422, R"({"detail":"Unknown topic"})");
    EXPECT_EQ(run({"events", "tail", "--topics", "weather"}), 1);
    net.fail(error{errc::unavailable, "refused"}
                 .with_request_sent(sent_state::no)
                 .with_retry_after(std::chrono::hours{1}));
    EXPECT_EQ(run({"events", "tail"}), 5);
    EXPECT_EQ(net.remaining(), 0U);
    EXPECT_EQ(run({"events", "tail", "--retries", "-1"}), 2);
}

TEST_F(Events, AnAnswerOfAnotherServiceIsAFailure) {
    net.reply(200, "<html>\nwelcome</html>");
    EXPECT_EQ(run({"events", "tail"}), 1);
    EXPECT_NE(err.str().find("http://127.0.0.1:8080"), std::string::npos) << err.str();
    net.reply(200, "data: not json\n\n");
    EXPECT_EQ(run({"events", "tail"}), 1);
}

TEST_F(Events, OtherVerdictsAreFailures) {
    for (auto const* verdict : {"blocked", "failed"}) {
        net.reply(200, std::string(R"({"subject":{"kind":"bot","id":"b1"},"verdict":")") + verdict +
                           R"(","reasons":[]})");
        EXPECT_EQ(run({"why", "bot", "b1"}), 1) << verdict;
        EXPECT_EQ(out.str(), std::string("bot b1: ") + verdict + "\n");
    }
    net.reply(200, R"({"id":"c1","lk_sync_status":"error","lk_sync_error":"no such trunk"})");
    EXPECT_EQ(run({"carriers", "sync", "c1"}), 1);
    EXPECT_EQ(out.str(), "Carrier c1: LiveKit error, no such trunk\n");
    net.reply(200, R"({"request":{"method":"GET","url":"u"},"error":"outbound_blocked"})");
    EXPECT_EQ(run({"bots", "test-integration", "b1", "pre_call_fetch"}), 1);
    EXPECT_EQ(out.str(), "GET u\nFailed: outbound_blocked\n");
    net.reply(200, R"({"request":{"method":"GET","url":"u"},"response":{"status":404,"ms":1}})");
    EXPECT_EQ(run({"bots", "test-integration", "b1", "pre_call_fetch", "--send"}), 1);
}

}  // namespace
