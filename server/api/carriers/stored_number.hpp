#pragma once
/// @file
/// The form in which the numbers that lead to bots are kept, carriers' and Exotel's (spec 21 §7,
/// §8).

#include <optional>
#include <string>
#include <string_view>

namespace cxb::api {

/// E.164 when the text can be read as a number of that region, else its 3 to 15 digits; empty for
/// anything else.
[[nodiscard]] std::optional<std::string> stored_number(std::string_view text,
                                                       std::string_view region);

}  // namespace cxb::api
