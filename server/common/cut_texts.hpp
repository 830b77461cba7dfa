#pragma once
/// @file
/// Texts of strangers, made fit before they are kept or answered.

#include <string>
#include <string_view>

#include "cxb/wire/json.hpp"

namespace cxb::server {

/// Cuts every text in the value to at most `most` bytes, between characters. Names stay.
void cut_texts(wire::json_value& value, std::size_t most);

/// With `?` for what is no UTF-8, so that it can stand in JSON; at most `most` bytes of it, cut
/// between characters.
[[nodiscard]] std::string readable_text(std::string_view text,
                                        std::size_t most = std::string_view::npos);

}  // namespace cxb::server
