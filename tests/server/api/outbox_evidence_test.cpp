// A worker's outbox against the real API: poison, a wrong secret, an API that is away.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/testing/fake_clock.hpp"
#include "cxb/worker/result_outbox.hpp"
#include "e2e/reserved_port.hpp"
#include "server/api/api_fixture.hpp"
#include "support/outbox_run.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cxb_test::during;
using worker::result_outbox;

struct OutboxAndApi : api_test {
    testing::fake_clock clock;
    std::unique_ptr<net::http_client> client = net::http_client::create().value();
    std::vector<worker::outbox_outcome> outcomes;
    std::string core_secret = "dev-secret";
    std::string base;

    std::unique_ptr<result_outbox> open() {
        result_outbox::options out;
        out.root = scratch / "outbox";
        out.worker_id = "w1";
        out.time = &clock;
        out.transport = client.get();
        out.headers = [this] { return wire::header_list{{"X-CXB-Core-Secret", core_secret}}; };
        out.settled = [this](worker::outbox_outcome const& one) { outcomes.push_back(one); };
        auto made = result_outbox::open(std::move(out));
        EXPECT_TRUE(made);
        return *std::move(made);
    }

    worker::outbox_item item(std::string const& session, json_object body) {
        worker::outbox_item out;
        out.id = "r-" + session;
        out.session_id = session;
        out.url = base + "/api/v1/call-results";
        out.body = wire::to_text(body);
        return out;
    }
    worker::outbox_item good(std::string const& session) {
        return item(session, {{"session_id", session},
                              {"result_id", "019436f4-0000-7000-8000-00000000000" +
                                                std::string(1, session.back())},
                              {"disconnected_by", "customer"},
                              {"transcript", {{{"role", "user"}, {"content", "haan"}}}}});
    }

    // Turns of the loop until `done`; each moves the clock.
    asio::awaitable<bool> until(result_outbox& outbox, seconds step, std::function<bool()> done) {
        asio::steady_timer turn(co_await asio::this_coro::executor);
        auto const end = std::chrono::steady_clock::now() + 20s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) co_return false;
            turn.expires_after(5ms);
            co_await turn.async_wait(asio::use_awaitable);
            clock.advance(step);
            outbox.wake();
        }
        co_return true;
    }

    std::vector<worker::dead_entry> dead() { return worker::list_dead(scratch / "outbox/w1"); }
    answer call(std::string const& session) { return admin("GET", "/api/v1/calls/" + session); }
};

TEST_F(OutboxAndApi, WhatTheApiRefusesIsDeadWithItsErrors) {  // 10-33
    start();
    base = url();
    auto const outbox = open();
    during(*outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await outbox->put(
            item("s-1", {{"session_id", 5}, {"transcript", {{{"role", 7}, {"content", "d"}}}}})));
        EXPECT_TRUE(co_await outbox->put(good("s-2")));
        EXPECT_TRUE(co_await until(*outbox, 0s, [&] { return outcomes.size() == 2; }));
    });
    ASSERT_EQ(outcomes.size(), 2U);
    auto const died = dead();
    ASSERT_EQ(died.size(), 1U);
    EXPECT_EQ(died[0].death.reason, "refused");
    EXPECT_EQ(died[0].death.status, 422);
    ASSERT_EQ(died[0].death.errors.size(), 2U);
    EXPECT_TRUE(died[0].death.errors[0].starts_with("/session_id: ")) << died[0].death.errors[0];
    EXPECT_TRUE(died[0].death.errors[1].starts_with("/transcript/0/role: "));
    // Poison holds nothing up and stores nothing.
    EXPECT_EQ(call("s-2").text("status"), "completed");
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 1);
}

TEST_F(OutboxAndApi, AnHourOfTheWrongSecretKillsNothing) {  // 10-33
    start();
    base = url();
    core_secret = "wrong";
    auto const outbox = open();
    auto const began = clock.now();
    during(*outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await outbox->put(good("s-1")));
        EXPECT_TRUE(co_await until(*outbox, 30s, [&] { return clock.now() > began + 1h; }));
        EXPECT_TRUE(outbox->config_refused());
        EXPECT_TRUE(outcomes.empty());
        core_secret = "dev-secret";
        EXPECT_TRUE(co_await until(*outbox, 30s, [&] { return outcomes.size() == 1; }));
        EXPECT_FALSE(outbox->config_refused());
    });
    EXPECT_TRUE(dead().empty());
    EXPECT_EQ(call("s-1").text("status"), "completed");
}

TEST_F(OutboxAndApi, AnApiThatWasAwayGetsTheResultOnce) {  // 10-30
    e2e::reserved_port port;
    base = "http://127.0.0.1:" + std::to_string(port.number());
    settings.http.port = port.number();
    auto const outbox = open();
    auto const began = clock.now();
    during(*outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await outbox->put(good("s-1")));
        EXPECT_TRUE(co_await until(*outbox, 10s, [&] { return clock.now() > began + 10min; }));
        EXPECT_TRUE(outcomes.empty());
        EXPECT_EQ(outbox->metrics().entries, 1U);
        port.release();
        start();
        EXPECT_TRUE(co_await until(*outbox, 10s, [&] { return outcomes.size() == 1; }));
    });
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes[0].delivered);
    EXPECT_NE(outcomes[0].response.find("\"stored\""), std::string::npos) << outcomes[0].response;
    EXPECT_TRUE(dead().empty());
    EXPECT_EQ(call("s-1").text("status"), "completed");
    auto const trace = admin("GET", "/api/v1/calls/s-1/trace");
    int results = 0;
    for (auto const& row : trace.json.as_array())
        results += wire::text_at(row.as_object(), "name") == "result" ? 1 : 0;
    EXPECT_EQ(results, 1) << trace.body;
}

}  // namespace
}  // namespace cxb::api::test
