// What the server refuses, and how it treats peers that are slow, rude or gone.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "cxb/base/random.hpp"
#include "cxb/net/http_server.hpp"
#include "tests/unit/net/net_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpServerHostile : public server_test {
  protected:
    // One refused request: the status, and that nothing behind it was taken for a request.
    void expect_refused(std::string_view bytes, int status) {
        auto const before = server->counters().requests.load();
        auto const response =
            exchange(std::string(bytes) + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_EQ(status_of(response), status) << ::testing::PrintToString(bytes);
        EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
        EXPECT_THAT(response, Not(HasSubstr("smuggled")));
        EXPECT_LE(server->counters().requests, before + 1);
    }
};

TEST_F(HttpServerHostile, AmbiguousFramingIsUnreadable) {
    serve();
    for (auto const* headers : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                                "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                                "Content-Length: 3\r\nContent-Length: 3\r\n",
                                "Content-Length: 3\r\nContent-Length: 4\r\n",
                                "Content-Length: 3, 3\r\n",
                                "Content-Length: +3\r\n",
                                "Content-Length: -3\r\n",
                                "Content-Length: 3x\r\n",
                                "Content-Length: 0x3\r\n",
                                "Content-Length: \r\n",
                                "Content-Length: 3 3\r\n",
                                "Content-Length: 99999999999999999999\r\n",
                                "Transfer-Encoding: identity\r\n",
                                "Transfer-Encoding: gzip, chunked\r\n",
                                "Transfer-Encoding: chunked, identity\r\n",
                                "Transfer-Encoding: xchunked\r\n",
                                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                                "Transfer-Encoding : chunked\r\n",
                                "Transfer-Encoding\t: chunked\r\n",
                                "Transfer-Encoding:\x0b chunked\r\n",
                                "Content-Length : 3\r\n",
                                "X: a\r\n folded\r\n",
                                "X: a\r\n\tfolded\r\n",
                                "X: a\r\n Content-Length: 3\r\n",
                                " X: a\r\n",
                                "X: a\nContent-Length: 3\r\n",
                                "X: a\rContent-Length: 3\r\n",
                                "X\r\n",
                                ": v\r\n",
                                "X Y: v\r\n",
                                "X: a\x01z\r\n",
                                "X: \x7f\r\n"}) {
        expect_refused(std::string("POST / HTTP/1.1\r\nHost: h\r\n") + headers + "\r\nabc", 400);
    }
    expect_refused("GET / HTTP/1.1\r\nHost: h\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n", 400);
    expect_refused("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   400);
    EXPECT_GT(server->counters().rejected, 30U);
}

