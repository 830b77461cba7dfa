#pragma once
// Private to src/contract: the bounds of call variables (spec 10 §1.3), the same in every
// contract that carries them.

#include <optional>
#include <string_view>

#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {

/// At most 200 members, keys of 1–128 bytes without control characters or braces.
void check_variables(std::optional<wire::raw_json> const& variables, std::string_view pointer,
                     wire::fault_sink& sink);

}  // namespace contract::dialout
}  // namespace cxb::inline v1
