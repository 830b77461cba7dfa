// Uploads into sinks, streamed answers and the graceful end.
#include <gmock/gmock.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <thread>

#include "cxb/net/http_server.hpp"
#include "tests/unit/net/net_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;
using ::testing::HasSubstr;

class HttpServerStream : public server_test {
  protected:
    void answer_with(std::function<std::shared_ptr<wire::body_stream>()> make) {
        handler.on_request = [make](wire::http_request) -> asio::awaitable<wire::http_response> {
            auto response = text_response("");
            response.stream = make();
            co_return response;
        };
    }
};

struct recording_sink final : wire::body_sink {
    struct log {
        std::string bytes;
        std::size_t pieces = 0;
        bool finished = false;
        bool destroyed = false;
        std::optional<errc> fail_with;
    };
    explicit recording_sink(std::shared_ptr<log> to) : seen(std::move(to)) {}
    ~recording_sink() override { seen->destroyed = true; }
    result<void> write(std::string_view piece) override {
        if (seen->fail_with) return error{*seen->fail_with};
        EXPECT_FALSE(piece.empty());
        seen->bytes += piece;
        ++seen->pieces;
        return {};
    }
    result<void> finish() override {
        seen->finished = true;
        return {};
    }
    std::shared_ptr<log> seen;
};

TEST_F(HttpServerStream, UploadsGoToTheSink) {
    auto const log = std::make_shared<recording_sink::log>();
    handler.on_head = [&](auto const&) {
        return worker::head_verdict{.max_body = 10'000'000,
                                    .sink = std::make_shared<recording_sink>(log)};
    };
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        EXPECT_EQ(request.body, "");
        EXPECT_NE(request.sink, nullptr);
        co_return text_response("stored", 201);
    };
    serve();
    std::string const bytes(3'000'000, 'u');
    raw_client client(port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
    client.send(bytes);
    EXPECT_EQ(status_of(client.read_response()), 201);
    EXPECT_EQ(log->bytes, bytes);
    EXPECT_GT(log->pieces, 10U);
    EXPECT_TRUE(log->finished);
    *log = {};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(status_of(client.read_response()), 201);
    EXPECT_TRUE(log->finished);
}

TEST_F(HttpServerStream, BrokenUploadsAreNotFinished) {
    auto const log = std::make_shared<recording_sink::log>();
    handler.on_head = [&](auto const&) {
        return worker::head_verdict{.max_body = 5, .sink = std::make_shared<recording_sink>(log)};
    };
    serve();
    {
        raw_client client(port());
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
        EXPECT_TRUE(eventually([&] { return server->counters().running == 1; }));
    }
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
    EXPECT_TRUE(log->destroyed);
    EXPECT_FALSE(log->finished);
    EXPECT_EQ(status_of(exchange("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "6\r\nabcdef\r\n0\r\n\r\n")),
              413);
    EXPECT_FALSE(log->finished);
    for (auto const& [code, status] : std::vector<std::pair<errc, int>>{{errc::too_large, 413},
                                                                        {errc::malformed, 400},
                                                                        {errc::unavailable, 503},
                                                                        {errc::internal, 500}}) {
        log->fail_with = code;
        EXPECT_EQ(status_of(exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")),
                  status);
    }
}

TEST_F(HttpServerStream, SlowUploadsMayTakeLongAsLongAsTheyMove) {
    auto const log = std::make_shared<recording_sink::log>();
    options.head_timeout = 40ms;
    handler.on_head = [&](auto const&) {
        return worker::head_verdict{.body_deadline = 400ms,
                                    .sink = std::make_shared<recording_sink>(log)};
    };
    serve();
    raw_client client(port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
    for (int i = 0; i < 10; ++i) {
        std::this_thread::sleep_for(50ms);  // the pace is the subject, not a wait for something
        client.send("x");
    }
    EXPECT_EQ(status_of(client.read_response()), 200);
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nx");
    EXPECT_EQ(status_of(client.read_all()), 408);
}

TEST_F(HttpServerStream, KnownLengthsAreSentPlain) {
    std::string const bytes(1'000'000, 'b');
    answer_with([&] { return stream_of(bytes, 65536, true); });
    serve();
    raw_client client(port());
    for (int i = 0; i < 2; ++i) {
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        auto const response = client.read_response();
        EXPECT_THAT(response.substr(0, 300), HasSubstr("Content-Length: 1000000\r\n"));
        EXPECT_EQ(body_of(response), bytes);
    }
}

TEST_F(HttpServerStream, UnknownLengthsAreChunked) {
    answer_with([] { return stream_of("hello world", 6, false); });
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(body_of(client.read_response()), "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")), "hello world");
}

// A stream without a known end ends with its reader although nothing is there to send; one with a
// length goes on for a peer that only said that it asks no more.
TEST_F(HttpServerStream, AStreamWithoutAnEndEndsWithItsReader) {
    struct seen {
        std::function<void()> wake;
        std::atomic<bool> waits{false};
        std::atomic<bool> gone{false};
    };
    for (bool const watched : {true, false}) {
        auto const of = std::make_shared<seen>();
        answer_with([of, watched] {
            auto out = std::make_shared<wire::body_stream>();
            if (!watched) out->length = 4;
            auto const mark = std::shared_ptr<void>(nullptr, [of](void*) { of->gone = true; });
            out->next = [of, mark, asked = 0](std::string& piece) mutable -> result<bool> {
                if (++asked == 1) return true;
                piece = "rest";
                return asked == 2;
            };
            out->when_ready = [of](std::function<void()> wake) {
                of->wake = std::move(wake);
                of->waits = true;
            };
            return out;
        });
        if (!server) serve();
        raw_client client(port());
        client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        ASSERT_TRUE(eventually([&] { return of->waits.load(); }));
        EXPECT_FALSE(of->gone);
        client.close_sending();
        if (!watched) of->wake();
        EXPECT_EQ(body_of(client.read_all()).empty(), watched);
        EXPECT_TRUE(eventually([&] { return of->gone.load(); }));
    }
}

TEST_F(HttpServerStream, FailuresAndWrongLengthsEndTheConnection) {
    answer_with([] {
        auto out = std::make_shared<wire::body_stream>();
        out->next = [first = true](std::string& piece) mutable -> result<bool> {
            if (!std::exchange(first, false)) return error{errc::unavailable};
            piece = "part";
            return true;
        };
        return out;
    });
    serve();
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), "4\r\npart\r\n");
    for (std::size_t const said : {2, 9}) {
        answer_with([said] {
            auto out = stream_of("abcd", 4, true);
            out->length = said;
            return out;
        });
        EXPECT_LE(body_of(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")).size(), 4U);
    }
}

TEST_F(HttpServerStream, BackPressureStopsTheProducer) {
    auto const produced = std::make_shared<std::atomic<std::size_t>>(0);
    answer_with([produced] {
        auto out = std::make_shared<wire::body_stream>();
        out->next = [produced](std::string& piece) -> result<bool> {
            piece.assign(65536, 'x');
            return ++*produced < 4096;
        };
        return out;
    });
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    std::size_t last = 0;
    EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(20ms);
        return std::exchange(last, produced->load()) == produced->load() && last > 0;
    }));
    EXPECT_LT(last, 1000U);  // 256 MB were offered, the reader took nothing
}

