#include "server/api/calls/call_phone.hpp"

#include <algorithm>

#include "cxb/domain/phone_number.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t most_last_digits = 9;  // ten and more are a national number

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::string reversed_digits(std::string_view text) {
    std::string out;
    std::copy_if(text.rbegin(), text.rend(), std::back_inserter(out), is_digit);
    return out;
}

}  // namespace

void set_phone(wire::json_object& call, std::string const& e164) {
    call["phone"] = e164;
    call[phone_reversed_field] = reversed_digits(e164);
}

std::optional<phone_filter> read_phone_filter(std::string_view text, std::string const& region) {
    bool const only_digits = std::all_of(text.begin(), text.end(), is_digit);
    if (only_digits && text.size() >= least_last_digits && text.size() <= most_last_digits)
        return phone_filter{store::starts_with(phone_reversed_field, reversed_digits(text)), true};
    auto const e164 = domain::to_e164(text, region);
    if (!e164) return std::nullopt;
    return phone_filter{store::eq("phone", wire::json_value(*e164)), false};
}

}  // namespace cxb::api
