#pragma once
/// @file
/// Long texts of foreign documents, shortened before they are kept.

#include "cxb/wire/json.hpp"

namespace cxb::server {

/// Cuts every text in the value to at most `most` bytes, between characters. Names stay.
void cut_texts(wire::json_value& value, std::size_t most);

}  // namespace cxb::server
