#include "cxb/client/api_client.hpp"

#include "cxb/base/http_date.hpp"
#include "cxb/base/ids.hpp"
#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;
namespace rc = contract::runtime_config;

constexpr char const* ack = R"({"status":"ok","session_id":"s1","result":"stored"})";
constexpr char const* accepted =
    R"({"status":"accepted","call_id":"c1","room_name":"dialout-1","session_id":"s1"})";

struct ApiClient : cxb_test::ClientFixture {
    client::api_client api() {
        auto how = options();
        how.api_key = secret("vx_key");
        return client::api_client(std::move(how));
    }
    client::dialout_params order(std::string key = {}) {
        client::dialout_params out;
        out.request.bot_id = "65f000000000000000000001";
        out.request.to_number = "+919876543210";
        out.idempotency_key = std::move(key);
        return out;
    }
};

// 10-37: a config fetch is tried three times under one fetch_id.
TEST_F(ApiClient, ConfigFetchRepeatsWithOneFetchId) {
    net.fail(refused()).reply(503, R"({"detail":"busy"})").fail(timed_out());
    auto peer = api();
    auto const got =
        runner.run(peer.fetch_config({.bot_id = "b 1", .request = {}, .config_url = {}}));
    ASSERT_FALSE(got);
    EXPECT_EQ(client::outcome_of(got.error()), rc::config_outcome::unavailable);
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_TRUE(calls[0].request.url.starts_with("http://peer:1/api/v1/config/b%201?"));
    EXPECT_EQ(calls[0].request.url, calls[2].request.url);
    EXPECT_NE(calls[0].request.url.find("fetch_id="), std::string::npos);
    EXPECT_EQ(calls[0].request.message.headers.get("X-CXBCore-Secret"), "s3cret");
    EXPECT_EQ(calls[0].request.message.headers.get("X-CXB-Core-Secret"), "s3cret");
    EXPECT_FALSE(calls[0].request.message.headers.has("X-API-Key"));
    EXPECT_EQ(calls[0].options.total, 5s);
    EXPECT_EQ(calls[0].options.connect, 2s);
    EXPECT_EQ(calls[0].options.max_response_bytes, limits::config_body);
    ASSERT_EQ(waits.size(), 2U);
    EXPECT_LT(waits[0], 200ms);
    EXPECT_LT(waits[1], 600ms);
}

TEST_F(ApiClient, AllTriesOfAConfigFetchShareEightSeconds) {
    net.otherwise([this](client::outgoing_request const&) {
        clock.advance(5s);
        return cxb::testing::scripted_transport::answer(timed_out());
    });
    auto peer = api();
    auto const got =
        runner.run(peer.fetch_config({.bot_id = "b", .request = {}, .config_url = {}}));
    ASSERT_FALSE(got);
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_LE(calls[1].options.total, 3s);
}

TEST_F(ApiClient, RefusalsOfAConfigAreFinal) {
    struct row {
        int status;
        char const* body;
        rc::config_outcome outcome;
    };
    constexpr row rows[] = {
        {403, R"({"detail":"Invalid core secret"})", rc::config_outcome::refused},
        {404, R"({"detail":"Bot not found"})", rc::config_outcome::bot_not_found},
        {409, R"({"code":"session_completed"})", rc::config_outcome::session_completed},
        {503, R"({"detail":"outside_active_hours: x"})", rc::config_outcome::outside_hours},
        {200, "{]", rc::config_outcome::malformed}};
    auto peer = api();
    for (auto const& one : rows) {
        auto const before = net.calls().size();
        net.reply(one.status, one.body);
        auto const got =
            runner.run(peer.fetch_config({.bot_id = "b", .request = {}, .config_url = {}}));
        ASSERT_FALSE(got) << one.status;
        EXPECT_EQ(client::outcome_of(got.error()), one.outcome) << one.status;
        EXPECT_EQ(net.calls().size(), before + 1);
    }
}

TEST_F(ApiClient, ALongConfigRequestIsPosted) {
    net.reply(404);
    client::fetch_config_params params;
    params.bot_id = "b";
    params.config_url = "http://other/api/v1/config/";
    params.request.connected_event.variables =
        wire::raw_json::parse("{\"T\":\"" + std::string(20000, 'x') + "\"}").value();
    auto peer = api();
    EXPECT_FALSE(runner.run(peer.fetch_config(std::move(params))));
    auto const calls = net.calls();
    EXPECT_EQ(calls[0].request.message.method, "POST");
    EXPECT_EQ(calls[0].request.url, "http://other/api/v1/config/b");
    EXPECT_NE(calls[0].request.message.body.find("fetch_id"), std::string::npos);
}

TEST_F(ApiClient, AResultIsRepeatedUntilItIsTakenOrFinal) {
    net.reply(500).reply(429, {}, {{"Retry-After", "2"}}).reply(200, ack);
    auto peer = api();
    auto const got = runner.run(peer.deliver_result({.body = "{}", .url = "http://hook/r"}));
    ASSERT_TRUE(got);
    EXPECT_EQ(net.calls()[2].request.url, "http://hook/r");
    EXPECT_EQ(net.calls()[2].options.total, 15s);
    EXPECT_EQ(waits.at(1), 2s);
    net.reply(422, R"({"detail":"no","errors":[{"pointer":"/a","reason":"b"}]})");
    auto const refusal = runner.run(peer.deliver_result({.body = "{}", .url = {}}));
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().faults().size(), 1U);
    EXPECT_EQ(net.calls().size(), 4U);
}

