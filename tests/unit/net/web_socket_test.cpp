#include "src/net/web_socket.hpp"

#include <sys/socket.h>

#include "cxb/net/web_socket_client.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/unit/net/net_fixture.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;

using socket_ptr = std::shared_ptr<worker::media_socket>;
namespace close_code = worker::close_code;

constexpr std::string_view upgrade_head =
    "GET /ws/bot HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// A frame as a client sends it, masked with zeros.
std::string frame(int opcode, std::string_view payload, bool masked = true) {
    std::string out;
    out += static_cast<char>(0x80 | opcode);
    char const mask = masked ? static_cast<char>(0x80) : '\0';
    if (payload.size() < 126) {
        out += static_cast<char>(static_cast<int>(payload.size()) | mask);
    } else {
        out += static_cast<char>(126 | mask);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size());
    }
    if (masked) out.append(4, '\0');
    out += payload;
    return out;
}

// A close frame as a server sends it.
std::string close_frame(int code) {
    std::string out{static_cast<char>(0x88), 2};
    out += static_cast<char>(code >> 8);
    out += static_cast<char>(code);
    return out;
}

class WebSocket : public server_test {
  protected:
    WebSocket() {
        handler.on_socket = [this](socket_ptr socket) -> asio::awaitable<void> {
            while (auto text = co_await socket->receive())
                socket->send("echo " + *text);
            ended = socket->end();
            over = true;
        };
    }
    ~WebSocket() override {
        drain(0ms);
        loops.stop();
        socket.reset();
    }

    result<socket_ptr> open(std::string const& url, net::socket_client_options how = {}) {
        return run(net::connect_socket(url, std::move(how)));
    }
    [[nodiscard]] std::string ws_url() const { return "ws://127.0.0.1:" + std::to_string(port()); }
    std::optional<std::string> ask(std::string text) {
        return run(
            [](socket_ptr on, std::string what) -> asio::awaitable<std::optional<std::string>> {
                on->send(std::move(what));
                co_return co_await on->receive();
            }(socket, std::move(text)));
    }
    std::optional<std::string> next() { return run(socket->receive()); }
    void close(int code, std::string reason) {
        run([](socket_ptr on, int number, std::string why) -> asio::awaitable<bool> {
            on->close(number, std::move(why));
            co_return !co_await on->receive();
        }(socket, code, std::move(reason)));
    }

    socket_ptr socket;
    worker::socket_end ended;
    std::atomic<bool> over{false};
};

TEST_F(WebSocket, CarriesTextBothWays) {
    serve();
    auto opened = open(ws_url() + "/ws/bot?t=1");
    ASSERT_TRUE(opened) << opened.error().to_log_text();
    socket = *opened;
    EXPECT_EQ(ask("hello"), "echo hello");
    EXPECT_EQ(ask(std::string(60000, 'x')), "echo " + std::string(60000, 'x'));
    close(close_code::normal, "done");
    EXPECT_EQ(socket->end().code, close_code::normal);
    EXPECT_FALSE(socket->send("too late"));
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_EQ(ended.code, close_code::normal);
    EXPECT_EQ(ended.reason, "done");
    EXPECT_TRUE(ended.by_peer);
}

TEST_F(WebSocket, ServesOverTls) {
    auto const files = make_tls_files("socket", {"localhost"}, {"127.0.0.1"});
    options.tls_certificate = files.certificate;
    options.tls_key = files.key;
    serve();
    net::socket_client_options how;
    how.ca_file = files.certificate;
    auto opened = open("wss://127.0.0.1:" + std::to_string(port()) + "/ws/bot", how);
    ASSERT_TRUE(opened) << opened.error().to_log_text();
    socket = *opened;
    EXPECT_EQ(ask("hello"), "echo hello");
    close(close_code::normal, "");
}

TEST_F(WebSocket, IsReachedThroughAUnixSocket) {
    cxb_test::scratch_folder const folder;
    options.unix_path = (folder.path() / "s").string();
    serve();
    auto opened = open("unix:" + options.unix_path + ":/ws/bot");
    ASSERT_TRUE(opened) << opened.error().to_log_text();
    socket = *opened;
    EXPECT_EQ(ask("hello"), "echo hello");
}

