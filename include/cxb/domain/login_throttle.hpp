#pragma once
/// @file
/// How many failed logins are too many: a sliding window of 15 minutes over three counters
/// (spec 20 §2.3).
///
/// | counter        | key                 | failures |
/// |----------------|---------------------|----------|
/// | email and IP   | `ei:<email> <ip>`   | 5        |
/// | email          | `e:<email>`         | 20       |
/// | IP             | `i:<ip>`            | 50       |
///
/// IPv6 counts by /64, IPv4 inside IPv6 as IPv4. A row keeps the newest `limit` failure times, so
/// it is bounded. Any counter at its limit refuses the login before the password is looked at; a
/// success clears the email-and-IP row.
/// Thread-safety: pure functions; time is passed in.

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::chrono::minutes login_window{15};

struct throttle_counter {
    std::string key;
    int limit = 0;
};

/// The three counters of a login, email-and-IP first. `email` must be in normal form.
[[nodiscard]] std::array<throttle_counter, 3> login_counters(std::string_view email,
                                                             std::string_view ip);

/// `203.0.113.5`, or `2001:db8:1:2::/64`; a text that is no address stays as it is.
[[nodiscard]] std::string throttle_address(std::string_view ip);

/// How long the counter refuses from `now` on (at least 1 s); empty: it does not.
[[nodiscard]] std::optional<seconds> refused_for(std::span<time_point const> failures, int limit,
                                                 time_point now);

/// The row after one more failure: times outside the window dropped, newest `limit` kept.
[[nodiscard]] std::vector<time_point> with_failure(std::span<time_point const> failures, int limit,
                                                   time_point now);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