TEST_F(ApiClient, ADateOfRetryAfterIsCountedByTheClientsClock) {
    auto const date = format_http_date(clock.now() + 3s);
    net.reply(429, {}, {{"Retry-After", date}}).reply(200, ack);
    auto peer = api();
    ASSERT_TRUE(runner.run(peer.deliver_result({.body = "{}", .url = "http://hook/r"})));
    EXPECT_EQ(waits.at(0), 3s);
}

TEST_F(ApiClient, ACdrIsDelivered) {
    net.fail(reset()).reply(200, R"({"status":"ok","stream_id":"st-1"})");
    auto peer = api();
    auto const got = runner.run(peer.deliver_cdr({.body = "{}", .url = {}}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->stream_id, "st-1");
}

TEST_F(ApiClient, ADialoutIsRepeatedOnlyWithAKey) {
    auto peer = api();
    net.fail(refused());
    EXPECT_FALSE(runner.run(peer.dialout(order())));
    EXPECT_EQ(net.calls().size(), 1U);
    net.fail(timed_out()).reply(200, accepted);
    auto const got = runner.run(peer.dialout(order("k1")));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->session_id, "s1");
    auto const calls = net.calls();
    EXPECT_EQ(calls[2].request.message.headers.get("Idempotency-Key"), "k1");
    EXPECT_EQ(calls[2].request.message.headers.get("X-API-Key"), "vx_key");
    EXPECT_EQ(calls[2].options.total, 75s);
    EXPECT_FALSE(runner.run(peer.dialout(order(std::string(256, 'k')))));
    EXPECT_EQ(net.calls().size(), 3U);
}

// 10-37: what the last try says of itself does not hide that an earlier one may have arrived.
TEST_F(ApiClient, AnEarlierTryThatMayHaveArrivedIsNotForgotten) {
    auto peer = api();
    net.fail(timed_out()).fail(refused()).fail(refused());
    auto const lost = runner.run(peer.dialout(order("k1")));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code(), errc::unavailable);
    EXPECT_EQ(lost.error().request_sent(), sent_state::maybe);
    net.fail(refused()).fail(refused()).fail(refused());
    auto const unsent = runner.run(peer.dialout(order("k2")));
    ASSERT_FALSE(unsent);
    EXPECT_EQ(unsent.error().request_sent(), sent_state::no);
}

// 10-10: a Core rather loses a tool than the call.
TEST_F(ApiClient, ABrokenToolIsDroppedWithAWarning) {
    net.reply(200, R"({"session_id":"s","webhook_url":"http://a/r","system_prompt":"",
        "opening_message":"","tools":[{"type":"function","function":{"name":"a"}},
        {"type":"function","function":{}},{"type":"function","function":{"name":"a"}}]})");
    auto peer = api();
    auto const got =
        runner.run(peer.fetch_config({.bot_id = "b", .request = {}, .config_url = {}}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->config.tools.size(), 1U);
    ASSERT_EQ(got->warnings.size(), 2U);
    EXPECT_EQ(got->warnings[0].pointer, "/tools/1/function/name");
}

TEST_F(ApiClient, AnUnreadableAnswerIsCorrupt) {
    net.reply(200, "<html>");
    auto peer = api();
    auto const got = runner.run(peer.dialout(order()));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::corrupt_data);
    EXPECT_EQ(got.error().request_sent(), sent_state::yes);
}

TEST_F(ApiClient, OtherRoutesRepeatReadsOnly) {
    auto peer = api();
    net.fail(reset()).reply(200, "{}");
    EXPECT_TRUE(runner.run(peer.send({.target = "/api/v1/bots"})));
    net.fail(reset());
    EXPECT_FALSE(runner.run(peer.send({.method = "POST", .target = "/x", .body = "{}"})));
    net.fail(refused()).reply(200, "{}");
    EXPECT_TRUE(runner.run(peer.send({.method = "POST", .target = "/x", .body = "{}"})));
    EXPECT_EQ(net.calls().size(), 5U);
    EXPECT_EQ(net.calls()[4].request.message.headers.get("Content-Type"), "application/json");
}

TEST_F(ApiClient, TheCallersDeadlineBoundsEverything) {
    auto peer = api();
    client::call_options how;
    how.deadline = clock.steady() + 1s;
    how.request_id = "r1";
    net.reply(503, {}, {{"Retry-After", "5"}});
    auto const got = runner.run(peer.send({.target = "/x"}, how));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::unavailable);
    EXPECT_EQ(net.calls()[0].options.total, 1s);
    EXPECT_EQ(net.calls()[0].request.message.headers.get("X-Request-Id"), "r1");
    clock.advance(1s);
    auto const late = runner.run(peer.send({.target = "/x"}, how));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(late.error().request_sent(), sent_state::no);
    EXPECT_EQ(net.calls().size(), 1U);
}

TEST_F(ApiClient, AnEmptyBudgetEndsRepeats) {
    auto peer = api();
    net.otherwise([](client::outgoing_request const&) {
        return cxb::testing::scripted_transport::answer(refused());
    });
    for (int i = 0; i < 5; ++i)
        EXPECT_FALSE(runner.run(peer.send({.target = "/x"})));
    EXPECT_EQ(net.calls().size(), 15U);
    EXPECT_FALSE(runner.run(peer.send({.target = "/x"})));
    EXPECT_EQ(net.calls().size(), 16U);
    EXPECT_DOUBLE_EQ(peer.retry_tokens(), 0.0);
}

TEST_F(ApiClient, ABearerIsUsedWithoutAKey) {
    auto how = options();
    how.bearer = secret("tok");
    client::api_client peer(std::move(how));
    net.reply(200, "{}");
    EXPECT_TRUE(runner.run(peer.send({.target = "/x"})));
    EXPECT_EQ(net.calls()[0].request.message.headers.get("Authorization"), "Bearer tok");
}

}  // namespace
