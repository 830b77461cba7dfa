#include "cxb/net/proxy.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "src/net/proxy_choice.hpp"
#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/raw_server.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Bytes in both directions until one side ends.
void relay(int one, int other) {
    char bytes[16384];
    for (;;) {
        pollfd both[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
        if (::poll(both, 2, 5000) <= 0) return;
        for (int i = 0; i < 2; ++i) {
            if (both[i].revents == 0) continue;
            auto const got = ::recv(both[i].fd, bytes, sizeof bytes, 0);
            for (ssize_t done = 0; done < got;) {
                auto const sent = ::send(both[1 - i].fd, bytes + done,
                                         static_cast<std::size_t>(got - done), MSG_NOSIGNAL);
                if (sent <= 0) return;
                done += sent;
            }
            if (got <= 0) return;
        }
    }
}

// A proxy that knows one way: to a port of this machine, whatever it is asked for.
class small_proxy {
  public:
    explicit small_proxy(std::uint16_t port) : port_(port) {}

    void serve(raw_peer& client) {
        auto head = client.read_request();
        bool const asked = head.starts_with("CONNECT ");
        {
            std::lock_guard const lock(mutex_);
            heads_.push_back(std::move(head));
        }
        if (!asked) return;
        int const fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port_);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
            client.send("HTTP/1.1 200 Connection established\r\nVia: small\r\n\r\n");
            relay(client.native(), fd);
        }
        ::close(fd);
    }
    std::vector<std::string> heads() {
        std::lock_guard const lock(mutex_);
        return heads_;
    }

  private:
    std::uint16_t port_;
    std::mutex mutex_;
    std::vector<std::string> heads_;
};

class Proxy : public client_test {
  protected:
    struct nobody_asks final : net::resolver {
        asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
            co_return error{errc::internal, "The proxy resolves names"};
        }
    };
    struct everything_is_local final : net::resolver {
        asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
            co_return std::vector{*domain::ip_address::parse("127.0.0.1")};
        }
    };
    Proxy() { client_options.names = std::make_shared<nobody_asks>(); }

    void serve_tls() {
        auto const files = make_tls_files("proxied", {"crm.test"});
        options.tls_certificate = files.certificate;
        options.tls_key = files.key;
        client_options.ca_file = files.certificate;
        serve();
    }
    [[nodiscard]] std::string of_host(std::string const& host) const {
        return "https://" + host + ':' + std::to_string(port()) + "/x?q=1";
    }
    answer ask_through(std::string_view reply, client::transport_options how = {}) {
        raw_server refusing([&](raw_peer& one, int) {
            one.read_request();
            one.send(reply);
            if (reply.empty()) one.read_request();
        });
        client_options.proxies.https.url = refusing.url();
        make_client();
        return ask(request_to("https://crm.test/x"), std::move(how));
    }
};

TEST_F(Proxy, HttpsGoesThroughATunnelThatTheProxyCannotRead) {
    std::atomic<bool> told{false};
    handler.on_request = [&](wire::http_request request) -> asio::awaitable<wire::http_response> {
        told = told || request.headers.has("Proxy-Authorization");
        co_return text_response(request.path + "|" + request.body);
    };
    serve_tls();
    small_proxy inner(port());
    raw_server proxy([&](raw_peer& one, int) { inner.serve(one); });
    client_options.proxies.https = {proxy.url(), secret("user:pw")};
    for (int i = 0; i < 2; ++i) {
        auto const got = ask(of_host("crm.test"), "POST", "body");
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_EQ(got->body, "/x|body");
    }
    EXPECT_FALSE(told);
    EXPECT_EQ(counters().connections, 1U);  // the tunnel is kept as any connection
    auto const heads = inner.heads();
    ASSERT_EQ(heads.size(), 1U);
    auto const place = "crm.test:" + std::to_string(port());
    EXPECT_THAT(heads[0], StartsWith("CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n"));
    EXPECT_THAT(heads[0], HasSubstr("\r\nProxy-Authorization: Basic dXNlcjpwdw==\r\n"));
}

