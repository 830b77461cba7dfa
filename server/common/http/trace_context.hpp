#pragma once
/// @file
/// Request ids and W3C trace context (`traceparent`), in and out (spec 20 §3.6).
///
/// Ids are unique, not secret: they come from a per-thread generator seeded by the system.

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"

namespace cxb::server {

/// One hop of a trace. `trace_id` 32 and `span_id` 16 lower-case hex digits.
struct trace_context {
    std::string trace_id;
    std::string span_id;    ///< of this process's span
    std::string parent_id;  ///< span of the caller; "" when the trace begins here
    bool sampled = true;

    /// `00-<trace_id>-<span_id>-01`: for the answer and for calls made on the way.
    [[nodiscard]] std::string traceparent() const;
};

/// Continues the caller's trace, or begins one when the header is absent or not valid.
[[nodiscard]] trace_context continue_trace(std::string_view traceparent);

/// The caller's id when it is `[A-Za-z0-9_-]{1,64}`, else a new one.
[[nodiscard]] std::string choose_request_id(std::string_view given, time_point now);

}  // namespace cxb::server
