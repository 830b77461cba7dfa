#pragma once
/// @file
/// Characters as people count them, for splitting and timing speech.

#include <cstddef>
#include <string_view>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace core {

struct code_point {
    char32_t value = 0;
    std::size_t bytes = 1;
};

/// The character at the start of `text`, which must not be empty. A broken byte stands for itself.
[[nodiscard]] code_point first_code_point(std::string_view text) noexcept;
[[nodiscard]] std::size_t count_characters(std::string_view text) noexcept;

}  // namespace core
}  // namespace cxb::inline v1
