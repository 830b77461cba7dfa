#include "cxb/net/http_client.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/raw_server.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpClient : public client_test {};

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(HttpClient, AsksAndKeepsTheConnection) {
    serve();
    for (int i = 0; i < 5; ++i) {
        auto const got = ask(at("/a?x=1"), "POST", "body");
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_EQ(got->status, 200);
        EXPECT_EQ(got->body, "POST /a?x=1|body");
        EXPECT_EQ(got->headers.get("content-type"), "text/plain");
    }
    EXPECT_EQ(counters().connections, 1U);
    EXPECT_EQ(counters().reused, 4U);
    EXPECT_EQ(server->counters().accepted, 1U);
}

TEST_F(HttpClient, WritesItsOwnFramingHeaders) {
    std::string seen;
    raw_server peer([&](raw_peer& one, int) {
        seen = one.read_request(2);
        one.send(ok);
    });
    auto request = request_to(peer.url("/p#f"), "POST", "ab");
    request.message.headers = {{"X-A", "1"},
                               {"Host", "evil"},
                               {"Content-Length", "9"},
                               {"Transfer-Encoding", "chunked"},
                               {"Connection", "upgrade"}};
    EXPECT_TRUE(ask(request));
    EXPECT_THAT(seen, ::testing::StartsWith("POST /p HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_THAT(seen, HasSubstr("\r\nX-A: 1\r\n"));
    EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent: cxb/"));
    EXPECT_THAT(seen, HasSubstr("\r\nContent-Length: 2\r\n\r\nab"));
    for (auto const* foreign : {"evil", "chunked", "upgrade", "Length: 9"}) {
        EXPECT_THAT(seen, Not(HasSubstr(foreign)));
    }
}

TEST_F(HttpClient, RefusesWhatItCannotSend) {
    serve();
    EXPECT_EQ(ask("ftp://h/").error().code(), errc::invalid);
    EXPECT_EQ(ask("unix:/x").error().code(), errc::invalid);
    EXPECT_EQ(ask("unix:x:/y").error().code(), errc::invalid);
    EXPECT_EQ(ask(at("/"), "GE T").error().code(), errc::invalid);
    auto request = request_to(at("/"));
    request.message.headers.add("X", "a\r\nY: b");
    EXPECT_EQ(ask(request).error().code(), errc::invalid);
    EXPECT_EQ(server->counters().accepted, 0U);
}

TEST_F(HttpClient, ReadsEveryFormOfBody) {
    raw_server peer([](raw_peer& one, int index) {
        one.read_request();
        switch (index) {
            case 0:
                return one.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
            case 1:
                return one.send("HTTP/1.0 200 OK\r\n\r\nabc");
            case 2:
                return one.send(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n"
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
            default:
                return one.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
        }
    });
    for (int i = 0; i < 3; ++i) {
        auto const got = ask(peer.url());
        ASSERT_TRUE(got) << i << got.error().to_log_text();
        EXPECT_EQ(got->body, "abc");
    }
    auto const head = ask(peer.url(), "HEAD");
    ASSERT_TRUE(head) << head.error().to_log_text();
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(head->headers.get("Content-Length"), "3");
}

TEST_F(HttpClient, AnyStatusIsASuccessAndRedirectsAreNotFollowed) {
    raw_server peer([](raw_peer& one, int) {
        while (!one.read_request().empty()) {
            one.send(
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        }
    });
    auto const got = ask(peer.url());
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 302);
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(HttpClient, SpeaksOverUnixSockets) {
    options.unix_path = ::testing::TempDir() + "cxb_client_" + std::to_string(::getpid()) + ".sock";
    serve();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask(server->url() + ":/a?b=1")->body, "GET /a?b=1|");
    EXPECT_EQ(counters().connections, 1U);
    EXPECT_EQ(ask("unix:/nowhere/there.sock:/").error().request_sent(), sent_state::no);
}

TEST_F(HttpClient, NobodyThere) {
    std::string url;
    {
        raw_server gone([](raw_peer&, int) {});
        url = gone.url();
    }
    auto const got = ask(url);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::unavailable);
    EXPECT_EQ(got.error().request_sent(), sent_state::no);
    EXPECT_EQ(ask("http://no-such-host.invalid/").error().code(), errc::unavailable);
}

TEST_F(HttpClient, TimeoutAfterSendingSaysMaybeAndIsNotRepeated) {  // 10-37
    bool sent = false;
    raw_server peer([](raw_peer& one, int) {
        one.read_request();
        one.read_request();
    });
    client::transport_options how;
    how.total = 60ms;
    how.on_sent = [&] { sent = true; };
    auto const got = ask(request_to(peer.url(), "POST", "x"), how);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().request_sent(), sent_state::maybe);
    EXPECT_TRUE(sent);
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(HttpClient, TimeoutWithinTheAnswerSaysYes) {
    raw_server peer([](raw_peer& one, int) {
        one.read_request();
        one.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
        one.read_request();
    });
    client::transport_options how;
    how.total = 60ms;
    auto const got = ask(request_to(peer.url()), how);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().request_sent(), sent_state::yes);
}

TEST_F(HttpClient, ConnectHasItsOwnDeadline) {
    struct silent final : net::resolver {
        asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
            asio::steady_timer never(co_await asio::this_coro::executor, 1h);
            co_await never.async_wait(asio::use_awaitable);
            co_return std::vector<domain::ip_address>{};
        }
    };
    client_options.names = std::make_shared<silent>();
    client::transport_options how;
    how.connect = 40ms;
    auto const got = ask(request_to("http://slow.example/"), how);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().request_sent(), sent_state::no);
}

