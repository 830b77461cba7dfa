#pragma once
/// @file
/// Which worker host gets the next call, and the short reservations that keep parallel dialouts
/// from fighting for one slot (spec 21 §5).
///
/// A reservation document holds one list of holds per host. A hold lives 15 s and is renewed
/// during the hand-over; after acceptance it stays 30 s with `accepted_at` and is then counted
/// only against answers whose probe was sent before accepted_at + 300 ms: those cannot know the
/// call yet.
///
/// | hold         | type  | meaning                                              |
/// |--------------|-------|------------------------------------------------------|
/// | id           | text  | one hand-over                                        |
/// | until        | time  | ignored from this moment on, and > `longest_hold` before it |
/// | accepted_at  | time? | the host took the call                               |
///
/// Failures: none here; the caller writes the lists by compare-and-swap on `version`.
/// Thread-safety: value types; time and randomness are passed in.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr seconds reservation_lifetime{15};
inline constexpr seconds reservation_renewal{5};
inline constexpr seconds accepted_hold_lifetime{30};
inline constexpr milliseconds probe_blindness{300};
/// No hold reaches further ahead: one that does is from before the clock went back, and is over.
inline constexpr seconds longest_hold{600};

struct fleet_hold {
    std::string id;
    time_point until;
    std::optional<time_point> accepted_at;
    friend bool operator==(fleet_hold const&, fleet_hold const&) = default;
};
using fleet_holds = std::vector<fleet_hold>;

/// Holds that count against an answer whose probe was sent at `probe_sent_at`.
[[nodiscard]] int counted_holds(fleet_holds const& holds, time_point now, time_point probe_sent_at);

/// The list without expired holds.
[[nodiscard]] fleet_holds drop_expired(fleet_holds holds, time_point now);

/// The list with a new hold `{id, now + lifetime}`, expired ones dropped; empty when the counted
/// holds already reach `fleet_available`.
[[nodiscard]] std::optional<fleet_holds> reserve(fleet_holds holds, int fleet_available,
                                                 std::string id, time_point now,
                                                 time_point probe_sent_at,
                                                 seconds lifetime = reservation_lifetime);

/// `until` of the hold moved to now + lifetime; empty when it is gone (expired and swept).
[[nodiscard]] std::optional<fleet_holds> renew(fleet_holds holds, std::string_view id,
                                               time_point now,
                                               seconds lifetime = reservation_lifetime);
/// Without the hold; repeating it is harmless.
[[nodiscard]] fleet_holds release(fleet_holds holds, std::string_view id, time_point now);
/// The hold marked as accepted and kept 30 s; added if it was swept meanwhile.
[[nodiscard]] fleet_holds accept(fleet_holds holds, std::string_view id, time_point now);

/// Stored form: `[{id, until, accepted_at?}]`. Unreadable entries are skipped when read.
[[nodiscard]] wire::json_array to_json(fleet_holds const& holds);
[[nodiscard]] fleet_holds parse_fleet_holds(wire::json_value const& value);

/// One host as it stands for a choice.
struct fleet_candidate {
    std::string url;
    bool healthy = false;
    int fleet_available = 0;
    int holds = 0;  ///< `counted_holds`
    [[nodiscard]] int total_available() const noexcept { return fleet_available - holds; }
};

/// Index of the healthy host with most available slots, ties by uniform chance; empty when none
/// has any.
[[nodiscard]] std::optional<std::size_t> choose_host(std::span<fleet_candidate const> hosts,
                                                     random_source& random);

/// All usable hosts in the order in which `choose_host` would take them, each removed in turn.
[[nodiscard]] std::vector<std::size_t> rank_hosts(std::span<fleet_candidate const> hosts,
                                                  random_source& random);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