TEST_F(WebSocket, IsRefusedBeforeTheUpgrade) {
    handler.on_head = [](wire::http_request const&) {
        worker::head_verdict out;
        out.refuse = text_response("no", 403);
        return out;
    };
    serve();
    auto const opened = open(ws_url() + "/ws/bot");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), errc::forbidden);
    EXPECT_EQ(opened.error().status(), 403);
}

TEST_F(WebSocket, WantsAWholeUpgrade) {
    serve();
    for (std::string_view const lost :
         {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Version: 13\r\n",
          "Connection: keep-alive, Upgrade\r\n"}) {
        std::string head(upgrade_head);
        head.erase(head.find(lost), lost.size());
        EXPECT_EQ(status_of(exchange(head)), 400) << lost;
    }
}

TEST_F(WebSocket, TakesFramesThatCameWithTheRequest) {
    serve();
    raw_client client(port());
    client.send(std::string(upgrade_head) + frame(1, "early") + frame(8, "\x03\xe8"));
    auto const all = client.read_all();
    EXPECT_EQ(status_of(all), 101);
    EXPECT_NE(all.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
    EXPECT_EQ(body_of(all), frame(1, "echo early", false) + close_frame(1000));
}

struct bad_frames {
    char const* name;
    std::string bytes;
    int code;
};

TEST_F(WebSocket, NamesWhatWasWrong) {
    serve();
    for (auto const& [name, bytes, code] :
         {bad_frames{"binary", frame(2, "abc"), close_code::unsupported_data},
          bad_frames{"not masked", frame(1, "abc", false), close_code::protocol_error},
          bad_frames{"reserved opcode", frame(3, "abc"), close_code::protocol_error},
          bad_frames{"not UTF-8", frame(1, "\xff\xfe"), close_code::bad_text}}) {
        over = false;
        raw_client client(port());
        client.send(upgrade_head);
        EXPECT_EQ(status_of(client.read_response(false)), 101);
        client.send(bytes);
        std::string got;
        while (got.size() < 4) {
            char piece[64];
            auto const size = ::recv(client.native(), piece, sizeof piece, 0);
            if (size <= 0) break;
            got.append(piece, static_cast<std::size_t>(size));
        }
        EXPECT_EQ(got.substr(0, 1), "\x88") << name;
        ASSERT_GE(got.size(), 4U) << name;
        EXPECT_EQ(static_cast<unsigned char>(got[2]) << 8 | static_cast<unsigned char>(got[3]),
                  code)
            << name;
        client.close_sending();
        EXPECT_TRUE(eventually([&] { return over.load(); })) << name;
        EXPECT_EQ(ended.code, code) << name;
    }
}

TEST_F(WebSocket, TakesAMessageOfTheLimit) {
    serve();
    net::socket_client_options how;
    how.socket.max_message = 2 * limits::ws_text_frame;
    auto opened = open(ws_url() + "/", how);
    ASSERT_TRUE(opened);
    socket = *opened;
    auto const back = ask(std::string(limits::ws_text_frame, 'x'));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->size(), limits::ws_text_frame + 5);
}

TEST_F(WebSocket, RefusesOneByteOverTheLimit) {
    serve();
    auto opened = open(ws_url() + "/");
    ASSERT_TRUE(opened);
    socket = *opened;
    EXPECT_FALSE(ask(std::string(limits::ws_text_frame + 1, 'x')));
    EXPECT_EQ(socket->end().code, close_code::too_big);
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_EQ(ended.code, close_code::too_big);
}

TEST_F(WebSocket, PingsAndGivesUpWithoutPong) {
    handler.socket_options.ping_every = 50ms;
    serve();
    raw_client silent(port());
    silent.send(upgrade_head);
    auto const all = silent.read_all();  // until it was dropped
    EXPECT_EQ(body_of(all), std::string("\x89\0", 2));
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_EQ(ended.code, close_code::lost);
}

