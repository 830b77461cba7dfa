#pragma once
/// @file
/// Writes the record of a call while it runs: times relative to the answer, bounds of the contract.

#include <optional>
#include <string>
#include <string_view>

#include "server/core/conversation/conversation_record.hpp"

namespace cxb::inline v1 {
namespace core {

/// What an event says beside its type and time.
struct event_details {
    std::optional<int> turn;
    std::string name;
    std::string status;
    std::optional<double> duration_ms;
    std::optional<wire::json_object> data;
};

class call_log {
  public:
    explicit call_log(time_point started) { record.started_at = started; }

    void event(time_point now, std::string_view type, event_details details = {});
    void service_error(time_point now, std::string_view part, std::string_view code,
                       std::string_view message);
    /// Seconds since the answer, three decimals; 0 before it.
    [[nodiscard]] double seconds_at(time_point now) const;
    [[nodiscard]] milliseconds offset(time_point now) const;
    void sound_starts(time_point now, line_sound::kind what);
    /// Ends the newest sound of that side.
    void sound_ends(time_point at, bool caller);

    conversation_record record;
};

/// A value for event data: itself, or when its text is over 16 KiB the text cut, in which case
/// `truncated` is set.
[[nodiscard]] wire::json_value bounded(wire::json_value const& value, bool& truncated);

}  // namespace core
}  // namespace cxb::inline v1
