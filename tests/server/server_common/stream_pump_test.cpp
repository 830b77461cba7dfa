#include "server/common/http/stream_pump.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cxb::test::eventually;
using tcp = asio::ip::tcp;

// Answers every request with what the producer of the test makes.
struct streaming_handler final : worker::http_handler {
    stream_producer producer;
    stream_options options;

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        co_return worker::head_verdict{};
    }
    asio::awaitable<wire::http_response> handle(wire::http_request) override {
        auto const executor = co_await asio::this_coro::executor;
        co_return streamed_response(executor, {ndjson_type, "rows.ndjson"}, producer, options);
    }
    wire::http_response refusal(int status) override {
        wire::http_response out;
        out.status = status;
        return out;
    }
};

// What the producer saw of the end.
struct observed {
    std::atomic<std::size_t> written{0};
    std::atomic<bool> cancelled{false};
    std::atomic<bool> destroyed{false};
};
struct end_mark {
    explicit end_mark(std::shared_ptr<observed> one) : seen(std::move(one)) {}
    end_mark(end_mark const&) = delete;
    end_mark& operator=(end_mark const&) = delete;
    ~end_mark() { seen->destroyed = true; }
    std::shared_ptr<observed> seen;
};

constexpr std::size_t piece_size = 10'000;

class StreamPump : public ::testing::Test {
  protected:
    void serve(std::chrono::milliseconds write_timeout = 30s) {
        net::server_options options;
        options.write_timeout = write_timeout;
        options.min_write_rate = 0;
        server = std::make_unique<net::http_server>(loops, handler, std::move(options));
        ASSERT_TRUE(server->start());
        client = net::http_client::create().value();
        loops.start();
    }
    ~StreamPump() override {
        if (!server) return;
        loops.run_and_wait([](net::http_server& one) -> asio::awaitable<void> {
            (void)co_await one.drain(0ms);
        }(*server));
        loops.stop();
        client.reset();
        server.reset();
    }
    // Writes `count` pieces and then ends as told.
    void produce(std::size_t count, result<void> end = {}) {
        auto const mark = std::make_shared<end_mark>(seen);
        handler.producer = [mark, count, end](stream_writer& out) {
            return write_pieces(mark->seen, out, count, end);
        };
    }
    static stream_end write_pieces(std::shared_ptr<observed> seen, stream_writer& out,
                                   std::size_t count, result<void> end) {
        for (std::size_t i = 0; i < count; ++i) {
            auto const done =
                co_await out.write(std::string(piece_size, static_cast<char>('a' + i % 26)));
            if (!done) {
                seen->cancelled = done.error().code() == errc::cancelled;
                co_return done;
            }
            ++seen->written;
        }
        co_return end;
    }
    result<wire::http_response> ask(std::string method = "GET") {
        result<wire::http_response> out = error{errc::internal};
        client::outgoing_request request{server->url() + "/", {}};
        request.message.method = std::move(method);
        client::transport_options how;
        how.max_response_bytes = 64 * limits::mib;
        how.total = 30s;
        loops.run_and_wait([](net::http_client& with, client::outgoing_request what,
                              client::transport_options options,
                              result<wire::http_response>& to) -> asio::awaitable<void> {
            to = co_await with.send(std::move(what), std::move(options));
        }(*client, std::move(request), std::move(how), out));
        return out;
    }
    // Asks, reads the head and no more.
    tcp::socket ask_and_stop() {
        tcp::socket socket(own_loop);
        socket.connect({asio::ip::make_address("127.0.0.1"), server->port()});
        asio::write(socket, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n")));
        asio::read_until(socket, asio::dynamic_buffer(received, 4096), "\r\n\r\n");
        return socket;
    }

    std::shared_ptr<observed> seen = std::make_shared<observed>();
    streaming_handler handler;
    net::event_loops loops{1};
    std::unique_ptr<net::http_server> server;
    std::unique_ptr<net::http_client> client;
    asio::io_context own_loop;
    std::string received;
};

TEST_F(StreamPump, AllPiecesArriveInOrder) {
    produce(500);
    ASSERT_NO_FATAL_FAILURE(serve());
    auto const got = ask();
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->headers.get("Content-Type"), ndjson_type);
    EXPECT_EQ(got->headers.get("Content-Disposition"), "attachment; filename=\"rows.ndjson\"");
    EXPECT_EQ(got->headers.get("Transfer-Encoding"), "chunked");
    std::string wanted;
    for (std::size_t i = 0; i < 500; ++i)
        wanted += std::string(piece_size, static_cast<char>('a' + i % 26));
    EXPECT_EQ(got->bytes(), wanted);
}

TEST_F(StreamPump, NothingWrittenIsAnEmptyAnswer) {
    produce(0);
    ASSERT_NO_FATAL_FAILURE(serve());
    auto const got = ask();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->bytes(), "");
}