TEST_F(WebSocket, LivesOnWhilePongsCome) {
    handler.socket_options.ping_every = 20ms;
    serve();
    auto opened = open(ws_url() + "/");
    ASSERT_TRUE(opened);
    socket = *opened;
    // The client answers pings while it receives: nothing comes, for many pings.
    bool const quiet = run([](socket_ptr on) -> asio::awaitable<bool> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 300ms);
        timer.async_wait([on](auto) { on->send("still here"); });
        co_return co_await on->receive() == "echo still here";
    }(socket));
    EXPECT_TRUE(quiet);
}

TEST_F(WebSocket, AnswersThePeersPing) {
    serve();
    raw_client client(port());
    client.send(std::string(upgrade_head) + frame(9, "now") + frame(8, "\x03\xe8"));
    EXPECT_EQ(body_of(client.read_all()), frame(10, "now", false) + close_frame(1000));
}

TEST_F(WebSocket, DropsAPeerThatDoesNotRead) {
    handler.socket_options.max_queued = 128 * limits::kib;
    std::atomic<bool> full{false};
    handler.on_socket = [&](socket_ptr on) -> asio::awaitable<void> {
        for (int i = 0; i < 10000 && on->send(std::string(16 * limits::kib, 'x')); ++i) {
            asio::steady_timer turn(co_await asio::this_coro::executor, 0ms);
            co_await turn.async_wait(asio::use_awaitable);
        }
        full = true;
        while (co_await on->receive()) {
        }
        ended = on->end();
        over = true;
    };
    serve();
    raw_client lazy(port());
    lazy.send(upgrade_head);
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_TRUE(full);
    EXPECT_EQ(ended.code, close_code::lost);
}

TEST_F(WebSocket, DoesNotWaitLongForTheAnswerToAClose) {
    handler.socket_options.close_wait = 50ms;
    handler.on_socket = [&](socket_ptr on) -> asio::awaitable<void> {
        on->send("last words");
        on->close(close_code::policy, "At capacity");
        while (co_await on->receive()) {
        }
        ended = on->end();
        over = true;
    };
    serve();
    raw_client mute(port());
    mute.send(upgrade_head);
    EXPECT_EQ(body_of(mute.read_all()),
              frame(1, "last words", false) + "\x88\x0d\x03\xf0" + "At capacity");
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_EQ(ended.code, close_code::policy);
    EXPECT_FALSE(ended.by_peer);
}

TEST_F(WebSocket, EndsWithTheServer) {
    serve();
    auto opened = open(ws_url() + "/");
    ASSERT_TRUE(opened);
    socket = *opened;
    EXPECT_EQ(ask("a"), "echo a");
    EXPECT_TRUE(drain(20ms));
    EXPECT_FALSE(next());
    EXPECT_EQ(socket->end().code, close_code::going_away);
    EXPECT_TRUE(over);
}

TEST_F(WebSocket, IsDroppedWithItsLastPointer) {
    serve();
    auto opened = open(ws_url() + "/");
    ASSERT_TRUE(opened);
    run([](socket_ptr on) -> asio::awaitable<bool> {
        on.reset();
        co_return true;
    }(*std::move(opened)));
    opened = error{errc::cancelled, ""};
    ASSERT_TRUE(eventually([&] { return over.load(); }));
    EXPECT_EQ(ended.code, close_code::lost);
}

TEST_F(WebSocket, OutlivesAHandlerThatThrows) {
    handler.on_socket = [](socket_ptr) -> asio::awaitable<void> {
        throw std::logic_error("bug");
        co_return;
    };
    std::atomic<bool> told{false};
    options.on_handler_exception = [&](std::exception_ptr const&) { told = true; };
    serve();
    auto opened = open(ws_url() + "/");
    ASSERT_TRUE(opened);
    socket = *opened;
    EXPECT_FALSE(next());
    EXPECT_TRUE(told);
    EXPECT_EQ(status_of(exchange("GET / HTTP/1.0\r\n\r\n")), 200);
}

}  // namespace
