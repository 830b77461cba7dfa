// The pool's limits, and bodies that are streamed in either direction.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "cxb/net/http_client.hpp"
#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/raw_server.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;

class HttpClientPool : public client_test {
  protected:
    std::atomic<bool> open{false};
    std::atomic<int> entered{0};
    std::mutex mutex;
    std::vector<answer> answers;

    // Requests stay with the handler until `open`.
    void serve_held() {
        handler.on_request = [this](wire::http_request) -> asio::awaitable<wire::http_response> {
            ++entered;
            while (!open) {
                asio::steady_timer look(co_await asio::this_coro::executor, 1ms);
                co_await look.async_wait(asio::use_awaitable);
            }
            co_return text_response("ok");
        };
        serve();
        make_client();
    }
    void start(int count, std::chrono::milliseconds total = 5s) {
        for (int i = 0; i < count; ++i)
            loops.spawn(0, ask_later(total));
    }
    asio::awaitable<void> ask_later(std::chrono::milliseconds total) {
        client::transport_options how;
        how.total = total;
        auto got = co_await client->send(request_to(at("/"), "POST", "x"), how);
        std::lock_guard const lock(mutex);
        answers.push_back(std::move(got));
    }
    std::size_t ended() {
        std::lock_guard const lock(mutex);
        return answers.size();
    }
};

TEST_F(HttpClientPool, LoopsMayGoBeforeTheClient) {
    serve();
    make_client();
    for (int round = 0; round < 3; ++round) {
        asio::io_context own;
        auto got = asio::co_spawn(own, client->send(request_to(at("/")), {}), asio::use_future);
        loops.start();
        own.run();
        auto const answered = got.get();
        ASSERT_TRUE(answered) << answered.error().to_log_text();
    }
    // Each loop took its connection with it.
    EXPECT_EQ(counters().connections, 3U);
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
}

TEST_F(HttpClientPool, SixteenConnectionsAndAHundredWait) {  // 10 §12
    serve_held();
    start(120);
    ASSERT_TRUE(eventually([&] { return ended() == 4 && entered == 16; }));
    for (auto const& refused : answers) {
        EXPECT_EQ(refused.error().code(), errc::unavailable);
        EXPECT_EQ(refused.error().reason(), "pool_full");
        EXPECT_EQ(refused.error().request_sent(), sent_state::no);
    }
    open = true;
    ASSERT_TRUE(eventually([&] { return ended() == 120; }));
    for (std::size_t i = 4; i < answers.size(); ++i)
        EXPECT_TRUE(answers[i]);
    EXPECT_EQ(counters().connections, 16U);
    EXPECT_EQ(server->counters().accepted, 16U);
}

TEST_F(HttpClientPool, WaitingCountsAgainstTheDeadline) {
    client_options.max_connections = 1;
    serve_held();
    start(1);
    ASSERT_TRUE(eventually([&] { return entered == 1; }));
    start(1, 40ms);
    ASSERT_TRUE(eventually([&] { return ended() == 1; }));
    EXPECT_EQ(answers[0].error().code(), errc::deadline_exceeded);
    EXPECT_EQ(answers[0].error().request_sent(), sent_state::no);
    open = true;
    ASSERT_TRUE(eventually([&] { return ended() == 2; }));
    EXPECT_TRUE(answers[1]);
}

TEST_F(HttpClientPool, AFailedConnectionPassesItsPlaceOn) {
    client_options.max_connections = 1;
    serve_held();
    start(1, 40ms);
    start(3);
    ASSERT_TRUE(eventually([&] { return ended() == 1; }));
    open = true;
    ASSERT_TRUE(eventually([&] { return ended() == 4; }));
    for (std::size_t i = 1; i < 4; ++i)
        EXPECT_TRUE(answers[i]);
    EXPECT_EQ(counters().connections, 2U);
}