TEST_F(HttpClient, TriesTheNextAddress) {
    struct two final : net::resolver {
        asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
            co_return std::vector{*domain::ip_address::parse("127.9.9.9"),
                                  *domain::ip_address::parse("127.0.0.1")};
        }
    };
    client_options.names = std::make_shared<two>();
    serve();
    auto const got = ask("http://name.example:" + std::to_string(port()) + "/");
    ASSERT_TRUE(got) << got.error().to_log_text();
}

TEST_F(HttpClient, AnswersOverTheLimit) {
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        auto response = text_response(std::string(1001, 'x'), 500);
        if (request.path == "/chunks")
            response.stream = stream_of(std::string(90'000, 'x'), 100, false);
        if (request.path == "/fits") response.body.resize(1000);
        co_return response;
    };
    serve();
    client::transport_options how;
    how.max_response_bytes = 1000;
    EXPECT_TRUE(ask(request_to(at("/fits")), how));
    EXPECT_TRUE(ask(request_to(at("/"), "HEAD"), how));
    for (auto const* path : {"/", "/chunks"}) {
        auto const got = ask(request_to(at(path)), how);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code(), errc::too_large);
        EXPECT_EQ(got.error().status(), 500);
        EXPECT_EQ(got.error().request_sent(), sent_state::yes);
    }
}

