#pragma once
/// @file
/// The answer of all routes that start a call: dialout, attach, dispatch, widget (spec 10 §6, §7).
///
/// | field      | absent means | sent by                                                         |
/// |------------|--------------|-----------------------------------------------------------------|
/// | status     | accepted     | all                                                             |
/// | call_id    | required     | all: the worker's id of the call                                |
/// | room_name  | not told     | dialout (`dialout-<uuid>`), attach                              |
/// | session_id | not told     | the control plane, which adds it when it relays a dialout       |
///
/// Thread-safety: a plain value.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::dialout {

struct call_accepted {
    std::string status = "accepted";
    std::string call_id;
    std::optional<std::string> room_name;
    std::optional<std::string> session_id;
    friend bool operator==(call_accepted const&, call_accepted const&) = default;
};
CXB_WIRE_DECLARE(call_accepted);

}  // namespace contract::dialout
}  // namespace cxb::inline v1
CXB_EXPORT_END