TEST_F(HttpClientPool, OriginsDoNotShare) {
    client_options.max_connections = 1;
    serve_held();
    raw_server other([](raw_peer& one, int) {
        one.read_request();
        one.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    start(1);
    ASSERT_TRUE(eventually([&] { return entered == 1; }));
    EXPECT_TRUE(run(client->send(request_to(other.url()), {})));
    open = true;
    ASSERT_TRUE(eventually([&] { return ended() == 1; }));
}

// Reads a streamed body to its end, as the server does when it passes one on.
asio::awaitable<result<std::string>> read_all(std::shared_ptr<wire::body_stream> from) {
    std::string out;
    std::string piece;
    for (;;) {
        piece.clear();
        auto const more = from->next(piece);
        if (!more) co_return more.error();
        EXPECT_LE(piece.size(), 65536U);
        out += piece;
        if (!*more) co_return out;
        if (!piece.empty()) continue;
        asio::steady_timer wait(co_await asio::this_coro::executor, 5s);
        from->when_ready([&wait] { wait.cancel(); });
        boost::system::error_code ec;
        co_await wait.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

asio::awaitable<result<std::string>> fetch(client::transport& net, std::string url) {
    client::transport_options how;
    how.stream = true;
    how.max_response_bytes = 10;  // not for streams
    auto got = co_await net.send(request_to(std::move(url)), how);
    if (!got) co_return got.error();
    EXPECT_EQ(got->body, "");
    co_return co_await read_all(got->stream);
}

TEST_F(HttpClientPool, AnswersCanBeStreamed) {
    std::string const bytes(3'000'000, 'v');
    handler.on_request = [&](wire::http_request request) -> asio::awaitable<wire::http_response> {
        auto response = text_response("short");
        if (request.path != "/short") {
            response.stream = stream_of(bytes, 50'000, request.path == "/length");
        }
        co_return response;
    };
    serve();
    make_client();
    for (auto const* path : {"/length", "/chunks"}) {
        auto const got = run(fetch(*client, at(path)));
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_EQ(*got, bytes);
    }
    EXPECT_EQ(*run(fetch(*client, at("/short"))), "short");
    EXPECT_EQ(counters().connections, 1U);  // given back after each
}

TEST_F(HttpClientPool, BrokenStreamsSaySo) {
    client_options.stream_progress = 50ms;
    raw_server peer([](raw_peer& one, int index) {
        one.read_request();
        one.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
        if (index == 1) one.read_request();
    });
    make_client();
    loops.start();
    EXPECT_EQ(run(fetch(*client, peer.url())).error().code(), errc::unavailable);
    EXPECT_EQ(run(fetch(*client, peer.url())).error().code(), errc::deadline_exceeded);
}

TEST_F(HttpClientPool, ADroppedStreamClosesItsConnection) {
    handler.on_request = [](wire::http_request) -> asio::awaitable<wire::http_response> {
        auto response = text_response("");
        response.stream = stream_of(std::string(50'000'000, 'x'), 65536, true);
        co_return response;
    };
    serve();
    make_client();
    client::transport_options how;
    how.stream = true;
    EXPECT_EQ(ask(request_to(at("/")), how)->status, 200);
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
}

TEST_F(HttpClientPool, UploadsCanBeStreamed) {
    handler.on_head = [](auto const&) { return worker::head_verdict{.max_body = 9'000'000}; };
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        co_return text_response(std::to_string(request.body.size()));
    };
    serve();
    auto request = request_to(at("/"), "PUT");
    request.upload = stream_of(std::string(2'000'000, 'u'), 65536, true);
    auto const got = ask(request);
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->body, "2000000");
    request.upload = stream_of("abc", 2, true);
    request.upload->length = 10;
    auto const wrong = ask(request);
    EXPECT_EQ(wrong.error().code(), errc::internal);
    EXPECT_EQ(wrong.error().request_sent(), sent_state::maybe);
    request.upload = std::make_shared<wire::body_stream>();
    request.upload->length = 5;
    request.upload->next = [](std::string&) -> result<bool> { return error{errc::unavailable}; };
    EXPECT_EQ(ask(request).error().code(), errc::unavailable);
}

}  // namespace
