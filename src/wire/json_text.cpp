#include "src/wire/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

// Between these the shortest digits in plain form are what is wanted; most numbers lie there.
constexpr double least_plain = 1e-6;
constexpr double exact_integers = 9007199254740992.0;  // 2^53
constexpr auto plain_form = std::chars_format::fixed;
constexpr std::uint64_t millionths = 1'000'000;
constexpr double most_in_millionths = 1e9;  // 15 digits with those behind the point

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

// The same for eight bytes at once: nearly all texts need no escape, and are copied whole.
bool some_need_escape(char const* text) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = 0x8080808080808080U;
    auto const has_zero = [](std::uint64_t word) { return (word - ones) & ~word & tops; };
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    auto const controls = (word - ones * 0x20) & ~word & tops;
    return (controls | has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\')) != 0;
}

// Measured values have few digits behind the point. Two different decimals of 15 digits are never
// one double, so a decimal of millionths that reads back equal is the shortest. Both operands of
// the division are exact, so its quotient is the double that the decimal reads as.
bool append_millionths(std::string& out, double value, double size) {
    if (size >= most_in_millionths) return false;
    constexpr auto scale = static_cast<double>(millionths);
    auto const count = static_cast<std::uint64_t>(size * scale + 0.5);
    if (static_cast<double>(count) / scale != size) return false;
    char buffer[24];
    auto* end = buffer;
    if (value < 0) *end++ = '-';
    end = std::to_chars(end, std::end(buffer), count / millionths).ptr;
    if (auto part = count % millionths; part != 0) {
        *end++ = '.';
        for (auto digit = millionths / 10; part != 0; digit /= 10) {
            *end++ = static_cast<char>('0' + part / digit);
            part %= digit;
        }
    }
    out.append(buffer, end);
    return true;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (i + 8 <= text.size() && !some_need_escape(text.data() + i)) {
            i += 8;
            continue;
        }
        for (auto const end = std::min(i + 8, text.size()); i < end; ++i) {
            if (!needs_escape(text[i])) continue;
            out.append(text, from, i - from);
            append_escape(out, text[i]);
            from = i + 1;
        }
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
    auto const size = std::abs(value);
    if (size >= least_plain && size < exact_integers) {
        if (append_millionths(out, value, size)) return;
        char buffer[40];
        out.append(buffer, std::to_chars(buffer, std::end(buffer), value, plain_form).ptr);
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
