#include "src/wire/json_text.hpp"

#include <charconv>
#include <cmath>

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

void append_escape(std::string& out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += hex[(c >> 4) & 15];
            out += hex[c & 15];
    }
}

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape(text[i])) continue;
        out.append(text, from, i - from);
        append_escape(out, text[i]);
        from = i + 1;
    }
    out.append(text, from);
    out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
    char buffer[24];
    auto const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
}

void append_number(std::string& out, double value) {
    if (!std::isfinite(value) || value == 0) {
        out += '0';
        return;
    }
    // digits d1d2...dk and exponent e with value = d1.d2...dk * 10^e
    char buffer[40];
    auto const end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value),
                                   std::chars_format::scientific);
    std::string_view const text(buffer, end.ptr);
    auto const mark = text.find('e');
    std::string digits(1, text[0]);
    if (mark > 2) digits.append(text, 2, mark - 2);
    int exponent = 0;
    auto const sign = text[mark + 1];
    std::from_chars(text.data() + mark + 2, text.data() + text.size(), exponent);
    if (sign == '-') exponent = -exponent;
    int const point = exponent + 1;  // digits before the point
    int const count = static_cast<int>(digits.size());
    if (value < 0) out += '-';
    if (point > 21 || point < -5) {
        out += digits[0];
        if (count > 1) out.append(1, '.').append(digits, 1);
        out += point > 0 ? "e+" : "e-";
        append_integer(out, std::abs(exponent));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else if (count <= point) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    } else {
        auto const whole = static_cast<std::size_t>(point);
        out.append(digits, 0, whole).append(1, '.').append(digits, whole);
    }
}

void append_step(std::string& pointer, std::string_view name) {
    pointer += '/';
    for (char const c : name) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

void append_step(std::string& pointer, std::size_t index) {
    pointer += '/';
    append_integer(pointer, static_cast<std::int64_t>(index));
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
