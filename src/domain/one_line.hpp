#pragma once
// A value of a stranger inside a line of a prompt: it must not make lines of its own.

#include <string>
#include <string_view>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {

// Of what may end a line beside the controls of ASCII: NEL and the other C1 controls, LINE
// SEPARATOR and PARAGRAPH SEPARATOR. 0: it does not begin with one.
inline std::size_t line_break_bytes(std::string_view rest) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    if (rest.size() >= 2 && byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return 2;
    bool const separator = rest.starts_with("\u2028") || rest.starts_with("\u2029");
    return separator ? 3 : 0;
}

// Control characters become blanks, those around are dropped.
inline std::string one_line(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const first = static_cast<unsigned char>(text.front());
        bool const control = first < 0x20 || first == 0x7F;
        std::size_t const taken = control ? 1 : line_break_bytes(text);
        out += taken != 0 ? ' ' : text.front();
        text.remove_prefix(taken != 0 ? taken : 1);
    }
    return std::string(trim(out));
}

}  // namespace domain
}  // namespace cxb::inline v1