TEST_F(HttpClient, BrokenAnswers) {
    raw_server peer([](raw_peer& one, int index) {
        one.read_request();
        constexpr std::string_view texts[] = {
            "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "HTTP/1.1 200"};
        one.send(texts[index]);
    });
    for (int i = 0; i < 5; ++i) {
        auto const got = ask(peer.url());
        ASSERT_FALSE(got) << i;
        EXPECT_EQ(got.error().code(), i < 3 ? errc::upstream_failed : errc::unavailable) << i;
        EXPECT_EQ(got.error().request_sent(), sent_state::yes) << i;
    }
    raw_server endless([](raw_peer& one, int) {
        one.read_request();
        for (int i = 0; i < 20; ++i)
            one.send("HTTP/1.1 100 Continue\r\n\r\n");
    });
    EXPECT_EQ(ask(endless.url()).error().code(), errc::upstream_failed);
    raw_server giant([](raw_peer& one, int) {
        one.read_request();
        one.send("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'));
    });
    EXPECT_EQ(ask(giant.url()).error().code(), errc::upstream_failed);
}

TEST_F(HttpClient, StaleConnectionsAreReplacedOnceForSafeMethods) {
    raw_server peer([](raw_peer& one, int) {
        one.read_request();
        one.send(ok);
        one.read_request();  // and close without an answer
    });
    EXPECT_TRUE(ask(peer.url()));
    auto const again = ask(peer.url());
    ASSERT_TRUE(again) << again.error().to_log_text();
    EXPECT_EQ(again->body, "ok");
    EXPECT_EQ(counters().retried, 1U);
    EXPECT_EQ(peer.connections(), 2);
}

TEST_F(HttpClient, StaleConnectionsAreNotReplacedOnDoubt) {
    raw_server peer([](raw_peer& one, int) {
        one.read_request(1);
        one.send(ok);
        one.read_request(1);
    });
    EXPECT_TRUE(ask(peer.url(), "POST", "1"));
    auto const doubtful = ask(peer.url(), "POST", "2");
    ASSERT_FALSE(doubtful);
    EXPECT_EQ(doubtful.error().code(), errc::unavailable);
    EXPECT_EQ(doubtful.error().request_sent(), sent_state::maybe);
    EXPECT_EQ(counters().retried, 0U);
    EXPECT_EQ(peer.connections(), 1);
}

TEST_F(HttpClient, ClosedIdleConnectionsAreNoticed) {
    raw_server peer([](raw_peer& one, int) {
        one.read_request(1);
        one.send(ok);
    });
    for (int i = 0; i < 3; ++i) {
        auto const got = ask(peer.url(), "POST", "1");
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_TRUE(eventually([&] { return peer.closed() == i + 1; }));
    }
    EXPECT_EQ(peer.connections(), 3);
}

TEST_F(HttpClient, OldIdleConnectionsAreNotUsed) {
    client_options.idle_limit = 0ms;
    serve();
    EXPECT_TRUE(ask(at("/")));
    EXPECT_TRUE(ask(at("/")));
    EXPECT_EQ(counters().connections, 2U);
    EXPECT_TRUE(eventually([&] { return server->counters().active == 1; }));
}

TEST_F(HttpClient, AnEarlyAnswerCountsAlthoughTheBodyWasNotTaken) {
    serve();  // 64 KiB are the default limit
    auto const got = ask(at("/"), "POST", std::string(3'000'000, 'x'));
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->status, 413);
}

TEST_F(HttpClient, CanBeCancelled) {
    raw_server peer([](raw_peer& one, int) {
        one.read_request();
        one.read_request();
    });
    make_client();
    loops.start();
    asio::cancellation_signal stop;
    std::promise<errc> code;
    client::transport_options how;
    how.on_sent = [&] {
        asio::post(loops.executor(0), [&] { stop.emit(asio::cancellation_type::terminal); });
    };
    asio::co_spawn(
        loops.executor(0), client->send(request_to(peer.url()), how),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr const&, answer got) {
            code.set_value(got ? errc::internal : got.error().code());
        }));
    EXPECT_EQ(code.get_future().get(), errc::cancelled);
}

TEST_F(HttpClient, ServesSeveralLoopsAtOnce) {
    serve();
    make_client();
    std::atomic<int> good{0};
    for (std::size_t i = 0; i < 200; ++i) {
        loops.spawn(i,
                    [](client::transport& net, std::string url,
                       std::atomic<int>& count) -> asio::awaitable<void> {
                        auto const got =
                            co_await net.send(request_to(std::move(url)), {.total = 5s});
                        if (got && got->status == 200) ++count;
                    }(*client, at("/"), good));
    }
    EXPECT_TRUE(eventually([&] { return good == 200; }));
    EXPECT_LE(counters().connections, 32U);
}

}  // namespace
