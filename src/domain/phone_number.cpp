#include "cxb/domain/phone_number.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string upper(std::string_view region) {
    std::string out(region);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    return out;
}

bool is_extension(std::string_view text) {
    return text.size() >= 3 && text.size() <= 6 && std::ranges::all_of(text, is_digit);
}

std::string without(std::string_view text, std::string_view dropped) {
    std::string out(text);
    std::erase_if(out, [&](char c) { return dropped.find(c) != std::string_view::npos; });
    return out;
}

// An Indian mobile number in E.164 form, as nearly all are sent: its length is a possible one and
// no prefix can hide in it, so that the library's ten regular expressions find nothing more.
bool is_indian_mobile(std::string_view text) {
    return text.size() == 13 && text.starts_with("+91") && text[3] >= '6' &&
           std::ranges::all_of(text.substr(3), is_digit);
}

std::string_view tail(std::string_view digits) {
    return digits.substr(digits.size() - std::min(digits.size(), subscriber_digits));
}

template <class Same>
std::optional<std::size_t> first_where(std::span<std::string const> owned, Same same) {
    auto const found = std::ranges::find_if(owned, same);
    if (found == owned.end()) return std::nullopt;
    return static_cast<std::size_t>(found - owned.begin());
}

}  // namespace

std::optional<std::string> to_e164(std::string_view text, std::string_view region,
                                   number_check check) {
    if (check == number_check::possible && is_indian_mobile(text)) return std::string(text);
    auto const& util = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    auto const read = util.Parse(std::string(trim(text)), upper(region), &number);
    if (read != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
    bool const good =
        check == number_check::valid ? util.IsValidNumber(number) : util.IsPossibleNumber(number);
    if (!good) return std::nullopt;
    number.clear_extension();
    std::string out;
    util.Format(number, PhoneNumberUtil::E164, &out);
    return out;
}

result<std::string> dialable_number(std::string_view text, std::string_view region,
                                    std::string_view pointer) {
    std::string_view const number = trim(text);
    if (is_extension(number)) return std::string(number);
    if (auto e164 = to_e164(number, region)) return *std::move(e164);
    return invalid_member(std::string(pointer), "not a dialable number");
}

std::string normalise_dialout_number(std::string_view text) {
    std::string number = without(text, " -.()");
    bool const indian =
        number.size() == 12 && number.starts_with("91") && std::ranges::all_of(number, is_digit);
    return indian ? "+" + number : number;
}

std::string last_digits(std::string_view number) {
    constexpr std::size_t shown = 4;
    std::string out = "\xE2\x80\xA6";  // U+2026
    if (number.size() > shown) out.append(number.substr(number.size() - shown));
    return out;
}

bool is_phone_region(std::string_view region) {
    std::set<std::string> known;
    PhoneNumberUtil::GetInstance()->GetSupportedRegions(&known);
    return known.contains(upper(region));
}

std::string bare_number(std::string_view text) {
    std::string_view rest = trim(text);
    for (std::string_view const scheme : {"sips:", "sip:", "tel:"}) {
        if (iequals(rest.substr(0, scheme.size()), scheme)) {
            rest.remove_prefix(scheme.size());
            break;
        }
    }
    return without(rest.substr(0, rest.find_first_of("@;")), " \t-().");
}

std::string plain_digits(std::string_view bare) {
    std::string out = without(bare, "+");
    return out.starts_with("00") ? out.substr(2) : out;
}

std::optional<std::size_t> find_number(std::span<std::string const> owned, std::string_view text,
                                       std::string_view region) {
    std::string const number = bare_number(text);
    if (number.empty()) return std::nullopt;
    if (auto const e164 = to_e164(number, region)) {
        if (auto const hit = first_where(owned, [&](auto const& own) { return own == *e164; }))
            return hit;
    }
    std::string const digits = plain_digits(number);
    if (auto const hit =
            first_where(owned, [&](auto const& own) { return plain_digits(own) == digits; }))
        return hit;
    if (digits.size() < subscriber_digits) return std::nullopt;
    auto const same_tail = [&](auto const& own) { return tail(plain_digits(own)) == tail(digits); };
    if (std::ranges::count_if(owned, same_tail) != 1) return std::nullopt;
    return first_where(owned, same_tail);
}

}  // namespace domain
}  // namespace cxb::inline v1
