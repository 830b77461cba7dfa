#pragma once
/// @file
/// A CRM asks for an outbound call: `POST /api/v1/sip/dialout` (spec 10 §6).
///
/// | field           | absent means | bounds                | note                                |
/// |-----------------|--------------|-----------------------|-------------------------------------|
/// | bot_id          | required     |                       |                                     |
/// | to_number       | required     | 3–64                  | personal                            |
/// | from_number     | the bot's    |                       | personal; an outbound DID           |
/// | connected_event | none         | ≤ 64 KiB, 200 members | call variables; keys 1–128 bytes    |
/// | variables       | none         | the same              | alias; both present are two faults  |
///
/// Unknown members are ignored; `parse_options::ignored` tells which, for `X-CXB-Ignored-Fields`.
/// Errors: `malformed`, `too_large` (give `limits::call_start_body`), `invalid` with all faults.
/// Thread-safety: plain values. Example: examples/cpp/crm_dialout.cpp.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::dialout {

struct dialout_request {
    std::string bot_id;
    std::string to_number;
    std::optional<std::string> from_number;
    std::optional<wire::raw_json> connected_event;
    std::optional<wire::raw_json> variables;
    friend bool operator==(dialout_request const&, dialout_request const&) = default;
};
CXB_WIRE_DECLARE(dialout_request);

/// The call variables under whichever name they came; `{}` when there are none.
[[nodiscard]] wire::raw_json call_variables(dialout_request const& request);

}  // namespace contract::dialout
}  // namespace cxb::inline v1
CXB_EXPORT_END