TEST_F(Proxy, ThePeerBehindTheTunnelIsVerified) {
    serve_tls();
    small_proxy inner(port());
    raw_server proxy([&](raw_peer& one, int) { inner.serve(one); });
    client_options.proxies.https.url = proxy.url();
    auto const wrong_name = ask(of_host("other.test"));
    ASSERT_FALSE(wrong_name);
    EXPECT_EQ(wrong_name.error().code(), errc::upstream_failed);
    EXPECT_EQ(wrong_name.error().reason(), "tls");
    EXPECT_EQ(wrong_name.error().request_sent(), sent_state::no);
    client_options.ca_file.clear();  // the certificate is self-signed
    make_client();
    EXPECT_EQ(ask(of_host("crm.test")).error().reason(), "tls");
    EXPECT_EQ(server->counters().requests, 0U);
}

TEST_F(Proxy, PlainHttpIsAskedForByItsWholeUrl) {
    std::mutex mutex;
    std::vector<std::string> heads;
    raw_server proxy([&](raw_peer& one, int) {
        for (;;) {
            auto head = one.read_request();
            if (head.empty()) return;
            std::lock_guard const lock(mutex);
            heads.push_back(std::move(head));
            one.send(heads.size() == 3 ? "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"
                                       : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    client_options.proxies.http = {proxy.url(), secret("u:p")};
    EXPECT_TRUE(ask("http://crm.test:81/a?b=1"));
    EXPECT_TRUE(ask("http://crm.test:81/"));
    auto const refused = ask("http://crm.test:81/");
    ASSERT_TRUE(refused);  // a status of the proxy is an answer
    EXPECT_EQ(refused->status, 407);
    EXPECT_EQ(counters().connections, 1U);
    std::lock_guard const lock(mutex);
    ASSERT_EQ(heads.size(), 3U);
    EXPECT_THAT(heads[0],
                StartsWith("GET http://crm.test:81/a?b=1 HTTP/1.1\r\nHost: crm.test:81\r\n"));
    EXPECT_THAT(heads[0], HasSubstr("\r\nProxy-Authorization: Basic dTpw\r\n"));
    EXPECT_THAT(heads[1], StartsWith("GET http://crm.test:81/ HTTP/1.1\r\n"));
}

TEST_F(Proxy, ARefusalSentNothingToThePeer) {
    struct row {
        char const* reply;
        errc code;
        char const* reason;
    };
    constexpr row rows[] = {
        {"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n", errc::upstream_failed,
         "proxy_refused"},
        {"HTTP/1.1 403 No\r\n\r\n", errc::upstream_failed, "proxy_refused"},
        {"HTTP/1.1 502 Nobody there\r\n\r\n", errc::unavailable, "proxy_refused"},
        {"HTTP/1.1 503 Later\r\n\r\n", errc::unavailable, "proxy_refused"},
        {"SSH-2.0-x\r\n\r\n", errc::upstream_failed, "bad_http"},
        {"HTTP/1.1 200 OK\r\n\r\nmore", errc::upstream_failed, "bad_http"},
        {"HTTP/1.1 20", errc::unavailable, "connect_failed"}};
    for (auto const& one : rows) {
        SCOPED_TRACE(one.reply);
        auto const got = ask_through(one.reply);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code(), one.code);
        EXPECT_EQ(got.error().reason(), one.reason);
        EXPECT_EQ(got.error().request_sent(), sent_state::no);
    }
    auto const endless = ask_through("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x'));
    EXPECT_EQ(endless.error().code(), errc::upstream_failed);
}

TEST_F(Proxy, ASilentProxyMeetsTheConnectDeadline) {
    client::transport_options how;
    how.connect = 50ms;
    auto const got = ask_through("", how);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().request_sent(), sent_state::no);
}

TEST_F(Proxy, ExceptionsAreReachedDirectly) {
    raw_server proxy([](raw_peer& one, int) { one.read_request(); });
    client_options.names = std::make_shared<everything_is_local>();
    client_options.proxies.http.url = proxy.url();
    client_options.proxies.no_proxy = ".test";
    serve();
    EXPECT_TRUE(ask("http://crm.test:" + std::to_string(port()) + "/"));
    EXPECT_TRUE(ask(at("/")));  // 127.0.0.1, without being named
    EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(Proxy, SettingsThatCannotWorkAreRefused) {
    for (char const* bad : {"crm", "https://p:1", "http://p:1/path", "http://a:b@p:1"}) {
        client_options.proxies.http.url = bad;
        EXPECT_EQ(net::http_client::create(client_options).error().code(), errc::invalid) << bad;
    }
    client_options.proxies.http.url = "http://p:1";
    EXPECT_TRUE(net::http_client::create(client_options));
    client_options.admit = [](auto const&, auto const&) { return result<void>{}; };
    EXPECT_EQ(net::http_client::create(client_options).error().code(), errc::invalid);
}

TEST(NoProxy, EntriesFitAsTheTableSays) {
    struct row {
        char const* list;
        char const* target;
        bool direct;
    };
    constexpr row rows[] = {{"", "http://a.example.com/", false},
                            {"*", "http://a.example.com/", true},
                            {"example.com", "http://example.com/", true},
                            {"example.com", "http://a.example.com/", true},
                            {"example.com", "http://badexample.com/", false},
                            {".example.com", "http://example.com/", true},
                            {"*.Example.com", "http://a.EXAMPLE.com/", true},
                            {"a, b\texample.com", "http://example.com./", true},
                            {"example.com:81", "http://example.com:81/", true},
                            {"example.com:81", "http://example.com/", false},
                            {"10.0.0.0/8", "http://10.1.2.3/", true},
                            {"10.0.0.0/8", "http://11.1.2.3/", false},
                            {"10.1.2.3", "http://10.1.2.3:8080/", true},
                            {"10.1.2.3:80", "http://10.1.2.3:8080/", false},
                            {"10.1.2.3", "http://10.1.2.3.example.com/", false},
                            {"2001:db8::/32", "http://[2001:db8::1]/", true},
                            {"[2001:db8::1]:80", "http://[2001:db8::1]/", true},
                            {"[2001:db8::1]:81", "http://[2001:db8::1]/", false},
                            {"", "http://localhost:8080/", true},
                            {"", "http://a.localhost/", true},
                            {"", "http://127.8.8.8/", true},
                            {"", "http://[::1]/", true},
                            {"", "http://[::2]/", false},
                            {",, ,:80, .", "http://example.com/", false}};
    for (auto const& one : rows) {
        SCOPED_TRACE(std::string(one.list) + " | " + one.target);
        net::proxy_settings settings;
        settings.http.url = "http://proxy.test:3128";
        settings.no_proxy = one.list;
        auto const choice = net::proxy_choice::create(settings).value();
        auto const target = domain::parse_http_url(one.target).value();
        EXPECT_EQ(choice.of(target) == nullptr, one.direct);
    }
}

TEST(NoProxy, EachSchemeHasItsProxy) {
    net::proxy_settings settings;
    settings.https.url = "http://proxy.test:3128";
    auto const choice = net::proxy_choice::create(settings).value();
    EXPECT_EQ(choice.of(domain::parse_http_url("http://a.test/").value()), nullptr);
    auto const* const through = choice.of(domain::parse_http_url("https://a.test/").value());
    ASSERT_NE(through, nullptr);
    EXPECT_EQ(through->url.port, 3128);
    EXPECT_TRUE(net::proxy_choice().empty());
}

TEST(ProxyEnvironment, TheUsualVariablesAreRead) {
    std::map<std::string, std::string> all;
    auto const variable = [&all](std::string const& name) -> std::optional<std::string> {
        auto const found = all.find(name);
        if (found == all.end()) return std::nullopt;
        return found->second;
    };
    EXPECT_EQ(net::proxies_from_environment(variable)->http.url, "");
    all = {{"HTTP_PROXY", "http://evil:1"},
           {"HTTPS_PROXY", "http://u%40x:p%3A@p:3128/"},
           {"no_proxy", "a.test"}};
    auto const got = net::proxies_from_environment(variable).value();
    EXPECT_EQ(got.http.url, "");  // upper case is the client's word in a CGI program
    EXPECT_EQ(got.https.url, "http://p:3128/");
    EXPECT_EQ(got.https.credentials.reveal(), "u@x:p:");
    EXPECT_EQ(got.no_proxy, "a.test");
    all = {{"ALL_PROXY", "p:1080"}, {"http_proxy", "http://q:1"}, {"https_proxy", ""}};
    auto const mixed = net::proxies_from_environment(variable).value();
    EXPECT_EQ(mixed.http.url, "http://q:1");
    EXPECT_EQ(mixed.https.url, "http://p:1080");
    all = {{"https_proxy", "socks5://hidden:1"}};
    auto const bad = net::proxies_from_environment(variable);
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().detail(), HasSubstr("https_proxy"));
    EXPECT_THAT(bad.error().detail(), Not(HasSubstr("hidden")));
}

}  // namespace
