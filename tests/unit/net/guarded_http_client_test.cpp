#include "src/net/guarded_http_client.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;

struct fake_resolver final : net::resolver {
    std::map<std::string, std::vector<std::string>> names;
    std::atomic<int> asked{0};
    asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string host) override {
        ++asked;
        std::vector<domain::ip_address> out;
        for (auto const& text : names[host])
            out.push_back(*domain::ip_address::parse(text));
        if (out.empty()) co_return error{errc::unavailable};
        co_return out;
    }
};

class GuardedHttpClient : public client_test {
  protected:
    bool production = true;
    std::vector<std::string> allow;
    domain::guard_mode mode = domain::guard_mode::user_url;
    std::shared_ptr<fake_resolver> names = std::make_shared<fake_resolver>();
    std::vector<std::string> refusals;

    void make_client() override {
        client_options.names = names;
        auto made = net::guarded_http_client::create(
            domain::make_guard_policy(production, allow, mode).value(), client_options);
        ASSERT_TRUE(made);
        (*made)->on_refusal([this](std::string_view reason) { refusals.emplace_back(reason); });
        client = *std::move(made);
    }
    [[nodiscard]] std::string to_host(std::string const& host,
                                      std::string const& scheme = "http") const {
        return scheme + "://" + host + ':' + std::to_string(port()) + "/x";
    }
    void expect_blocked(std::string const& url, std::string const& reason) {
        auto const got = ask(url);
        ASSERT_FALSE(got) << url;
        EXPECT_EQ(got.error().code(), errc::blocked) << url;
        EXPECT_EQ(got.error().reason(), reason) << url;
        EXPECT_EQ(got.error().request_sent(), sent_state::no);
    }
};

TEST_F(GuardedHttpClient, RefusesInProductionWithoutConnecting) {  // 20-32, 21-18
    serve();
    names->names = {{"evil.example", {"10.0.0.1"}},
                    {"local.example", {"127.0.0.1"}},
                    {"mixed.example", {"93.184.216.34", "127.0.0.1"}},
                    {"six.example", {"::ffff:127.0.0.1"}}};
    expect_blocked("https://169.254.169.254/latest/meta-data", "address");
    expect_blocked("https://evil.example/", "address");
    expect_blocked(to_host("local.example", "https"), "address");
    expect_blocked(to_host("mixed.example", "https"), "address");
    expect_blocked(to_host("six.example", "https"), "address");
    expect_blocked(to_host("127.0.0.1", "https"), "address");
    expect_blocked(to_host("127.0.0.1"), "scheme");
    expect_blocked("https://u:p@crm.example/", "userinfo");
    expect_blocked("https://crm.example:22/", "port");
    expect_blocked("https://2130706433/", "host");
    expect_blocked("unix:/run/x.sock:/", "scheme");
    EXPECT_EQ(server->counters().accepted, 0U);
    EXPECT_EQ(refusals.size(), 11U);
    EXPECT_EQ(refusals[0], "address");
}

TEST_F(GuardedHttpClient, LoopbackIsAllowedOutsideProduction) {
    production = false;
    serve();
    names->names = {{"crm.example", {"127.0.0.1"}}, {"bad.example", {"127.0.0.1", "10.0.0.1"}}};
    EXPECT_EQ(ask(to_host("127.0.0.1"))->status, 200);
    EXPECT_EQ(ask(to_host("crm.example"))->status, 200);
    expect_blocked(to_host("bad.example"), "address");
}

TEST_F(GuardedHttpClient, ResolvesOnceAndKeepsTheHost) {
    production = false;
    std::string host;
    handler.on_head = [&](wire::http_request const& request) {
        host = request.headers.get("Host");
        return worker::head_verdict{};
    };
    serve();
    names->names = {{"crm.example", {"127.0.0.1"}}};
    EXPECT_EQ(ask(to_host("crm.example"))->status, 200);
    EXPECT_EQ(host, "crm.example:" + std::to_string(port()));
    EXPECT_EQ(names->asked, 1);
}

TEST_F(GuardedHttpClient, KeepsTheTlsName) {
    auto const files = make_tls_files("guard", {"crm.example"});
    options.tls_certificate = files.certificate;
    options.tls_key = files.key;
    client_options.ca_file = files.certificate;
    allow = {"127.0.0.0/8"};
    serve();
    names->names = {{"crm.example", {"127.0.0.1"}}, {"other.example", {"127.0.0.1"}}};
    EXPECT_EQ(ask(to_host("crm.example", "https"))->status, 200);
    EXPECT_EQ(ask(to_host("other.example", "https")).error().reason(), "tls");
}

TEST_F(GuardedHttpClient, AllowedHostsReachPrivateAddresses) {
    allow = {"crm.example", "*.corp.example:1"};
    serve();
    names->names = {{"crm.example", {"127.0.0.1"}}, {"a.corp.example", {"127.0.0.1"}}};
    EXPECT_EQ(ask(to_host("crm.example"))->status, 200);
    expect_blocked(to_host("a.corp.example"), "scheme");
}

TEST_F(GuardedHttpClient, FleetUrlsMayBePrivateButNotLinkLocal) {
    mode = domain::guard_mode::operator_fleet;
    serve();
    names->names = {{"core-1", {"127.0.0.1"}}, {"meta", {"169.254.169.254"}}};
    EXPECT_EQ(ask(to_host("core-1"))->status, 200);
    expect_blocked("http://meta/", "address");
}

TEST_F(GuardedHttpClient, RedirectsSizeAndTimeAreFailuresWithAWord) {  // 20-32
    production = false;
    handler.on_request = [](wire::http_request request) -> asio::awaitable<wire::http_response> {
        if (request.path == "/slow") {
            asio::steady_timer wait(co_await asio::this_coro::executor, 200ms);
            co_await wait.async_wait(asio::use_awaitable);
        }
        auto response = text_response(std::string(100, 'x'), request.path == "/to" ? 302 : 200);
        response.headers.add("Location", "http://10.0.0.1/");
        co_return response;
    };
    serve();
    auto const redirect = ask(at("/to"));
    EXPECT_EQ(redirect.error().code(), errc::blocked);
    EXPECT_EQ(redirect.error().reason(), "redirect");
    EXPECT_EQ(redirect.error().status(), 302);
    EXPECT_EQ(redirect.error().request_sent(), sent_state::yes);
    client::transport_options how;
    how.max_response_bytes = 10;
    auto const size = ask(request_to(at("/")), how);
    EXPECT_EQ(size.error().code(), errc::too_large);
    EXPECT_EQ(size.error().reason(), "size");
    how.total = 50ms;
    auto const late = ask(request_to(at("/slow")), how);
    EXPECT_EQ(late.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(late.error().reason(), "timeout");
}

}  // namespace
