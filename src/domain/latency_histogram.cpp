#include "cxb/domain/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cxb::inline v1 {
namespace domain {
namespace {

using bounds = std::array<std::int64_t, latency_buckets>;

bounds make_bounds() {
    bounds out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = std::llround(10.0 * std::pow(1.1, static_cast<double>(i)));
    return out;
}

bounds const& all_bounds() {
    static bounds const made = make_bounds();
    return made;
}

// A peer's number need not fit.
constexpr double longest_ms = 1e12;

double tamed(real_milliseconds value) {
    return std::isnan(value.count()) ? 0.0 : std::clamp(value.count(), -longest_ms, longest_ms);
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (!__builtin_add_overflow(a, b, &out)) return out;
    return b > 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

std::int64_t latency_bound(std::size_t bucket) noexcept {
    return all_bounds()[std::min(bucket, latency_buckets - 1)];
}

std::size_t latency_bucket(real_milliseconds value) noexcept {
    auto const& list = all_bounds();
    auto const at =
        std::lower_bound(list.begin(), list.end(), tamed(value),
                         [](std::int64_t bound, double ms) { return double(bound) < ms; });
    return static_cast<std::size_t>(at - list.begin());
}

void latency_histogram::add(real_milliseconds value) {
    double const ms = tamed(value);
    auto const bucket = latency_bucket(value);
    if (bucket < latency_buckets)
        ++counts[bucket];
    else
        ++over[static_cast<std::int64_t>(std::ceil(ms))];
    sum_us = sum(sum_us, std::llround(ms * 1000));
}

void latency_histogram::add(latency_histogram const& other) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = sum(counts[i], other.counts[i]);
    for (auto const& [ms, times] : other.over)
        over[ms] = sum(over[ms], times);
    sum_us = sum(sum_us, other.sum_us);
}

void latency_histogram::subtract(latency_histogram const& other) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = sum(counts[i], -other.counts[i]);
    for (auto const& [ms, times] : other.over)
        over[ms] = sum(over[ms], -times);
    std::erase_if(over, [](auto const& entry) { return entry.second == 0; });
    sum_us = sum(sum_us, -other.sum_us);
}

std::int64_t latency_histogram::count() const noexcept {
    auto n = std::accumulate(counts.begin(), counts.end(), std::int64_t{0}, sum);
    for (auto const& [ms, times] : over)
        n = sum(n, times);
    return n;
}

std::optional<real_milliseconds> latency_histogram::average() const noexcept {
    auto const n = count();
    if (n <= 0) return std::nullopt;
    return real_milliseconds{double(sum_us) / 1000 / double(n)};
}

std::optional<std::int64_t> latency_histogram::percentile(int percent) const noexcept {
    auto const n = count();
    if (n <= 0) return std::nullopt;
    // ceil(p/100 x n) without leaving the range.
    auto const rank = n / 100 * percent + (n % 100 * percent + 99) / 100;
    std::int64_t passed = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        passed += counts[i];
        if (passed >= rank) return latency_bound(i);
    }
    return over.empty() ? latency_bound(latency_buckets - 1) : over.rbegin()->first;
}

}  // namespace domain
}  // namespace cxb::inline v1