TEST_F(StreamPump, AnErrorEndsTheConnectionWithoutTheClosingChunk) {
    produce(3, error{errc::corrupt_data, "unreadable row"});
    std::atomic<int> told{0};
    handler.options.on_failure = [&](error const& cause) {
        told += cause.detail() == "unreadable row" ? 1 : 100;
    };
    ASSERT_NO_FATAL_FAILURE(serve());
    auto const got = ask();
    ASSERT_FALSE(got) << "a cut answer must not look whole";
    auto socket = ask_and_stop();
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(received), end);
    EXPECT_EQ(end, asio::error::eof);
    EXPECT_GT(received.size(), 3 * piece_size);
    EXPECT_EQ(received.find("\r\n0\r\n\r\n"), std::string::npos);
    EXPECT_EQ(received.find("unreadable"), std::string::npos);
    EXPECT_EQ(told, 2) << "once for each of both requests";
}

TEST_F(StreamPump, AnExceptionEndsItTheSameWay) {
    handler.producer = [](stream_writer& out) -> stream_end {
        CXB_CO_CHECK(co_await out.write("{}\n"));
        throw std::runtime_error("broken");
    };
    ASSERT_NO_FATAL_FAILURE(serve());
    EXPECT_FALSE(ask());
}

TEST_F(StreamPump, AClientThatStopsReadingHoldsTheProducer) {
    produce(100'000);  // 1 GB
    handler.options.on_failure = [](error const&) { ADD_FAILURE() << "the client went"; };
    ASSERT_NO_FATAL_FAILURE(serve());
    auto socket = ask_and_stop();
    // Socket buffers of both sides are full when nothing moves any more.
    std::size_t before = 0;
    EXPECT_TRUE(eventually([&] {
        std::size_t const now = seen->written;
        bool const stands = now != 0 && now == before;
        before = now;
        return stands;
    }));
    EXPECT_LT(seen->written * piece_size, 64 * limits::mib);
    EXPECT_FALSE(seen->cancelled);
    socket.close();
    EXPECT_TRUE(eventually([&] { return seen->cancelled.load(); }));
    handler.producer = nullptr;
    EXPECT_TRUE(eventually([&] { return seen->destroyed.load(); })) << "what it held is given back";
}

TEST_F(StreamPump, AClientThatNeverReadsIsClosed) {
    produce(100'000);
    ASSERT_NO_FATAL_FAILURE(serve(200ms));
    auto socket = ask_and_stop();
    EXPECT_TRUE(eventually([&] { return seen->cancelled.load(); }));
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
    EXPECT_EQ(server->counters().timed_out, 1U);
}

TEST_F(StreamPump, ASlowClientGetsAll) {
    produce(300);
    ASSERT_NO_FATAL_FAILURE(serve());
    auto socket = ask_and_stop();
    std::string part(4096, '\0');
    std::size_t all = 0;
    boost::system::error_code end;
    while (!received.ends_with("\r\n0\r\n\r\n")) {
        auto const count = socket.read_some(asio::buffer(part), end);
        if (end) break;
        received.append(part, 0, count);
        all += count;
    }
    EXPECT_FALSE(end) << end.message();
    EXPECT_GE(all, 300 * piece_size);
    EXPECT_EQ(seen->written, 300U);
}

TEST_F(StreamPump, AProducerThatIsSilentForTooLongIsGivenUp) {
    handler.options.silence = 50ms;
    auto const held = seen;
    handler.producer = [held](stream_writer& out) -> stream_end {
        CXB_CO_CHECK(co_await out.write("{}\n"));
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!held->destroyed) {  // until the test has seen the end
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        auto const late = co_await out.write("{}\n");
        held->cancelled = !late && late.error().code() == errc::cancelled;
        co_return late;
    };
    ASSERT_NO_FATAL_FAILURE(serve());
    EXPECT_FALSE(ask());
    seen->destroyed = true;
    EXPECT_TRUE(eventually([&] { return seen->cancelled.load(); }));
}

TEST_F(StreamPump, HeadStartsNoProducer) {
    produce(10);
    ASSERT_NO_FATAL_FAILURE(serve());
    auto const got = ask("HEAD");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(seen->written, 0U);
}

TEST_F(StreamPump, TakesNoMoreThanItsBuffer) {  // without a connection
    asio::io_context loop;
    produce(1000);
    auto const stream = pump_stream(loop.get_executor(), handler.producer);
    std::string piece;
    ASSERT_TRUE(stream->next(piece).value());
    EXPECT_TRUE(piece.empty());
    loop.poll();
    EXPECT_EQ(seen->written, stream_buffer / piece_size + 1);
    ASSERT_TRUE(stream->next(piece).value());
    EXPECT_EQ(piece.size(), stream_buffer) << "pieces of at most 64 KiB";
}

}  // namespace
}  // namespace cxb::server