// A producer that has nothing yet: an event stream.
struct slow_events {
    std::mutex mutex;
    std::string ready;
    bool ended = false;
    std::function<void()> wake;

    void push(std::string text, bool end) {
        std::lock_guard const lock(mutex);
        ready += text;
        ended = end;
        if (auto const call = std::exchange(wake, nullptr)) call();
    }
    static std::shared_ptr<wire::body_stream> body(std::shared_ptr<slow_events> from, bool waits) {
        auto out = std::make_shared<wire::body_stream>();
        out->next = [from](std::string& piece) {
            std::lock_guard const lock(from->mutex);
            piece = std::exchange(from->ready, "");
            return result<bool>(!from->ended);
        };
        if (waits) {
            out->when_ready = [from](std::function<void()> wake) {
                std::lock_guard const lock(from->mutex);
                from->wake = std::move(wake);
                if (!from->ready.empty() || from->ended) std::exchange(from->wake, nullptr)();
            };
        }
        return out;
    }
};

TEST_F(HttpServerStream, ProducersMayHaveNothingYet) {
    for (bool const waits : {true, false}) {
        auto const events = std::make_shared<slow_events>();
        answer_with([events, waits] { return slow_events::body(events, waits); });
        if (!server) serve();
        raw_client client(port());
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        client.read_response(false);
        events->push("one", false);
        events->push("", false);
        events->push("two", true);
        EXPECT_THAT(client.read_response(), ::testing::EndsWith("0\r\n\r\n"));
    }
}

TEST_F(HttpServerStream, DrainEndsWaitingStreams) {
    auto const events = std::make_shared<slow_events>();
    answer_with([events] { return slow_events::body(events, true); });
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_response(false);
    EXPECT_TRUE(drain(5s));
    EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerStream, DrainLetsRunningRequestsFinish) {
    auto const gate = std::make_shared<asio::steady_timer>(loops.executor(0), 1h);
    std::atomic<int> entered{0};
    handler.on_request = [&](wire::http_request) -> asio::awaitable<wire::http_response> {
        ++entered;
        while (gate->expiry() > std::chrono::steady_clock::now()) {
            asio::steady_timer look(co_await asio::this_coro::executor, 1ms);
            co_await look.async_wait(asio::use_awaitable);
            if (entered > 100) break;
        }
        co_return text_response("done");
    };
    serve();
    raw_client idle(port());
    raw_client busy(port());
    busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return entered == 1; }));
    EXPECT_TRUE(eventually([&] { return server->counters().active == 2; }));
    std::thread opener([&] {
        EXPECT_TRUE(idle.at_end());  // idle ones go at once, while the busy one still runs
        EXPECT_EQ(server->counters().running, 1);
        entered = 1000;
    });
    EXPECT_TRUE(drain(5s));
    opener.join();
    auto const response = busy.read_all();
    EXPECT_EQ(body_of(response), "done");
    EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerStream, DrainCutsWhatOutlivesTheGrace) {
    auto const gate = std::make_shared<asio::steady_timer>(loops.executor(0), 1h);
    handler.on_request = [gate](wire::http_request) -> asio::awaitable<wire::http_response> {
        boost::system::error_code ec;
        co_await gate->async_wait(asio::redirect_error(asio::use_awaitable, ec));
        co_return text_response("late");
    };
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return server->counters().running == 1; }));
    EXPECT_FALSE(drain(20ms));
    EXPECT_TRUE(client.at_end());
    asio::post(loops.executor(0), [gate] { gate->cancel(); });
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
}

}  // namespace