TEST_F(HttpServerHostile, HostMustBeThereOnce) {
    serve();
    expect_refused("GET / HTTP/1.1\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
    EXPECT_EQ(status_of(exchange("GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n")),
              200);
}

TEST_F(HttpServerHostile, BadRequestLines) {
    serve();
    for (auto const* line : {"GET / HTTP/1.1 \r\n",
                             "GET  / HTTP/1.1\r\n",
                             "GET / HTTP/2.0\r\n",
                             "GET / HTTP/0.9\r\n",
                             "GET / HTTP/1.2\r\n",
                             "GET / http/1.1\r\n",
                             "GET /\r\n",
                             "GET\r\n",
                             "G@T / HTTP/1.1\r\n",
                             " GET / HTTP/1.1\r\n",
                             "GET relative HTTP/1.1\r\n",
                             "GET ftp://h/ HTTP/1.1\r\n",
                             "GET * HTTP/1.1\r\n",
                             "CONNECT h:80 HTTP/1.1\r\n",
                             "GET /#x HTTP/1.1\r\n",
                             "GET /\xc3\xbc HTTP/1.1\r\n",
                             "GET /a\tb HTTP/1.1\r\n",
                             "PRI * HTTP/2.0\r\n",
                             "\x16\x03\x01\x02\r\n",
                             "\r\n\r\n\r\n"}) {
        expect_refused(std::string(line) + "Host: h\r\n\r\n", 400);
    }
}

TEST_F(HttpServerHostile, PathsMustDecodeToText) {
    serve();
    for (auto const* path : {"/%", "/%4", "/%zz", "/%ff%fe", "/a%00b", "/%c3", "/%ed%a0%80"}) {
        expect_refused(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    }
    for (auto const& [target, seen] :
         std::vector<std::pair<std::string, std::string>>{{"/%E0%A4%A8?%ff", "GET /%E0%A4%A8?%ff|"},
                                                          {"http://other:81/a?b", "GET /a?b|"},
                                                          {"HTTPS://other", "GET /?|"},
                                                          {"http://other?x", "GET /?x|"}}) {
        EXPECT_EQ(body_of(exchange("GET " + target +
                                   " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")),
                  seen);
    }
    EXPECT_EQ(body_of(exchange("OPTIONS * HTTP/1.0\r\n\r\n")), "OPTIONS *?|");
    EXPECT_EQ(status_of(exchange("\r\nGET / HTTP/1.0\r\n\r\n")), 200);
}

TEST_F(HttpServerHostile, BadChunks) {
    serve();
    for (auto const* body :
         {"x\r\n", "-1\r\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1\nab\r\n0\r\n\r\n",
          "fffffffffffffffff\r\na\r\n0\r\n\r\n", "1;=\r\na\r\n0\r\n\r\n", "1 x\r\na\r\n0\r\n\r\n",
          "0x1\r\na\r\n0\r\n\r\n", "0\r\nbad trailer\r\n\r\n",
          "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nContent-Length: 4\r\n\r\n"}) {
        expect_refused(
            std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") + body,
            400);
    }
    // What Beast takes for quoted and another reader for the end of a line.
    for (std::string const quoted : {"\n", "\\\n", "\r", "a\nb", "\x01", "\x7f", "\r\n"})
        for (char const* size : {"1", "0"})
            expect_refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                               (size + (";a=\"" + quoted)) + "\"\r\na\r\n0\r\n\r\n",
                           400);
    EXPECT_EQ(body_of(exchange("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n"
                               "1;a=\"\t \\\"\x80\"\r\na\r\n0;b\r\n\r\n")),
              "POST /?|a");
    auto const endless = "1;" + std::string(200'000, 'e');
    expect_refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + endless,
                   400);
}

TEST_F(HttpServerHostile, BodiesMustNotBeMadeOfChunkExtensions) {
    handler.on_head = [](auto const&) { return worker::head_verdict{.max_body = limits::mib}; };
    serve();
    std::string const head =
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    auto const chunks = [](int count, std::string const& extension) {
        std::string all;
        for (int i = 0; i < count; ++i)
            all += "1" + extension + "\r\na\r\n";
        return all + "0\r\n\r\n";
    };
    EXPECT_EQ(status_of(exchange(head + chunks(50'000, ""))), 200);
    EXPECT_EQ(status_of(exchange(head + chunks(50, ";x=" + std::string(1000, 'e')))), 200);
    expect_refused(head + chunks(500, ";x=" + std::string(1000, 'e')), 400);
}

TEST_F(HttpServerHostile, ChunksArriveByteByByte) {
    serve();
    raw_client client(port());
    int const on = 1;
    ::setsockopt(client.native(), 6, 1, &on, sizeof on);  // TCP_NODELAY: each byte is a packet
    for (char const c : std::string_view("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked"
                                         "\r\n\r\n3\r\nabc\r\n0\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h"
                                         "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
        client.send({&c, 1});
    }
    EXPECT_EQ(body_of(client.read_response()), "POST /?|abc");
    EXPECT_EQ(body_of(client.read_response()), "POST /2?|");
}

TEST_F(HttpServerHostile, GiantHeads) {
    serve();
    auto const head = [](std::size_t size) {
        std::string const rest = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: \r\n\r\n";
        return "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: " +
               std::string(size - rest.size(), 'x') + "\r\n\r\n";
    };
    EXPECT_EQ(status_of(exchange(head(limits::request_head))), 200);
    EXPECT_EQ(status_of(exchange(head(limits::request_head + 1))), 431);
    EXPECT_EQ(status_of(exchange("GET /" + std::string(100'000, 'a'))), 431);
    EXPECT_EQ(status_of(exchange("GET / HTTP/1.1\r\nHost: h\r\n" + std::string(40'000, 'h'))), 431);
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 300; ++i)
        many += "a:b\r\n";
    EXPECT_EQ(status_of(exchange(many + "\r\n")), 431);
}

TEST_F(HttpServerHostile, BodiesOverTheLimit) {
    handler.on_head = [](auto const&) { return worker::head_verdict{.max_body = 10}; };
    serve();
    auto const post = [&](std::string const& framing) {
        return status_of(exchange("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + framing));
    };
    EXPECT_EQ(post("Content-Length: 10\r\n\r\n0123456789"), 200);
    EXPECT_EQ(post("Content-Length: 11\r\n\r\n0123456789a"), 413);
    EXPECT_EQ(post("Content-Length: 5000000000\r\n\r\n"), 413);
    EXPECT_EQ(post("Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"), 200);
    EXPECT_EQ(post("Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n"),
              413);
    EXPECT_EQ(post("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + std::string(100'000, 'x')),
              413);
}

TEST_F(HttpServerHostile, SlowHeadGets408) {
    options.head_timeout = 60ms;
    serve();
    raw_client slow(port());
    slow.send("GET / HTTP/1.1\r\nHo");
    EXPECT_EQ(status_of(slow.read_all()), 408);
    raw_client silent(port());
    EXPECT_TRUE(silent.at_end());
    raw_client drip(port());
    bool open = true;
    for (int i = 0; i < 5000 && open; ++i) {
        open = drip.send("X") && ::recv(drip.native(), nullptr, 0, MSG_DONTWAIT | MSG_PEEK) != 0;
        char byte = 0;
        open = open && ::recv(drip.native(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
        asio::steady_timer(loops.executor(0), 1ms).wait();  // the drip's pace
    }
    EXPECT_EQ(status_of(drip.read_response()), 408);
    EXPECT_GE(server->counters().timed_out, 3U);
}

TEST_F(HttpServerHostile, SlowBodyGets408) {
    handler.on_head = [](auto const&) { return worker::head_verdict{.body_deadline = 60ms}; };
    options.head_timeout = 100ms;
    serve();
    raw_client slow(port());
    slow.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(status_of(slow.read_all()), 408);
}

TEST_F(HttpServerHostile, IdleConnectionsAreClosed) {
    options.idle_timeout = 50ms;
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(client.read_response()), 200);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServerHostile, SlowReadersAreCutOff) {
    options.write_timeout = 80ms;
    handler.on_request = [](wire::http_request) -> asio::awaitable<wire::http_response> {
        co_return text_response(std::string(64 * limits::mib, 'x'));
    };
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return server->counters().timed_out == 1; }));
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
    EXPECT_LT(client.read_all().size(), 64 * limits::mib);
}

TEST_F(HttpServerHostile, TricklingReadersAreCutOff) {
    options.write_timeout = 60ms;
    options.min_write_rate = std::size_t{1} << 40;  // no reader is that fast
    handler.on_request = [](wire::http_request) -> asio::awaitable<wire::http_response> {
        co_return text_response(std::string(32 * limits::mib, 'x'));
    };
    serve();
    raw_client client(port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    char bytes[4096];
    for (int i = 0; i < 5000 && server->counters().timed_out == 0; ++i) {
        if (::recv(client.native(), bytes, sizeof bytes, 0) <= 0) break;
        asio::steady_timer(loops.executor(0), 1ms).wait();
    }
    EXPECT_TRUE(eventually([&] { return server->counters().timed_out == 1; }));
    EXPECT_TRUE(eventually([&] { return server->counters().active == 0; }));
}

TEST_F(HttpServerHostile, HalfClosedPeersGetTheirAnswer) {
    serve();
    raw_client client(port());
    client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    client.close_sending();
    auto const all = client.read_all();
    EXPECT_THAT(all, HasSubstr("GET /1?|"));
    EXPECT_THAT(all, HasSubstr("GET /2?|"));
    raw_client half(port());
    half.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    half.close_sending();
    EXPECT_EQ(half.read_all(), "");
}

TEST_F(HttpServerHostile, ConnectionsOverTheLimitGet503) {
    options.max_connections = 2;
    serve();
    raw_client first(port());
    raw_client second(port());
    for (auto* client : {&first, &second}) {
        client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_EQ(status_of(client->read_response()), 200);
    }
    raw_client third(port());
    EXPECT_EQ(status_of(third.read_all()), 503);
    EXPECT_EQ(server->counters().refused, 1U);
    first.close_sending();
    EXPECT_TRUE(eventually([&] { return server->counters().active == 1; }));
    EXPECT_EQ(status_of(exchange("GET / HTTP/1.0\r\n\r\n")), 200);
}

TEST_F(HttpServerHostile, SurvivesDamagedRequests) {  // 10-40
    options.head_timeout = 20ms;
    options.write_timeout = 20ms;
    serve();
    std::string const good =
        "POST /path?q=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4;x=y\r\nabcd\r\n0\r\nT: v\r\n\r\n";
    seeded_random random(7);
    for (int i = 0; i < 400; ++i) {
        auto bytes = good;
        for (auto changes = random.below(4) + 1; changes > 0; --changes) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        raw_client client(port());
        auto const cut = random.below(bytes.size());
        client.send(std::string_view(bytes).substr(0, cut));
        client.send(std::string_view(bytes).substr(cut));
        client.close_sending();
        auto const status = status_of(client.read_all());
        EXPECT_TRUE(status == 0 || status == 200 || status == 400 || status == 408) << status;
    }
    EXPECT_EQ(status_of(exchange("GET / HTTP/1.0\r\n\r\n")), 200);
}

}  // namespace
