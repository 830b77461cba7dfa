#pragma once
/// @file
/// Checks the arguments a model wrote against a tool's `parameters` (spec 80 §6): type, required,
/// enum, minimum, maximum, minLength, maxLength, minItems, maxItems, properties, items. Other
/// schema words are not looked at.

#include <optional>
#include <string>

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace core {

/// The first fault as text for the model (`/policy: expected string`); empty when all is well.
[[nodiscard]] std::optional<std::string> argument_fault(wire::json_object const& parameters,
                                                        wire::json_value const& arguments);

}  // namespace core
}  // namespace cxb::inline v1
