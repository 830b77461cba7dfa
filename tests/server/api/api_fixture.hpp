#pragma once
/// @file
/// A whole `cxb-api` inside the test: real store in a scratch folder (or on the MongoDB test
/// server, where `CXB_TEST_API_STORE` says so), real HTTP on loopback, only the process around it
/// is missing. And a small HTTP peer that plays CRM or worker host.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"
#include "server/api/app/api_app.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {

using cxb::test::eventually;
using wire::json_object;
using wire::json_value;

inline constexpr char const* admin_email = "admin@example.com";
inline constexpr char const* admin_password = "correct-horse-battery";

/// An answer with its body read as JSON where it is JSON.
struct answer {
    int status = 0;
    wire::header_list headers;
    std::string body;
    json_value json;
    [[nodiscard]] std::string text(std::string_view path) const;
};

/// An HTTP server that remembers its requests and answers what it is told.
class peer final : public worker::http_handler {
  public:
    using reply_fn = std::function<wire::http_response(wire::http_request const&, int number)>;
    explicit peer(reply_fn reply, net::server_options where = {});
    ~peer() override;
    [[nodiscard]] std::string url() const { return server_->url(); }
    [[nodiscard]] std::vector<wire::http_request> requests() const;
    [[nodiscard]] std::size_t count() const { return requests().size(); }
    /// Connections made to it, with or without a request.
    [[nodiscard]] std::uint64_t connections() const { return server_->counters().accepted; }

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

  private:
    reply_fn reply_;
    mutable std::mutex mutex_;
    std::vector<wire::http_request> requests_;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_server> server_;
};

[[nodiscard]] wire::http_response json_reply(int status, std::string body);

class api_test : public ::testing::Test {
  protected:
    api_test();
    ~api_test() override;

    /// Settings of the instance under test; change them before `start`.
    server::api_settings settings;
    /// Its clock and resolver, for tests that decide about both.
    api_surroundings surroundings;
    void start();
    void stop();
    void restart();

    answer send(std::string method, std::string path, json_value const& body = nullptr,
                wire::header_list headers = {});
    answer send_text(std::string method, std::string path, std::string body,
                     wire::header_list headers);
    /// With the admin's token.
    answer admin(std::string method, std::string path, json_value const& body = nullptr,
                 wire::header_list headers = {});
    /// With the core secret.
    answer core(std::string method, std::string path, json_value const& body = nullptr);
    /// Sends several requests at once and waits for all.
    std::vector<answer> at_once(std::size_t count,
                                std::function<client::outgoing_request(std::size_t)> make);
    [[nodiscard]] std::string url() const { return app_->url(); }
    std::string token();
    /// Signs in anew next time: the old token has expired.
    void forget_token() { token_.clear(); }

    /// Id of a new bot.
    std::string make_bot(json_object extra = {});
    std::string make_key(json_object extra = {});
    /// Config for a bot; the answer holds the session.
    answer config(std::string const& bot, std::string const& query = {});
    answer post_result(json_object result) { return core("POST", "/api/v1/call-results", result); }

    cxb::test::scratch_dir scratch;

  private:
    net::event_loops loops_{1};
    std::unique_ptr<net::http_client> client_;
    std::unique_ptr<api_app> app_;
    std::string token_;
};

}  // namespace cxb::api::test
