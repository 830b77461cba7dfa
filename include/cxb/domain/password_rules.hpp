#pragma once
/// @file
/// Which passwords are taken (spec 20 §2.3): 10–256 bytes of UTF-8, not the email, not one of the
/// common ones everybody tries first. Comparison with both ignores ASCII case.
/// Thread-safety: pure functions.

#include <span>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::size_t min_password_bytes = 10;
inline constexpr std::size_t max_password_bytes = 256;

/// Errors: `invalid` at `pointer`, reason `must be 10 to 256 bytes`, `must be valid UTF-8`,
/// `must differ from the email` or `is too common`.
[[nodiscard]] result<void> check_password(std::string_view password, std::string_view email,
                                          std::string_view pointer = "/password");

/// The built-in list, lower case, sorted.
[[nodiscard]] std::span<std::string_view const> common_passwords() noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
