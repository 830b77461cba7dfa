#pragma once
/// @file
/// Whole numbers in words, Hindi and English, in the Indian system (spec 20 §7 "Amounts").
///
/// | group    | value  | Hindi   | English    |
/// |----------|--------|---------|------------|
/// | crore    | 10^7   | `करोड़` | `crore`    |
/// | lakh     | 10^5   | `लाख`   | `lakh`     |
/// | thousand | 10^3   | `हज़ार` | `thousand` |
/// | hundred  | 10^2   | `सौ`    | `hundred`  |
/// | rest     | 0–99   | a word of its own for each | `seventy-five` |
///
/// Groups that are zero are left out. What stands before the crore is spoken by the same rule:
/// 1500 crore is `one thousand five hundred crore`, 10^14 `one crore crore`.
/// Texts are UTF-8 in Unicode form NFC.
///
/// Example: `number_in_english(123456)` is
/// `one lakh twenty-three thousand four hundred fifty-six`.
/// Failures: none; every number has words. Thread-safety: pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// One thing said in both languages.
struct spoken_text {
    std::string hi;
    std::string en;
    friend bool operator==(spoken_text const&, spoken_text const&) = default;
};

/// A text that is read out as it stands, in both languages.
[[nodiscard]] inline spoken_text spoken_as_is(std::string_view text) {
    return {std::string(text), std::string(text)};
}

/// `पचास हज़ार` for 50000; 0 is `शून्य`.
[[nodiscard]] std::string number_in_hindi(std::uint64_t number);
/// `fifty thousand` for 50000; 0 is `zero`.
[[nodiscard]] std::string number_in_english(std::uint64_t number);
/// Both.
[[nodiscard]] spoken_text number_in_words(std::uint64_t number);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
