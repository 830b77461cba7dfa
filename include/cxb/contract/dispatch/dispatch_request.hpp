#pragma once
/// @file
/// An inbound SIP caller waits in a room: `POST /livekit/dispatch` (spec 10 §7). The worker looks
/// the dialled number up before it answers; 404 when no bot has it.
///
/// | field         | absent means    | note                                                      |
/// |---------------|-----------------|-----------------------------------------------------------|
/// | room_name     | required        |                                                           |
/// | caller_number | required        | personal; "" for a withheld number                        |
/// | dialed_number | required        | decides the bot                                           |
/// | call_id       | the worker's id | `[A-Za-z0-9._:-]`, 1–128                                  |
///
/// Answer: `dialout/call_accepted.hpp`. Unknown members are ignored and named in
/// `parse_options::ignored`. Errors: `malformed`, `too_large` (give `limits::call_start_body`),
/// `invalid`. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::dispatch {

struct dispatch_request {
    std::string room_name;
    std::string caller_number;
    std::string dialed_number;
    std::optional<std::string> call_id;
    friend bool operator==(dispatch_request const&, dispatch_request const&) = default;
};
CXB_WIRE_DECLARE(dispatch_request);

}  // namespace contract::dispatch
}  // namespace cxb::inline v1
CXB_EXPORT_END
