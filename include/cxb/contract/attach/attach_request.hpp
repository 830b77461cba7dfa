#pragma once
/// @file
/// A dialler hands an answered call to a worker: `POST /attach` (spec 10 §7). Attach never dials;
/// the callee is in the room as `sip-{to_number}` and the call counts as answered at once.
///
/// | field            | absent means         | note                                               |
/// |------------------|----------------------|----------------------------------------------------|
/// | room_name        | required             |                                                    |
/// | bot_id           | required             |                                                    |
/// | to_number        | unknown              | personal; the far party                            |
/// | from_number      | unknown              | personal                                           |
/// | config_url       | the worker's setting | base ending in `/config`                           |
/// | connected_event  | none                 | call variables and reserved members (spec 10 §3.1) |
/// | campaign_call_id | none                 | the dialler's lease                                |
///
/// Answer: `dialout/call_accepted.hpp`. Unknown members are ignored and named in
/// `parse_options::ignored`. Errors: `malformed`, `too_large` (give `limits::call_start_body`),
/// `invalid`. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::attach {

struct attach_request {
    std::string room_name;
    std::string bot_id;
    std::optional<std::string> to_number;
    std::optional<std::string> from_number;
    std::optional<std::string> config_url;
    std::optional<wire::raw_json> connected_event;
    std::optional<std::string> campaign_call_id;
    friend bool operator==(attach_request const&, attach_request const&) = default;
};
CXB_WIRE_DECLARE(attach_request);

}  // namespace contract::attach
}  // namespace cxb::inline v1
CXB_EXPORT_END
