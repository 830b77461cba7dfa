#pragma once
/// @file
/// A client beside the test server, and short ways to ask.

#include <memory>
#include <string>

#include "cxb/net/http_client.hpp"
#include "tests/unit/net/net_fixture.hpp"

namespace cxb::net_test {

using answer = result<wire::http_response>;

inline client::outgoing_request request_to(std::string url, std::string method = "GET",
                                           std::string body = {}) {
    client::outgoing_request out;
    out.url = std::move(url);
    out.message.method = std::move(method);
    out.message.body = std::move(body);
    return out;
}

class client_test : public server_test {
  protected:
    net::http_client_options client_options;
    std::unique_ptr<client::transport> client;

    ~client_test() override {
        if (server) drain(0ms);
        loops.stop();
        client.reset();
    }
    /// Made on first use from `client_options`.
    virtual void make_client() {
        auto made = net::http_client::create(client_options);
        ASSERT_TRUE(made) << made.error().to_log_text();
        client = *std::move(made);
    }
    net::client_counters const& counters() {
        return dynamic_cast<net::http_client&>(*client).counters();
    }
    answer ask(client::outgoing_request request, client::transport_options how = {}) {
        if (!client) make_client();
        loops.start();
        return run(client->send(std::move(request), std::move(how)));
    }
    answer ask(std::string url, std::string method = "GET", std::string body = {}) {
        return ask(request_to(std::move(url), std::move(method), std::move(body)));
    }
    [[nodiscard]] std::string at(std::string const& path) const { return server->url() + path; }
};

}  // namespace cxb::net_test
