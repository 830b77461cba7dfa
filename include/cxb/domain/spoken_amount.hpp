#pragma once
/// @file
/// Amounts of money as a bot says them in Hindi and English (spec 20 §7 "Amounts").
///
/// | in         | Hindi                        | English                                 |
/// |------------|------------------------------|-----------------------------------------|
/// | 50000      | `पचास हज़ार रुपये`           | `fifty thousand rupees`                 |
/// | 1 / 0      | `एक रुपया` / `शून्य रुपये`   | `one rupee` / `zero rupees`             |
/// | ₹1,250.75  | `… रुपये पचहत्तर पैसे`       | `… rupees and seventy-five paise`       |
/// | 0.5 / 0.01 | `पचास पैसे` / `एक पैसा`      | `fifty paise` / `one paisa`             |
/// | 12 lakhs   | as it is                     | as it is                                |
///
/// Reading: blanks (also the no-break ones) and commas are dropped wherever they stand; `₹`, `Rs`,
/// `Rs.`, `INR` (any case) and `/-` at both ends, however often. What is left must be digits with
/// an optional fraction (`\d+(\.\d+)?`) below 10^13, and is rounded half-up to paise. Currency
/// words inside a number are no amount: nobody should hear a number that was put together from two.
/// Everything else is said as it was written.
/// Failures: none. Thread-safety: pure functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cxb/domain/spoken_number.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Amounts from here on are not read, in rupees.
inline constexpr std::int64_t amount_limit = 10'000'000'000'000;

/// The amount in paise; empty for a text that is no amount.
[[nodiscard]] std::optional<std::int64_t> parse_amount(std::string_view text);

/// Paise, 0 or more, in words.
[[nodiscard]] spoken_text amount_in_words(std::int64_t paise);

/// The text in words, or as it is when it is no amount.
[[nodiscard]] spoken_text spoken_amount(std::string_view text);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
