#include <gmock/gmock.h>

#include <filesystem>

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/raw_server.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;

class Tls : public client_test {
  protected:
    tls_files files = make_tls_files("good", {"crm.test", "localhost"}, {"127.0.0.1"});

    void SetUp() override {
        options.tls_certificate = files.certificate;
        options.tls_key = files.key;
        client_options.ca_file = files.certificate;
        client_options.names = std::make_shared<everything_is_local>();
    }
    struct everything_is_local final : net::resolver {
        asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
            co_return std::vector{*domain::ip_address::parse("127.0.0.1")};
        }
    };
    [[nodiscard]] std::string to_host(std::string const& host) const {
        return "https://" + host + ':' + std::to_string(port()) + "/x";
    }
};

TEST_F(Tls, AsksOverTls) {
    std::atomic<bool> tls{false};
    handler.on_head = [&](wire::http_request const& request) {
        tls = request.tls;
        return worker::head_verdict{.max_body = 4'000'000};
    };
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        co_return text_response(request.body);
    };
    serve();
    EXPECT_TRUE(server->url().starts_with("https://127.0.0.1:"));
    std::string const large(900'000, 'x');
    for (auto const* host : {"127.0.0.1", "crm.test", "localhost"}) {
        for (auto const& body : {std::string("small"), large}) {
            auto const got = ask(to_host(host), "POST", body);
            ASSERT_TRUE(got) << host << got.error().to_log_text();
            EXPECT_EQ(got->body, body);
        }
    }
    EXPECT_TRUE(tls);
    EXPECT_EQ(counters().connections, 3U);
    EXPECT_EQ(counters().reused, 3U);
}

TEST_F(Tls, VerifiesNameAndChain) {
    serve();
    auto const wrong_name = ask(to_host("other.test"));
    ASSERT_FALSE(wrong_name);
    EXPECT_EQ(wrong_name.error().code(), errc::upstream_failed);
    EXPECT_EQ(wrong_name.error().reason(), "tls");
    EXPECT_EQ(wrong_name.error().request_sent(), sent_state::no);
    client_options.ca_file = make_tls_files("stranger", {"crm.test"}).certificate;
    make_client();
    EXPECT_EQ(ask(to_host("crm.test")).error().reason(), "tls");
    client_options.ca_file.clear();
    make_client();
    EXPECT_EQ(ask(to_host("crm.test")).error().reason(), "tls");
    EXPECT_EQ(server->counters().requests, 0U);
    EXPECT_TRUE(eventually([&] { return server->counters().tls_failed >= 3; }));
}

TEST_F(Tls, ACertificateThatIsOverIsRefused) {
    auto const over = make_tls_files("over", {"crm.test"}, {}, -60);
    options.tls_certificate = over.certificate;
    options.tls_key = over.key;
    client_options.ca_file = over.certificate;  // trusted, but for its time
    serve();
    auto const got = ask(to_host("crm.test"));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::upstream_failed);
    EXPECT_EQ(got.error().reason(), "tls");
    EXPECT_EQ(server->counters().requests, 0U);
}

TEST_F(Tls, ReloadsCertificates) {
    serve();
    EXPECT_TRUE(ask(to_host("crm.test")));
    auto const fresh = make_tls_files("fresh", {"crm.test"});
    std::filesystem::copy_file(fresh.key, files.key,
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(server->reload_tls().error().code(), errc::invalid);  // key of another certificate
    EXPECT_TRUE(ask(to_host("localhost")));                         // a new connection, old files
    std::filesystem::copy_file(fresh.certificate, files.certificate,
                               std::filesystem::copy_options::overwrite_existing);
    ASSERT_TRUE(server->reload_tls());
    make_client();  // reads the new root
    EXPECT_TRUE(ask(to_host("crm.test")));
}

TEST_F(Tls, NamesBadFiles) {
    options.tls_key = "/nowhere.key";
    EXPECT_EQ(net::http_server(loops, handler, options).start().error().code(), errc::invalid);
    options.tls_key.clear();
    EXPECT_EQ(net::http_server(loops, handler, options).start().error().code(), errc::invalid);
    options.tls_certificate = files.key;
    EXPECT_EQ(net::http_server(loops, handler, options).start().error().code(), errc::invalid);
    client_options.ca_file = "/nowhere.pem";
    EXPECT_EQ(net::http_client::create(client_options).error().code(), errc::invalid);
}

TEST_F(Tls, PlainAndSilentPeersAreClosed) {
    options.head_timeout = 60ms;
    serve();
    raw_client plain(port());
    plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(plain.read_all()), 0);
    raw_client silent(port());
    EXPECT_TRUE(silent.at_end());
    EXPECT_TRUE(eventually([&] { return server->counters().tls_failed == 2; }));
}

TEST_F(Tls, ASilentServerMeetsTheConnectDeadline) {
    raw_server mute([](raw_peer& one, int) { one.read_request(); });
    auto url = mute.url();
    url.replace(0, 4, "https");
    client::transport_options how;
    how.connect = 50ms;
    auto const got = ask(request_to(url), how);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().request_sent(), sent_state::no);
}

TEST_F(Tls, DrainDoesNotWaitForSilentPeers) {
    options.head_timeout = 1h;
    serve();
    raw_client silent(port());
    EXPECT_TRUE(eventually([&] { return server->counters().active == 1; }));
    auto const start = std::chrono::steady_clock::now();
    EXPECT_TRUE(drain(10s));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(Tls, StreamsAndDrains) {
    std::string const bytes(2'000'000, 's');
    handler.on_request = [&](wire::http_request) -> asio::awaitable<wire::http_response> {
        auto response = text_response("");
        response.stream = stream_of(bytes, 65536, false);
        co_return response;
    };
    serve();
    client::transport_options how;
    how.max_response_bytes = 3'000'000;
    EXPECT_EQ(ask(request_to(to_host("crm.test")), how)->body, bytes);
    EXPECT_TRUE(drain(2s));
}

}  // namespace
