#include "cxb/client/observed_transport.hpp"

#include "cxb/client/api_client.hpp"
#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;

struct ObservedTransport : cxb_test::ClientFixture {
    std::vector<client::exchange_record> records;
    client::observed_transport observed{
        net, [this](client::exchange_record const& one) { records.push_back(one); }, &clock};

    client::outgoing_request request(std::string url) {
        client::outgoing_request out;
        out.url = std::move(url);
        out.message.method = "POST";
        out.message.headers.add("X-API-Key", "vx_hidden");
        out.message.body = R"({"to":"+919876543210"})";
        return out;
    }
    client::exchange_record seen(std::string url) {
        runner.run(observed.send(request(std::move(url)), {}));
        return records.back();
    }
};

TEST_F(ObservedTransport, AnAnswerIsToldWithoutWhatIsSecret) {
    net.respond([this](client::outgoing_request const&) {
        clock.advance(12ms);
        wire::http_response out;
        out.body = "answer";
        out.headers.add("X-Request-Id", "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10");
        return cxb::testing::scripted_transport::answer(out);
    });
    auto const one = seen("http://api.test:8080/api/v1/sip/lookup?number=%2B919876543210");
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(one.sent, sent_state::yes);
    EXPECT_EQ(one.took, 12ms);
    EXPECT_DOUBLE_EQ(one.seconds(), 0.012);
    EXPECT_EQ(client::to_log_text(one),
              "POST http://api.test:8080 /api/v1/sip/lookup?number=*** 200 12ms sent=22 received=6 "
              "request_id=019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10");
}

TEST_F(ObservedTransport, AFailureIsToldWithWhatThePeerMayHaveDone) {
    net.fail(error{errc::unavailable, "Connection broke"}
                 .with_reason("connection_lost")
                 .with_request_sent(sent_state::maybe));
    auto const one = seen("unix:/run/core.sock:/health");
    EXPECT_EQ(one.failure, errc::unavailable);
    EXPECT_EQ(client::to_log_text(one),
              "POST unix:/run/core.sock /health unavailable(connection_lost) request_sent=maybe "
              "0ms sent=22 received=0");
}

TEST_F(ObservedTransport, AnUnreadableUrlIsNotShown) {
    net.reply(200);
    auto const one = seen("http://user:hidden@api.test/");
    EXPECT_EQ(one.origin, "");
    EXPECT_EQ(one.path, "");
}

TEST_F(ObservedTransport, RequestAndAnswerPassUnchanged) {
    net.reply(404, "none", {{"X-A", "1"}});
    auto const got = runner.run(observed.send(request("http://a.test/x"), {}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 404);
    EXPECT_EQ(got->body, "none");
    auto const sent = net.calls().at(0).request;
    EXPECT_EQ(sent.message.headers.get("X-API-Key"), "vx_hidden");
    EXPECT_EQ(sent.message.body.size(), 22U);
}

TEST_F(ObservedTransport, EachTryOfAClientIsToldOnItsOwn) {
    auto how = options();
    how.transport = &observed;
    client::api_client api(std::move(how));
    net.reply(503).reply(200, "{}");
    client::call_options call;
    call.request_id = "r-1";
    EXPECT_TRUE(runner.run(api.send({.target = "/x"}, call)));
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].status, 503);
    EXPECT_EQ(records[1].status, 200);
    EXPECT_EQ(records[1].request_id, "r-1");
}

TEST(LoggablePath, OnlyWordsAndIdsStay) {
    struct row {
        char const* target;
        char const* shown;
    };
    constexpr row rows[] = {
        {"/", "/"},
        {"/api/v1/call-results", "/api/v1/call-results"},
        {"/api/v1/config/65f000000000000000000001?fetch_id=a&x=%20",
         "/api/v1/config/65f000000000000000000001?fetch_id=***&x=***"},
        {"/recordings/2026/01/02/019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10.wav",
         "/recordings/2026/01/02/019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10.wav"},
        {"/public/recordings/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4", "/public/recordings/***"},
        {"/numbers/%2B919876543210", "/numbers/***3210"},
        {"/numbers/98765-43210/", "/numbers/***3210/"},
        {"/calls/camp-9876543210", "/calls/***"},
        {"/people/Ravi%20Kumar", "/people/***"},
        {"/x?+919876543210=1&q", "/x?***3210=***&q=***"},
        {"/bad%zz#fragment", "/***"}};
    for (auto const& one : rows)
        EXPECT_EQ(client::loggable_path(one.target), one.shown) << one.target;
}

}  // namespace
