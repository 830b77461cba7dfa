#pragma once
/// @file
/// A whole HTTP request as bytes, in which the ids of a call are replaced in place.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/support/result_body.hpp"

namespace cxb::bench {

/// Time-ordered UUIDs (version 7) like the real ids; unique among runs on one machine.
class id_source {
  public:
    id_source(std::uint64_t unix_ms, std::uint32_t process) : base_(unix_ms), process_(process) {}

    [[nodiscard]] std::string next() {
        constexpr std::uint64_t per_ms = 16;
        auto const n = count_++;
        auto const ms = base_ + n / per_ms;
        char text[40];
        auto const size = std::snprintf(
            text, sizeof text, "%08x-%04x-7%03x-8%03x-%04x%08x", static_cast<unsigned>(ms >> 16U),
            static_cast<unsigned>(ms & 0xFFFFU), static_cast<unsigned>(n & 0xFFFU),
            process_ & 0xFFFU, (process_ >> 12U) & 0xFFFFU, static_cast<unsigned>(n));
        return {text, static_cast<std::size_t>(size)};
    }

  private:
    std::uint64_t base_;
    std::uint64_t count_ = 0;
    std::uint32_t process_;
};

/// The ids one sequence of requests shares.
struct call_ids {
    std::string session;
    std::string result;
};

class request_template {
  public:
    /// `key`: the text in whose place a key of the same length is put; "" = none.
    explicit request_template(std::string bytes, std::string_view key = {})
        : bytes_(std::move(bytes)),
          session_at_(places_of(session_marker)),
          result_at_(places_of(result_marker)),
          key_at_(key.empty() ? std::vector<std::size_t>() : places_of(key)) {}

    [[nodiscard]] std::string const& bytes() const noexcept { return bytes_; }

    void put(call_ids const& ids, std::string_view key = {}) {
        for (auto const at : session_at_)
            std::copy(ids.session.begin(), ids.session.end(), bytes_.data() + at);
        for (auto const at : result_at_)
            std::copy(ids.result.begin(), ids.result.end(), bytes_.data() + at);
        for (auto const at : key_at_)
            std::copy(key.begin(), key.end(), bytes_.data() + at);
    }

  private:
    [[nodiscard]] std::vector<std::size_t> places_of(std::string_view marker) const {
        std::vector<std::size_t> out;
        for (auto at = bytes_.find(marker); at != std::string::npos;
             at = bytes_.find(marker, at + marker.size()))
            out.push_back(at);
        return out;
    }

    std::string bytes_;
    std::vector<std::size_t> session_at_;
    std::vector<std::size_t> result_at_;
    std::vector<std::size_t> key_at_;
};

}  // namespace cxb::bench
