#include "cxb/client/retrying_transport.hpp"

#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;

struct RetryingTransport : cxb_test::ClientFixture {
    client::retrying_options settings() {
        client::retrying_options out;
        out.time = &clock;
        out.random = &random;
        out.pause = options().pause;
        return out;
    }
    client::retrying_transport again{net, settings()};

    static client::outgoing_request request(std::string method, std::string key = {}) {
        client::outgoing_request out;
        out.url = "http://a.test/x";
        out.message.method = std::move(method);
        if (!key.empty()) out.message.headers.add("Idempotency-Key", std::move(key));
        return out;
    }
    // Requests made of one call when the first try ends like this and the second well.
    std::size_t tries(client::outgoing_request asked, int status) {
        auto const before = net.calls().size();
        net.reply(status);
        net.otherwise([](client::outgoing_request const&) {
            return cxb::testing::scripted_transport::answer(wire::http_response{});
        });
        EXPECT_TRUE(runner.run(again.send(std::move(asked), {})));
        return net.calls().size() - before;
    }
};

TEST_F(RetryingTransport, HarmlessRequestsAreRepeated) {
    for (char const* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
        EXPECT_EQ(tries(request(method), 503), 2U) << method;
    EXPECT_EQ(tries(request("POST", "k"), 429), 2U);
    EXPECT_EQ(tries(request("GET"), 500), 2U);
    EXPECT_EQ(tries(request("GET"), 404), 1U);
    EXPECT_EQ(tries(request("GET"), 302), 1U);
    EXPECT_EQ(tries(request("POST"), 503), 1U);
    EXPECT_EQ(tries(request("PATCH"), 500), 1U);
}

TEST_F(RetryingTransport, OthersAreRepeatedOnlyIfNothingWasSent) {
    net.fail(refused()).reply(200);
    EXPECT_TRUE(runner.run(again.send(request("POST"), {})));
    net.fail(reset());
    auto const lost = runner.run(again.send(request("POST"), {}));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().request_sent(), sent_state::maybe);
    auto upload = request("PUT");
    upload.upload = std::make_shared<wire::body_stream>();
    net.fail(reset());
    EXPECT_FALSE(runner.run(again.send(std::move(upload), {})));
    EXPECT_EQ(net.calls().size(), 4U);
}

TEST_F(RetryingTransport, TheLastAnswerIsGivenAsItCame) {
    net.reply(503, "a").reply(503, "b").reply(503, "c", {{"X-A", "1"}});
    auto const got = runner.run(again.send(request("GET"), {}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 503);
    EXPECT_EQ(got->body, "c");
    EXPECT_EQ(got->headers.get("X-A"), "1");
    EXPECT_EQ(waits.size(), 2U);
    EXPECT_EQ(again.retry_tokens(), 8.0);
}

TEST_F(RetryingTransport, AllTriesEndWithTheTimeOfTheCall) {
    net.otherwise([this](client::outgoing_request const&) {
        clock.advance(1s);
        return cxb::testing::scripted_transport::answer(refused());
    });
    client::transport_options how;
    how.total = 1500ms;
    how.connect = 1200ms;
    EXPECT_FALSE(runner.run(again.send(request("GET"), how)));
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].options.connect, 1200ms);
    EXPECT_LE(calls[1].options.total, 500ms);
    EXPECT_LE(calls[1].options.connect, 500ms);
}

TEST_F(RetryingTransport, RetryAfterIsKept) {
    net.reply(503, {}, {{"Retry-After", "2"}}).reply(200);
    EXPECT_TRUE(runner.run(again.send(request("GET"), {})));
    EXPECT_EQ(waits.at(0), 2s);
    net.reply(503, "later", {{"Retry-After", "3600"}});
    EXPECT_EQ(runner.run(again.send(request("GET"), {}))->body, "later");
    EXPECT_EQ(waits.size(), 1U);
}

TEST_F(RetryingTransport, AnEmptyBucketEndsRepeats) {
    net.otherwise([](client::outgoing_request const&) {
        return cxb::testing::scripted_transport::answer(refused());
    });
    for (int i = 0; i < 6; ++i)
        EXPECT_FALSE(runner.run(again.send(request("GET"), {})));
    EXPECT_EQ(net.calls().size(), 16U);
}

}  // namespace
