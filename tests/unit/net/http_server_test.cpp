#include "cxb/net/http_server.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "tests/unit/net/net_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpServer : public server_test {};

TEST_F(HttpServer, AnswersAndKeepsTheConnection) {
    serve();
    raw_client client(port());
    for (int i = 0; i < 3; ++i) {
        client.send("GET /a/b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
        auto const response = client.read_response();
        EXPECT_EQ(status_of(response), 200);
        EXPECT_EQ(body_of(response), "GET /a/b?x=1|");
        EXPECT_THAT(response, HasSubstr("X-Peer: 127.0.0.1\r\n"));
        EXPECT_THAT(response, HasSubstr("Content-Length: 13\r\n"));
        EXPECT_THAT(response, HasSubstr("\r\nDate: "));
        EXPECT_THAT(response, Not(HasSubstr("Connection:")));
    }
    EXPECT_EQ(server->counters().accepted, 1U);
    EXPECT_EQ(server->counters().requests, 3U);
    EXPECT_EQ(server->counters().active, 1);
    EXPECT_EQ(server->url(), "http://127.0.0.1:" + std::to_string(port()));
}

TEST_F(HttpServer, AnswersAHundredPipelinedRequestsInOrder) {
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        asio::steady_timer pause(co_await asio::this_coro::executor);
        if (request.path.ends_with('3')) {
            pause.expires_after(1ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
        co_return text_response(request.path);
    };
    serve();
    raw_client client(port());
    std::string all;
    for (int i = 0; i < 100; ++i) {
        all +=
            "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    }
    client.send(all);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(body_of(client.read_response()), '/' + std::to_string(i));
    }
}

TEST_F(HttpServer, ReadsBodiesByLengthAndInChunks) {
    serve();
    raw_client client(port());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_EQ(body_of(client.read_response()), "POST /?|hello");
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;note=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n");
    EXPECT_EQ(body_of(client.read_response()), "POST /?|hello world");
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(body_of(client.read_response()), "POST /?|");
}

TEST_F(HttpServer, ReadsLargeBodies) {
    handler.on_head = [](auto const&) { return worker::head_verdict{.max_body = 9'000'000}; };
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        co_return text_response(std::to_string(request.body.size()));
    };
    serve();
    raw_client client(port());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n");
    client.send(std::string(8'000'000, 'x'));
    EXPECT_EQ(body_of(client.read_response()), "8000000");
}

TEST_F(HttpServer, HeadersArriveInOrderAndCompareWithoutCase) {
    std::string seen;
    handler.on_request = [&](wire::http_request request) -> asio::awaitable<wire::http_response> {
        seen = std::string(request.headers.get("x-one")) + '|' +
               std::string(request.headers.items().back().second);
        co_return text_response("");
    };
    serve();
    exchange(
        "GET / HTTP/1.1\r\nHost: h\r\nX-One:  a b \t\r\nX-ONE: second\r\nConnection: close\r\n"
        "X-Last: \xc3\xbc\r\n\r\n");
    EXPECT_EQ(seen, "a b|\xc3\xbc");
}

TEST_F(HttpServer, Http10ClosesUnlessAskedToKeep) {
    serve();
    auto const closed = exchange("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(status_of(closed), 200);
    EXPECT_THAT(closed, HasSubstr("Connection: close\r\n"));
    raw_client client(port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(client.read_response(), HasSubstr("Connection: keep-alive\r\n"));
    client.send("GET /2 HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(client.read_all()), "GET /2?|");
}

TEST_F(HttpServer, ConnectionCloseIsHonoured) {
    serve();
    auto const response = exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(response), 200);
    EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServer, HeadHasTheLengthButNoBody) {
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        auto response = text_response(request.path == "/body" ? "12345" : "");
        if (request.path == "/stated") response.headers.add("Content-Length", "777");
        if (request.path == "/stream") response.stream = stream_of("123", 2, true);
        if (request.path == "/chunks") response.stream = stream_of("123", 2, false);
        co_return response;
    };
    serve();
    raw_client client(port());
    for (auto const& [path, header] : std::vector<std::pair<std::string, std::string>>{
             {"/body", "Content-Length: 5\r\n"},
             {"/stated", "Content-Length: 777\r\n"},
             {"/stream", "Content-Length: 3\r\n"},
             {"/chunks", "Transfer-Encoding: chunked\r\n"}}) {
        client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(client.read_response(false), HasSubstr(header)) << path;
    }
    client.send("GET /body HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(body_of(client.read_response()), "12345");
}

TEST_F(HttpServer, NoContentHasNoLength) {
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        co_return text_response("ignored", request.path == "/304" ? 304 : 204);
    };
    serve();
    raw_client client(port());
    for (auto const* path : {"/204", "/304"}) {
        client.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        auto const response = client.read_response(false);
        EXPECT_THAT(response, Not(HasSubstr("Content-Length")));
        EXPECT_EQ(body_of(response), "");
    }
}

TEST_F(HttpServer, SharedBodiesAreSentAsTheyAre) {
    auto const text = std::make_shared<std::string const>(200'000, 's');
    handler.on_request = [&](wire::http_request) -> asio::awaitable<wire::http_response> {
        wire::http_response response;
        response.shared = text;
        co_return response;
    };
    serve();
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")), *text);
    EXPECT_TRUE(eventually([&] { return text.use_count() == 1; }));
}

TEST_F(HttpServer, ExpectContinueIsAnsweredOnlyWhenTheBodyIsWanted) {
    handler.on_head = [](wire::http_request const& request) {
        worker::head_verdict verdict;
        if (request.path == "/no") verdict.refuse = text_response("early", 403);
        return verdict;
    };
    serve();
    raw_client client(port());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_response(false), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    EXPECT_EQ(body_of(client.read_response()), "POST /?|ok");
    client.send(
        "POST /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    auto const refused = client.read_all();
    EXPECT_EQ(status_of(refused), 403);
    EXPECT_THAT(refused, Not(HasSubstr("100 Continue")));
    raw_client big(port());
    big.send(
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    EXPECT_EQ(status_of(big.read_all()), 413);
}

TEST_F(HttpServer, EarlyRefusalKeepsTheConnectionWhenNoBodyIsPending) {
    handler.on_head = [](wire::http_request const& request) {
        worker::head_verdict verdict;
        if (request.path == "/no") verdict.refuse = text_response("early", 401);
        return verdict;
    };
    serve();
    raw_client client(port());
    client.send("GET /no HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(client.read_response()), 401);
    EXPECT_EQ(status_of(client.read_response()), 200);
    client.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
    client.send(std::string(500'000, 'x'));
    auto const refused = client.read_all();
    EXPECT_EQ(status_of(refused), 401);
    EXPECT_THAT(refused, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServer, ContextAndTlsFlagReachTheHandler) {
    handler.on_head = [](auto const&) {
        worker::head_verdict verdict;
        verdict.context = std::make_shared<int>(42);
        return verdict;
    };
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        co_return text_response(std::to_string(*static_cast<int*>(request.context.get())) +
                                (request.tls ? "tls" : "plain"));
    };
    serve();
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.0\r\n\r\n")), "42plain");
}

TEST_F(HttpServer, AThrowingHandlerGives500) {
    int reported = 0;
    options.on_handler_exception = [&](std::exception_ptr const&) { ++reported; };
    handler.on_head = [](wire::http_request const& request) {
        if (request.path == "/head") throw std::runtime_error("bug");
        return worker::head_verdict{};
    };
    handler.on_request = [](wire::http_request) -> asio::awaitable<wire::http_response> {
        throw std::runtime_error("bug");
        co_return wire::http_response{};
    };
    serve();
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.0\r\n\r\n")), "refused 500");
    EXPECT_EQ(body_of(exchange("GET /head HTTP/1.0\r\n\r\n")), "refused 500");
    EXPECT_EQ(reported, 2);
}

TEST_F(HttpServer, HeadersOfAHandlerCannotSplitTheAnswer) {
    handler.on_request = [](wire::http_request) -> asio::awaitable<wire::http_response> {
        auto response = text_response("x");
        response.headers.add("X-Bad", "a\r\nSet-Cookie: evil=1");
        response.headers.add("Bad Name", "a");
        response.headers.add("Transfer-Encoding", "chunked");
        response.headers.add("Content-Length", "99");
        response.headers.add("X-Good", "g");
        co_return response;
    };
    serve();
    auto const response = exchange("GET / HTTP/1.0\r\n\r\n");
    EXPECT_THAT(response, Not(HasSubstr("evil")));
    EXPECT_THAT(response, Not(HasSubstr("Bad Name")));
    EXPECT_THAT(response, Not(HasSubstr("chunked")));
    EXPECT_THAT(response, HasSubstr("Content-Length: 1\r\n"));
    EXPECT_THAT(response, HasSubstr("X-Good: g\r\n"));
}

TEST_F(HttpServer, ServesOnAUnixSocket) {
    auto const path = ::testing::TempDir() + "cxb_net_" + std::to_string(::getpid()) + ".sock";
    options.unix_path = path;
    options.unix_mode = 0640;
    serve();
    struct stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0640U);
    for (int i = 0; i < 4; ++i) {
        raw_client client(path);
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(client.read_response(), HasSubstr("X-Peer: \r\n"));
    }
    EXPECT_EQ(server->url(), "unix:" + path);
    net::http_server second(loops, handler, options);
    EXPECT_EQ(second.start().error().reason(), "address_in_use");
    EXPECT_TRUE(drain());
    EXPECT_NE(::stat(path.c_str(), &facts), 0);
}

TEST_F(HttpServer, ReplacesOnlyALeftoverSocket) {
    auto const path = ::testing::TempDir() + "cxb_net_left_" + std::to_string(::getpid());
    std::fclose(std::fopen(path.c_str(), "w"));
    options.unix_path = path;
    EXPECT_FALSE(net::http_server(loops, handler, options).start());
    ::unlink(path.c_str());
    {
        boost::asio::local::stream_protocol::acceptor gone(loops.executor(0),
                                                           std::string_view(path));
    }
    serve();
    raw_client client(path);
    client.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(status_of(client.read_all()), 200);
}

TEST_F(HttpServer, NamesWhatIsWrongWithAnAddress) {
    serve();
    auto taken = options;
    taken.port = port();
    EXPECT_EQ(net::http_server(loops, handler, taken).start().error().reason(), "address_in_use");
    auto bad = options;
    bad.address = "localhost";
    EXPECT_EQ(net::http_server(loops, handler, bad).start().error().code(), errc::invalid);
    auto far = options;
    far.unix_path = std::string(200, 'x');
    EXPECT_EQ(net::http_server(loops, handler, far).start().error().code(), errc::invalid);
}

}  // namespace
