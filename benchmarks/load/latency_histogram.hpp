#pragma once
/// @file
/// Latencies in fixed memory: buckets that grow with the value, each at most 0.8 % wide.

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <vector>

namespace cxb::bench {

class latency_histogram {
  public:
    using nanoseconds = std::chrono::nanoseconds;

    void record(nanoseconds took) {
        auto const value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
        ++buckets_[index_of(value)];
        ++count_;
        sum_ += static_cast<double>(value);
        most_ = std::max(most_, value);
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// The value that `share` (0-1) of the recorded ones do not exceed, in microseconds; the upper
    /// end of its bucket. 0 when nothing was recorded.
    [[nodiscard]] double percentile_us(double share) const {
        if (count_ == 0) return 0;
        auto const wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i)
            if ((seen += buckets_[i]) >= wanted) return to_us(std::min(end_of(i), most_));
        return to_us(most_);
    }

    /// Members of a JSON object, without braces: `"count":…,"mean_us":…,"p50_us":…,…`.
    void write_members(std::ostream& out) const {
        out << "\"count\":" << count_
            << ",\"mean_us\":" << (count_ == 0 ? 0 : sum_ / 1e3 / static_cast<double>(count_))
            << ",\"p50_us\":" << percentile_us(0.5) << ",\"p90_us\":" << percentile_us(0.9)
            << ",\"p99_us\":" << percentile_us(0.99) << ",\"p999_us\":" << percentile_us(0.999)
            << ",\"max_us\":" << to_us(most_);
    }

  private:
    static constexpr unsigned fine_bits = 7;
    static constexpr std::uint64_t fine = 1U << fine_bits;

    static double to_us(std::uint64_t value) { return static_cast<double>(value) / 1e3; }
    static unsigned shift_of(std::uint64_t value) {
        auto const width = static_cast<unsigned>(std::bit_width(value));
        return width > fine_bits + 1 ? width - fine_bits - 1 : 0;
    }
    static std::size_t index_of(std::uint64_t value) {
        auto const shift = shift_of(value);
        return shift * fine + (value >> shift);
    }
    static std::uint64_t end_of(std::size_t index) {
        if (index < 2 * fine) return index;
        auto const shift = index / fine - 1;
        return ((index - shift * fine + 1) << shift) - 1;
    }

    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>((64 - fine_bits) * fine);
    std::uint64_t count_ = 0;
    std::uint64_t most_ = 0;
    double sum_ = 0;
};

}  // namespace cxb::bench
