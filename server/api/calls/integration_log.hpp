#pragma once
/// @file
/// The integration log of a call: what we asked the CRM and what it said, newest 50
/// (spec 21 §3.5). Query values are shown as `***`, excerpts hold at most 2 KiB and no secrets.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/store/query.hpp"

namespace cxb::api {

/// One exchange; `error` is a word or a short text, "" = none.
struct integration_entry {
    time_point at;
    std::string kind;  ///< pre_fetch, post_push
    int attempt = 1;
    std::string method;
    std::string url;
    int status = 0;  ///< 0 = no answer
    bool ok = false;
    milliseconds took{0};
    std::string error;
    std::string request;   ///< body as sent
    bool form = false;     ///< the request is `a=1&b=2`, else JSON
    std::string response;  ///< body as received
    std::string job_id;
    std::optional<time_point> next_attempt_at;
};

[[nodiscard]] wire::json_object to_json(integration_entry const& entry);

/// Appends to the call's `integration_log`.
void log_into(store::update& call, integration_entry const& entry);

/// `https://crm.example.com/x?a=***&b=***`.
[[nodiscard]] std::string masked_url(std::string_view url);

}  // namespace cxb::api
