#pragma once
// What the operations of api_client share.

#include "cxb/client/api_client.hpp"
#include "src/client/exchange.hpp"

namespace cxb::inline v1 {
namespace client {

struct api_client::state {
    explicit state(client_options options) : point(std::move(options)) {}
    exchange_point point;
};

// A POST with the shared secret, 15 s a try.
[[nodiscard]] inline exchange_plan secret_post(std::string url, std::string body,
                                               repeat_rule rule) {
    exchange_plan plan;
    plan.method = "POST";
    plan.url = std::move(url);
    plan.body = std::move(body);
    plan.who = credentials::core_secret;
    plan.rule = rule;
    return plan;
}

}  // namespace client
}  // namespace cxb::inline v1
