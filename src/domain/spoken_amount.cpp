#include "cxb/domain/spoken_amount.hpp"

#include <algorithm>
#include <string>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::string_view dropped[] = {" ", "\t", "\r", "\n", ",", "\u00A0", "\u202F"};
constexpr std::string_view marks[] = {"₹", "rs.", "rs", "inr", "/-"};  // `rs.` before `rs`
constexpr std::int64_t paise_per_rupee = 100;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::string without_blanks(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const* const found = std::ranges::find_if(
            dropped, [&](std::string_view each) { return text.starts_with(each); });
        if (found == std::end(dropped)) out += text.front();
        text.remove_prefix(found == std::end(dropped) ? 1 : found->size());
    }
    return out;
}

bool drop_front(std::string_view& text) {
    for (auto const mark : marks) {
        if (!iequals(text.substr(0, mark.size()), mark)) continue;
        text.remove_prefix(mark.size());
        return true;
    }
    return false;
}

bool drop_back(std::string_view& text) {
    for (auto const mark : marks) {
        if (text.size() < mark.size() || !iequals(text.substr(text.size() - mark.size()), mark))
            continue;
        text.remove_suffix(mark.size());
        return true;
    }
    return false;
}

std::string_view leading_digits(std::string_view text) {
    auto const end = std::ranges::find_if_not(text, is_digit);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// Paise of `.756`, half-up; the fraction has at least one digit.
std::int64_t paise_of(std::string_view fraction) {
    auto const digit = [&](std::size_t i) { return i < fraction.size() ? fraction[i] - '0' : 0; };
    return digit(0) * 10 + digit(1) + (digit(2) >= 5 ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> parse_amount(std::string_view text) {
    std::string const plain = without_blanks(text);
    std::string_view rest = plain;
    while (drop_front(rest) || drop_back(rest)) {
    }
    std::string_view const whole = leading_digits(rest);
    if (whole.empty()) return std::nullopt;
    rest.remove_prefix(whole.size());
    std::int64_t rupees = 0;
    for (char const c : whole) {
        rupees = rupees * 10 + (c - '0');
        if (rupees >= amount_limit) return std::nullopt;
    }
    if (rest.empty()) return rupees * paise_per_rupee;
    if (rest.front() != '.') return std::nullopt;
    rest.remove_prefix(1);
    if (rest.empty() || leading_digits(rest).size() != rest.size()) return std::nullopt;
    return rupees * paise_per_rupee + paise_of(rest);
}

spoken_text amount_in_words(std::int64_t paise) {
    auto const rupees = static_cast<std::uint64_t>(paise / paise_per_rupee);
    auto const rest = static_cast<std::uint64_t>(paise % paise_per_rupee);
    spoken_text out;
    if (rupees != 0 || rest == 0) {
        out.hi = number_in_hindi(rupees) + (rupees == 1 ? " रुपया" : " रुपये");
        out.en = number_in_english(rupees) + (rupees == 1 ? " rupee" : " rupees");
    }
    if (rest == 0) return out;
    out.hi += out.hi.empty() ? "" : " ";
    out.en += out.en.empty() ? "" : " and ";
    out.hi += number_in_hindi(rest) + (rest == 1 ? " पैसा" : " पैसे");
    out.en += number_in_english(rest) + (rest == 1 ? " paisa" : " paise");
    return out;
}

spoken_text spoken_amount(std::string_view text) {
    auto const paise = parse_amount(text);
    return paise ? amount_in_words(*paise) : spoken_as_is(text);
}

}  // namespace domain
}  // namespace cxb::inline v1
