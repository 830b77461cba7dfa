#pragma once
/// @file
/// How long things took, as counts by bucket: small, and sums and differences of such counts are
/// exact, so that many calls can be put together and a replaced one taken out (spec 21 §11).
///
/// | bucket | holds values                                  | stands for           |
/// |--------|-----------------------------------------------|----------------------|
/// | 0      | up to 10 ms (also negative ones)              | 10 ms                |
/// | i ≤ 79 | over the bound before, up to round(10·1.1^i) ms | 11, 12, … 18622 ms |
/// | 80     | over 18622 ms                                 | the largest one seen |
///
/// A percentile p of n values is what the bucket stands for that holds the value of rank
/// ceil(p/100·n). Example: 100, 200, … 1000 ms → p50 548, p90 970, p95 1067, p99 1067.
/// The average is exact to a microsecond per value. Values over the last bound are kept one by one
/// (whole ms, rounded up), because a largest one could not be taken out again.
///
/// Failures: none; sums stay at the end of the range rather than wrap. Thread-safety: a value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::size_t latency_buckets = 80;  ///< those with a bound

/// Upper bound of bucket 0–79, in ms.
[[nodiscard]] std::int64_t latency_bound(std::size_t bucket) noexcept;
/// 0–80; 80 when the value is over all bounds.
[[nodiscard]] std::size_t latency_bucket(real_milliseconds value) noexcept;

/// | field  | meaning                                                                            |
/// |--------|------------------------------------------------------------------------------------|
/// | counts | values by bucket 0–79                                                              |
/// | over   | the others by their size in ms, rounded up                                         |
/// | sum_us | sum of all, each rounded to a microsecond                                          |
struct latency_histogram {
    std::array<std::int64_t, latency_buckets> counts{};
    std::map<std::int64_t, std::int64_t> over;
    std::int64_t sum_us = 0;

    void add(real_milliseconds value);
    /// Puts all values of another one in.
    void add(latency_histogram const& other);
    /// Takes out what was put in before. Counts that end at 0 leave no trace.
    void subtract(latency_histogram const& other);
    [[nodiscard]] std::int64_t count() const noexcept;
    /// In ms; none without values.
    [[nodiscard]] std::optional<real_milliseconds> average() const noexcept;
    /// In ms, for `percent` 1–100; none without values.
    [[nodiscard]] std::optional<std::int64_t> percentile(int percent) const noexcept;
    friend bool operator==(latency_histogram const&, latency_histogram const&) = default;
};

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
