#pragma once
/// @file
/// The control plane asks a worker to dial: `POST {fleet}/livekit/dialout` (spec 10 §6).
///
/// | field           | absent means           | note                                             |
/// |-----------------|------------------------|--------------------------------------------------|
/// | bot_id          | required               |                                                  |
/// | to_number       | required, 3–64         | personal                                         |
/// | from_number     | the trunk's own        | personal                                         |
/// | connected_event | none                   | call variables, every value text                 |
/// | config_url      | the worker's setting   | base of config fetch and trunk look-up           |
/// | dial_id         | the worker makes an id | UUID; becomes call_id and the suffix of the room |
///
/// Senders make the values texts with `stringify_variables` of `runtime_config/request.hpp`.
/// Unknown members are ignored and named in `parse_options::ignored`. Errors: `malformed`,
/// `too_large` (give `limits::call_start_body`), `invalid`. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::dialout {

struct core_dialout_request {
    std::string bot_id;
    std::string to_number;
    std::optional<std::string> from_number;
    std::optional<wire::raw_json> connected_event;
    std::optional<std::string> config_url;
    std::optional<std::string> dial_id;
    friend bool operator==(core_dialout_request const&, core_dialout_request const&) = default;
};
CXB_WIRE_DECLARE(core_dialout_request);

}  // namespace contract::dialout
}  // namespace cxb::inline v1
CXB_EXPORT_END
