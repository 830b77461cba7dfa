#pragma once
/// @file
/// A person tries a bot on a phone: `POST /api/v1/bots/{id}/test-call` (spec 20 §5.2).
///
/// | field               | absent means | note                                                  |
/// |---------------------|--------------|-------------------------------------------------------|
/// | to_number           | required     | personal; bounds as in a dialout                      |
/// | from_number         | the bot's    | personal                                              |
/// | variables           | none         | call variables; reserved members are dropped          |
/// | mock_crm            | none         | stands in for what the CRM would say                  |
/// | skip_prefetch       | false        | the CRM is not asked                                  |
/// | skip_post_push      | true         | the CRM is not told                                   |
/// | ignore_active_hours | false        | also while the bot is closed                          |
///
/// Errors: `malformed`, `too_large`, `invalid` with all faults. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

struct test_call_request {
    std::string to_number;
    std::optional<std::string> from_number;
    wire::raw_json variables = wire::raw_json::object();
    std::optional<wire::raw_json> mock_crm;
    bool skip_prefetch = false;
    bool skip_post_push = true;
    bool ignore_active_hours = false;
};
CXB_WIRE_DECLARE(test_call_request);

/// Adds the reserved members that make a call a test call, and steer it as the request says.
void add_test_flags(wire::json_object& variables, test_call_request const& request);

}  // namespace cxb::api
