#pragma once
/// @file
/// A text that cannot be printed by accident and is compared in constant time.
///
/// There is no conversion to string, no stream operator and no formatter; who needs the text
/// says `reveal()`, which is easy to search for. `operator==` takes time that depends on neither
/// content nor length (HMAC of both sides under a per-process key, spec 10 §2.1).
/// Thread-safety: a value type.

#include <string>
#include <string_view>
#include <utility>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

class secret {
  public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    /// The text itself. Never pass it to a log.
    [[nodiscard]] std::string const& reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }
    /// Constant-time comparison.
    friend bool operator==(secret const& a, secret const& b) noexcept;

  private:
    std::string text_;
};

/// Constant-time comparison of two texts of any length.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

/// What logs print instead: `***`.
[[nodiscard]] inline std::string_view to_log_text(secret const&) noexcept {
    return "***";
}

}  // namespace cxb::inline v1
CXB_EXPORT_END
