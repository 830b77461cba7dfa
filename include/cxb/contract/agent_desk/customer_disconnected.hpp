#pragma once
/// @file
/// The caller of a desk call is gone: `POST …/calls/{id}/customer-disconnected` (spec 10 §10).
/// May be repeated; the answer stays the same. Unknown members of the top level are kept under
/// `ext`. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

/// | field     | absent means | meaning                        |
/// |-----------|--------------|--------------------------------|
/// | reason    | not told     | as the worker or carrier says  |
/// | timestamp | now          | when                           |
struct customer_disconnected {
    std::optional<std::string> reason;
    std::optional<time_point> timestamp;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(customer_disconnected const&, customer_disconnected const&) = default;
};
CXB_WIRE_DECLARE(customer_disconnected);

/// The answer: the state of the call.
struct customer_disconnected_ack {
    std::string status;
    std::string call_id;
    friend bool operator==(customer_disconnected_ack const&,
                           customer_disconnected_ack const&) = default;
};
CXB_WIRE_DECLARE(customer_disconnected_ack);

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
