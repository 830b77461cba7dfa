#pragma once
// A value of a stranger inside a line of a prompt: it must not make lines of its own.

#include <algorithm>
#include <string>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {

// Control characters become blanks, those around are dropped.
inline std::string one_line(std::string text) {
    auto const is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    std::replace_if(text.begin(), text.end(), is_control, ' ');
    return std::string(trim(text));
}

}  // namespace domain
}  // namespace cxb::inline v1
