#include "cxb/worker/config_fetch.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace {

namespace rc = cxb::contract::runtime_config;
using cxb_test::scripted_peer;

constexpr char const* good =
    R"({"session_id":"s","webhook_url":"http://a/r","system_prompt":"p","opening_message":"o"})";

struct fetching {
    cxb_test::hand_clock time;
    cxb::seeded_random random{1};
    scripted_peer peer;
    std::vector<cxb::milliseconds> waits;

    cxb::worker::fetched_config run(cxb::worker::config_order order = {
                                        "http://a/api/v1/config/", "b 1", {}}) {
        cxb::worker::config_fetch_options how;
        how.transport = &peer;
        how.time = &time;
        how.random = &random;
        how.wait = [this](cxb::milliseconds length) -> boost::asio::awaitable<void> {
            waits.push_back(length);
            time.advance(length);
            co_return;
        };
        boost::asio::io_context loop;
        cxb::worker::fetched_config out;
        auto work = [](cxb::worker::config_fetch_options const& with,
                       cxb::worker::config_order what,
                       cxb::worker::fetched_config& into) -> boost::asio::awaitable<void> {
            into = co_await cxb::worker::fetch_config(with, std::move(what));
        };
        boost::asio::co_spawn(loop, work(how, std::move(order), out), boost::asio::detached);
        loop.run();
        return out;
    }
};

// 10-12: a lost answer is asked for again with the same fetch_id.
TEST(ConfigFetch, RepeatsWithOneFetchIdWhileUnavailable) {
    fetching f;
    int asked = 0;
    f.peer.reply = [&](auto const&) -> cxb::result<cxb::wire::http_response> {
        if (++asked == 1) return cxb::error{cxb::errc::deadline_exceeded};
        return scripted_peer::status(200, good);
    };
    auto const out = f.run();
    EXPECT_EQ(out.outcome, rc::config_outcome::ok);
    ASSERT_TRUE(out.config);
    EXPECT_EQ(out.config->session_id, "s");
    ASSERT_EQ(f.peer.seen.size(), 2U);
    EXPECT_EQ(f.peer.seen[0].url, f.peer.seen[1].url);
    EXPECT_TRUE(f.peer.seen[0].url.starts_with("http://a/api/v1/config/b%201?"));
    EXPECT_NE(f.peer.seen[0].url.find("fetch_id="), std::string::npos);
    ASSERT_EQ(f.waits.size(), 1U);
    EXPECT_LE(f.waits[0], cxb::milliseconds{200});
}

TEST(ConfigFetch, GivesUpAfterThreeTries) {
    fetching f;
    f.peer.reply = [](auto const&) { return scripted_peer::status(500); };
    auto const out = f.run();
    EXPECT_EQ(out.outcome, rc::config_outcome::unavailable);
    EXPECT_EQ(out.tries, 3);
}

TEST(ConfigFetch, GivesUpWhenAllTriesTookTooLong) {
    fetching f;
    f.peer.reply = [&](auto const&) -> cxb::result<cxb::wire::http_response> {
        f.time.advance(cxb::milliseconds{5000});
        return cxb::error{cxb::errc::deadline_exceeded};
    };
    EXPECT_EQ(f.run().outcome, rc::config_outcome::unavailable);
    EXPECT_EQ(f.peer.seen.size(), 2U);
}

// 10-12, 80-7: every other outcome is final at once.
TEST(ConfigFetch, OtherOutcomesAreFinal) {
    struct row {
        int status;
        std::string body;
        rc::config_outcome outcome;
    };
    row const rows[] = {
        {403, "{}", rc::config_outcome::refused},
        {404, "{}", rc::config_outcome::bot_not_found},
        {409, R"({"code":"session_completed","detail":"x"})",
         rc::config_outcome::session_completed},
        {503, R"({"detail":"outside_active_hours: later"})", rc::config_outcome::outside_hours},
        {503, R"({"error":"bot_inactive: off"})", rc::config_outcome::bot_inactive},
        {200, R"({"session_id":"s"})", rc::config_outcome::malformed},
        {200, "no json", rc::config_outcome::malformed}};
    for (auto const& one : rows) {
        fetching f;
        f.peer.reply = [&](auto const&) { return scripted_peer::status(one.status, one.body); };
        auto const out = f.run();
        EXPECT_EQ(out.outcome, one.outcome) << one.status << one.body;
        EXPECT_FALSE(out.config);
        EXPECT_EQ(out.tries, 1);
    }
}

// 10-10: a broken tool is dropped with a warning.
TEST(ConfigFetch, BrokenToolBecomesAWarning) {
    fetching f;
    f.peer.reply = [](auto const&) {
        std::string body = good;
        body.pop_back();
        return scripted_peer::status(
            200, body + R"(,"tools":[{"type":"function","function":{"name":"end_call"}},)"
                        R"({"type":"function","function":{}}]})");
    };
    auto const out = f.run();
    ASSERT_TRUE(out.config);
    EXPECT_EQ(out.config->tools.size(), 1U);
    ASSERT_EQ(out.warnings.size(), 1U);
    EXPECT_EQ(out.warnings[0].pointer, "/tools/1/function/name");
}

TEST(ConfigFetch, LongRequestIsPosted) {
    fetching f;
    f.peer.reply = [](auto const&) { return scripted_peer::status(200, good); };
    cxb::worker::config_order order{"http://a/config", "b", {}};
    order.request.connected_event.variables =
        cxb::wire::raw_json::from_object({{"text", std::string(20000, 'x')}});
    EXPECT_EQ(f.run(order).outcome, rc::config_outcome::ok);
    EXPECT_EQ(f.peer.seen[0].message.method, "POST");
    EXPECT_EQ(f.peer.seen[0].url, "http://a/config/b");
    EXPECT_NE(f.peer.seen[0].message.body.find("fetch_id"), std::string::npos);
}

}  // namespace
