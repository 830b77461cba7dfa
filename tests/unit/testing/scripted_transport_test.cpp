#include "cxb/testing/scripted_transport.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace {
namespace asio = boost::asio;
using namespace cxb;
using cxb::testing::scripted_transport;

scripted_transport::answer ask(scripted_transport& net, std::string url, bool* sent = nullptr) {
    asio::io_context loop;
    std::optional<scripted_transport::answer> out;
    client::outgoing_request request;
    request.url = std::move(url);
    client::transport_options options;
    if (sent != nullptr) options.on_sent = [sent] { *sent = true; };
    asio::co_spawn(
        loop, net.send(std::move(request), options),
        [&](std::exception_ptr const&, scripted_transport::answer got) { out = std::move(got); });
    EXPECT_FALSE(out);
    loop.run();
    return *out;
}

TEST(ScriptedTransport, AnswersInOrderAndRemembers) {
    scripted_transport net;
    net.fail(error{errc::unavailable}).reply(201, "made", {{"Location", "/1"}});
    net.respond([](client::outgoing_request const& request) {
        wire::http_response response;
        response.body = request.url;
        return scripted_transport::answer(response);
    });
    EXPECT_EQ(net.remaining(), 3U);
    EXPECT_EQ(ask(net, "a").error().code(), errc::unavailable);
    auto const made = ask(net, "b");
    EXPECT_EQ(made->status, 201);
    EXPECT_EQ(made->headers.get("location"), "/1");
    EXPECT_EQ(ask(net, "c")->body, "c");
    EXPECT_EQ(net.remaining(), 0U);
    ASSERT_EQ(net.calls().size(), 3U);
    EXPECT_EQ(net.calls()[1].request.url, "b");
}

TEST(ScriptedTransport, BeyondTheScript) {
    scripted_transport net;
    EXPECT_EQ(ask(net, "a").error().reason(), "not_scripted");
    net.otherwise([](auto const&) { return scripted_transport::answer(wire::http_response{}); });
    EXPECT_EQ(ask(net, "a")->status, 200);
}

TEST(ScriptedTransport, TellsWhetherTheRequestWasSent) {
    scripted_transport net;
    net.fail(error{errc::unavailable})
        .fail(error{errc::deadline_exceeded}.with_request_sent(sent_state::maybe));
    net.reply(200);
    for (bool const expected : {false, true, true}) {
        bool sent = false;
        (void)ask(net, "a", &sent);
        EXPECT_EQ(sent, expected);
    }
}

TEST(ScriptedTransport, StepsMayWait) {
    scripted_transport net;
    net.respond_later([](client::outgoing_request) -> asio::awaitable<scripted_transport::answer> {
        asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
        co_await pause.async_wait(asio::use_awaitable);
        co_return wire::http_response{};
    });
    EXPECT_TRUE(ask(net, "a"));
}

}  // namespace
