#pragma once
// A CRM inside the test: customers to look up and a receiver of pushes that checks signatures and
// remembers every attempt. It can go away and come back on the same port.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/base/secret.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"
#include "e2e/reserved_port.hpp"

namespace cxb::e2e {

struct push_attempt {
    std::string webhook_id;
    std::string call_id;  // member `call_id` of the body
    bool verified = false;
    int status = 0;  // what it was answered with
    wire::json_object fields;
};

class crm_server final : public worker::http_handler {
  public:
    // What it knows of every customer; names nobody else uses.
    static constexpr char const* customer_values[] = {"Ravi", "P-77", "7391846", "Quartzgarh"};

    crm_server();
    ~crm_server() override;

    // Connections are refused until `come_back`.
    void go_away();
    void come_back();
    // Pushes, or each n-th of them, are answered with this status from now on, the others with 200.
    void answer_with(int status, std::size_t each = 1);
    void use_secret(secret value);
    // Signatures are checked as of the moment they name: the other side's clock may be stepped.
    void believe_timestamps();

    std::string url() const;
    std::vector<push_attempt> attempts() const;
    // Webhook ids under which a call was accepted.
    std::map<std::string, std::map<std::string, int>> accepted() const;

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

  private:
    wire::http_response take_push(wire::http_request const& request);

    mutable std::mutex mutex_;
    std::vector<push_attempt> attempts_;
    int status_ = 200;
    std::size_t each_ = 1;
    bool believes_ = false;
    secret secret_;
    reserved_port port_;
    std::unique_ptr<net::event_loops> loops_;
    std::unique_ptr<net::http_server> server_;
};

}  // namespace cxb::e2e
