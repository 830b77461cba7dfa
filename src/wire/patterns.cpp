#include "cxb/wire/patterns.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace wire::patterns {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool only(std::string_view text, std::string_view more) noexcept {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_word(c) || more.find(c) != std::string_view::npos;
    });
}
bool is_plain(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool match_host(std::string_view host) noexcept {
    if (host.empty()) return false;
    if (host.front() == '[') {
        auto const end = host.find(']');
        return end + 1 == host.size() && end > 2 && only(host.substr(1, end - 1), ":.%");
    }
    return only(host, ".-_%");
}

bool match_port(std::string_view port) noexcept {
    return port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

bool match_url(std::string_view text) noexcept {
    auto const scheme = text.substr(0, text.find("://"));
    if (!iequals(scheme, "http") && !iequals(scheme, "https")) return false;
    auto rest = text.substr(scheme.size());
    if (!rest.starts_with("://")) return false;
    rest.remove_prefix(3);
    if (std::any_of(rest.begin(), rest.end(),
                    [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
        return false;
    if (rest.find_first_of("\\\"<>^`") != std::string_view::npos) return false;
    auto const authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) return false;
    auto const bracket = authority.find(']');
    auto const colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (!match_host(authority.substr(0, colon))) return false;
    return colon == std::string_view::npos || match_port(authority.substr(colon + 1));
}

bool match_optional_url(std::string_view text) noexcept {
    return text.empty() || match_url(text);
}
bool match_key(std::string_view text) noexcept {
    if (text.starts_with('/') || !only(text, "!_.*'()/-")) return false;
    for (std::string_view rest = text; true;) {
        auto const slash = rest.find('/');
        if (rest.substr(0, slash) == "..") return false;
        if (slash == std::string_view::npos) return true;
        rest.remove_prefix(slash + 1);
    }
}
bool match_token(std::string_view text) noexcept {
    return only(text, "_-");
}
bool match_call_id(std::string_view text) noexcept {
    return only(text, "._:-");
}
bool match_extension(std::string_view text) noexcept {
    return only(text, "*#_.-");
}
bool match_pointer(std::string_view text) noexcept {
    if (text.empty()) return true;
    if (text.front() != '/') return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}
bool match_phone(std::string_view text) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    return text.size() >= 3 && text.size() <= 20 && std::all_of(text.begin(), text.end(), is_digit);
}
bool match_time(std::string_view text) noexcept {
    if (text == "24:00") return true;
    if (text[2] != ':' || !is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) ||
        !is_digit(text[4]))
        return false;
    int const hour = (text[0] - '0') * 10 + text[1] - '0';
    return hour <= 23 && text[3] <= '5';
}
bool match_email(std::string_view text) noexcept {
    auto const at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at != text.rfind('@')) return false;
    auto const domain = text.substr(at + 1);
    auto const dot = domain.rfind('.');
    return is_plain(text) && text.find(' ') == std::string_view::npos &&
           dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size();
}

}  // namespace

// clang-format off
text_pattern const url{"url", "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+([/?#]\\S*)?$",
    "must be an absolute http or https URL without user info", 1, limits::url, match_url};
text_pattern const optional_url{"optional_url",
    "^([Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+([/?#]\\S*)?)?$",
    "must be empty or an absolute http or https URL without user info", 0, limits::url,
    match_optional_url};
text_pattern const session_id{"session_id", "^[^\\u0000-\\u001f\\u007f]+$",
    "must not hold control characters", 1, 128, is_plain};
text_pattern const uuid{"uuid", "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "must be a UUID", 36, 36, is_uuid};
text_pattern const hex24{"hex24", "^[0-9A-Fa-f]{24}$", "must be 24 hex digits", 24, 24, is_hex24};
text_pattern const recording_key{"recording_key",
    "^(?!/)(?!(.*/)?\\.\\.(/|$))[A-Za-z0-9!_.*'()/-]{1,512}$",
    "must be an object key: letters, digits, !_.*'()/- without leading / or .. segment", 1, 512,
    match_key};
text_pattern const recording_token{"recording_token", "^[A-Za-z0-9_-]{16,128}$",
    "must be letters, digits, _ or -", 16, 128, match_token};
text_pattern const tool_name{"tool_name", "^[A-Za-z0-9_-]{1,64}$",
    "must be letters, digits, _ or -", 1, 64, match_token};
text_pattern const call_id{"call_id", "^[A-Za-z0-9._:-]{1,128}$",
    "must be letters, digits or ._:-", 1, 128, match_call_id};
text_pattern const json_pointer{"json_pointer", "^(/([^~]|~[01])*)?$",
    "must be empty or a JSON Pointer", 0, limits::text, match_pointer};
text_pattern const phone_number{"phone_number", "^\\+?[0-9]{3,20}$",
    "must be a phone number: 3 to 20 digits after an optional +", 3, 21, match_phone};
text_pattern const extension{"extension", "^[0-9A-Za-z*#_.-]{1,32}$",
    "must be an extension: letters, digits or *#_.-", 1, 32, match_extension};
text_pattern const queue_name{"queue_name", "^[A-Za-z0-9_-]{1,64}$",
    "must be letters, digits, _ or -", 1, 64, match_token};
text_pattern const clock_time{"clock_time", "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
    "must be a time of day HH:MM", 5, 5, match_time};
text_pattern const email{"email", "^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$",
    "must be an email address", 3, 254, match_email};
text_pattern const no_control{"no_control", "^[^\\u0000-\\u001f\\u007f]*$",
    "must not hold control characters", 0, limits::text, is_plain};
// clang-format on

}  // namespace wire::patterns
}  // namespace cxb::inline v1
