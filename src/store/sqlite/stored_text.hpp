#pragma once
/// @file
/// Documents as the text that is stored.

#include <string>

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// Compact JSON that reads back as the same value: as `wire::to_text`, but a whole number that is
/// no integer keeps its point (`2.0`, `-0.0`).
[[nodiscard]] std::string stored_text(wire::json_object const& document);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
