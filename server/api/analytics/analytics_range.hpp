#pragma once
/// @file
/// Which calls a question about analytics is asked of, and the buckets of a time line (21 §11).
///
/// Counters are kept by quarters of an hour, so `from` is moved back and `to` on to the next one;
/// the answer tells the range that was counted. Without `to` it ends now, without `from` it is 7
/// days long. Buckets are whole ones of the zone's wall clock: a local day has 23 to 25 hours where
/// clocks change. The first and last may reach beyond the range; only its calls are counted.
///
/// Thread-safety: values, pure functions.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/common/http/query_reader.hpp"

namespace cxb::api {

inline constexpr std::chrono::days longest_analytics_range{400};
inline constexpr std::chrono::days default_analytics_range{7};
inline constexpr std::size_t most_buckets = 2000;

struct analytics_range {
    time_point from;  ///< both at whole quarters; half-open
    time_point to;
    domain::time_zone zone;
    std::optional<std::string> bot_id;
    std::optional<std::string> campaign_id;
    /// The equal range before.
    [[nodiscard]] analytics_range before() const;
};

/// Reads `from`, `to`, `tz`, `bot_id`, `campaign_id`; faults are left in the reader. The range may
/// be used only when it finishes without.
[[nodiscard]] analytics_range read_range(server::query_reader& read,
                                         std::string const& display_zone, time_point now);

enum class bucket_width { quarter, hour, day };

/// `15m`, `hour`, `day`; any other text is the widest.
[[nodiscard]] bucket_width bucket_of(std::string_view word) noexcept;

/// Starts of all buckets that the range touches, in order; none when there would be more than
/// `most_buckets`.
[[nodiscard]] std::optional<std::vector<time_point>> bucket_starts(analytics_range const& range,
                                                                   bucket_width width);

}  // namespace cxb::api
