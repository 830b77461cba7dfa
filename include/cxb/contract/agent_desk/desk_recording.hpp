#pragma once
/// @file
/// Where the recording of a call at the desk is: `POST …/calls/{id}/recording` (spec 10 §10).
///
/// | field                  | absent means | bounds and note                                     |
/// |------------------------|--------------|-----------------------------------------------------|
/// | recording_key          | see url      | rule of call results; one of the two is needed      |
/// | recording_url          | see key      | where it can be fetched                             |
/// | recording_access_token | minted       | `[A-Za-z0-9_-]{16,128}`; secret                     |
/// | duration_seconds       | unknown      | ≥ 0                                                 |
///
/// Unknown members of the top level are kept under `ext`. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

struct desk_recording {
    std::optional<std::string> recording_key;
    std::optional<std::string> recording_url;
    std::optional<std::string> recording_access_token;
    std::optional<real_seconds> duration_seconds;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(desk_recording const&, desk_recording const&) = default;
};
CXB_WIRE_DECLARE(desk_recording);

/// The answer: the given, existing or new token.
struct desk_recording_ack {
    std::string status = "ok";
    std::string recording_access_token;
    friend bool operator==(desk_recording_ack const&, desk_recording_ack const&) = default;
};
CXB_WIRE_DECLARE(desk_recording_ack);

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
