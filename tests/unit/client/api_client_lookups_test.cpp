// Look-ups, knowledge and prompt cache of spec 10 §3.8 by the row of §12: 3 s, unavailable, once.
#include "cxb/client/api_client.hpp"
#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;

constexpr char const* binding = R"({"bot_id":"b","carrier_id":"c","did_id":"d"})";
constexpr char const* hits = R"({"results":[{"text":"t","score":0.5}],"took_ms":3})";
constexpr char const* recreated =
    R"({"cached_content_name":"n","static_version":"v","expires_at":"2026-01-02T03:04:05Z"})";

struct ApiClientLookups : cxb_test::ClientFixture {
    client::api_client api{options()};
    static client::knowledge_search_params question() {
        client::knowledge_search_params out;
        out.request.bot_id = "b";
        out.request.query = "opening hours?";
        return out;
    }
    static client::cache_recreate_params recreate() {
        client::cache_recreate_params out;
        out.request.static_version = "v";
        out.bot_id = "b 1";
        return out;
    }
};

TEST_F(ApiClientLookups, ANumberIsLookedUp) {
    net.reply(200, binding);
    auto const got = runner.run(api.look_up_number({.number = "+91 1", .config_url = {}}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->did_id, "d");
    auto const call = net.calls().at(0);
    EXPECT_EQ(call.request.message.method, "GET");
    EXPECT_EQ(call.request.url, "http://peer:1/api/v1/sip/lookup?number=%2B91%201");
    EXPECT_EQ(call.request.message.headers.get("X-CXBCore-Secret"), "s3cret");
    EXPECT_EQ(call.options.total, 3s);
}

TEST_F(ApiClientLookups, TheApiOfTheConfigUrlIsAsked) {
    net.reply(200, R"({"trunk_id":"t","outbound_cps":2.5})");
    auto const got = runner.run(
        api.look_up_trunk({.from_number = "1", .config_url = "http://other:2/api/v1/config/"}));
    ASSERT_TRUE(got);
    EXPECT_DOUBLE_EQ(got->outbound_cps, 2.5);
    EXPECT_EQ(net.calls().at(0).request.url,
              "http://other:2/api/v1/sip/outbound-trunk?from_number=1");
}

TEST_F(ApiClientLookups, UnavailableIsTriedOnceMore) {
    net.reply(503).reply(200, binding);
    EXPECT_TRUE(runner.run(api.look_up_number({.number = "1", .config_url = {}})));
    net.fail(reset()).reply(503);
    EXPECT_FALSE(runner.run(api.look_up_trunk({.from_number = "1", .config_url = {}})));
    net.fail(refused()).reply(200, hits);
    EXPECT_TRUE(runner.run(api.search_knowledge(question())));
    net.reply(503).reply(200, recreated);
    EXPECT_TRUE(runner.run(api.recreate_prompt_cache(recreate())));
    EXPECT_EQ(net.calls().size(), 8U);
}

TEST_F(ApiClientLookups, NothingElseIsTriedAgain) {
    for (int const status : {404, 409, 429, 500, 502, 504}) {
        auto const before = net.calls().size();
        net.reply(status);
        EXPECT_FALSE(runner.run(api.look_up_number({.number = "1", .config_url = {}})));
        net.reply(status);
        EXPECT_FALSE(runner.run(api.recreate_prompt_cache(recreate())));
        EXPECT_EQ(net.calls().size(), before + 2) << status;
    }
    net.fail(timed_out());
    auto const late = runner.run(api.search_knowledge(question()));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().request_sent(), sent_state::maybe);
    EXPECT_EQ(net.remaining(), 0U);
}

TEST_F(ApiClientLookups, WhoNeverRepeatsDoesNotRepeatLookups) {
    auto how = options();
    how.retry.tries = 1;
    client::api_client once(std::move(how));
    net.reply(503);
    EXPECT_FALSE(runner.run(once.look_up_number({.number = "1", .config_url = {}})));
    EXPECT_EQ(net.calls().size(), 1U);
}

TEST_F(ApiClientLookups, ASearchMayTakeAsLongAsItSays) {
    net.reply(200, hits).reply(200, hits);
    auto search = question();
    search.url = "http://kb:9/search";
    auto const got = runner.run(api.search_knowledge(search));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->results.at(0).text, "t");
    search.request.timeout_ms = 5000ms;
    EXPECT_TRUE(runner.run(api.search_knowledge(search)));
    auto const calls = net.calls();
    EXPECT_EQ(calls[0].request.url, "http://kb:9/search");
    EXPECT_EQ(calls[0].request.message.body, R"({"bot_id":"b","query":"opening hours?"})");
    EXPECT_EQ(calls[0].options.total, 3s);
    EXPECT_EQ(calls[1].options.total, 6s);
}

TEST_F(ApiClientLookups, ACacheIsMadeAgain) {
    net.reply(200, recreated).reply(409, R"({"detail":"Live prompt cache is not enabled"})");
    auto const got = runner.run(api.recreate_prompt_cache(recreate()));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->cached_content_name, "n");
    auto const call = net.calls().at(0);
    EXPECT_EQ(call.request.url, "http://peer:1/api/v1/bots/b%201/live-prompt-cache/recreate");
    EXPECT_EQ(call.options.total, 25s);
    auto params = recreate();
    params.url = "http://given/recreate";
    EXPECT_EQ(runner.run(api.recreate_prompt_cache(params)).error().code(), errc::conflict);
    EXPECT_EQ(net.calls().at(1).request.url, "http://given/recreate");
}

TEST_F(ApiClientLookups, FaultyParametersAreNotSent) {
    EXPECT_EQ(runner.run(api.look_up_number({})).error().code(), errc::invalid);
    EXPECT_EQ(runner.run(api.look_up_trunk({})).error().code(), errc::invalid);
    EXPECT_EQ(runner.run(api.search_knowledge({})).error().code(), errc::invalid);
    EXPECT_EQ(runner.run(api.recreate_prompt_cache({})).error().code(), errc::invalid);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(ApiClientLookups, AnUnreadableAnswerIsCorrupt) {
    net.reply(200, "[]");
    auto const got = runner.run(api.look_up_number({.number = "1", .config_url = {}}));
    EXPECT_EQ(got.error().code(), errc::corrupt_data);
    EXPECT_EQ(got.error().request_sent(), sent_state::yes);
}

}  // namespace
