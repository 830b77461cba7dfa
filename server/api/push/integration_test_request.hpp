#pragma once
/// @file
/// Trying a bot's integration without a call: `POST /api/v1/bots/{id}/integrations/test`
/// (spec 21 §3.4).
///
/// | field      | absent means        | note                                                    |
/// |------------|---------------------|---------------------------------------------------------|
/// | kind       | (required)          | pre_call_fetch or post_call_push                        |
/// | session_id | a call made up      | a call of this bot whose facts are used                 |
/// | variables  | none                | as in connected_event; laid over those of the call      |
/// | dry_run    | true                | the request is shown, not sent                          |
///
/// Errors: `malformed`, `too_large`, `invalid` with all faults. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

namespace cxb::api {

inline constexpr std::string_view fetch_test = "pre_call_fetch";
inline constexpr std::string_view push_test = "post_call_push";

struct integration_test_request {
    std::string kind;
    std::optional<std::string> session_id;
    wire::raw_json variables = wire::raw_json::object();
    bool dry_run = true;
};
CXB_WIRE_DECLARE(integration_test_request);

}  // namespace cxb::api
