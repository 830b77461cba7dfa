#pragma once
// Private to src/contract: call variables obey the same bounds in every contract that carries
// them (spec 10 §1.3).

#include <optional>
#include <string_view>

#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

/// Reports what `connected_event` of the runtime config would report, below `pointer`.
void check_variables(std::string_view object, std::string_view pointer, wire::fault_sink& sink);

/// The same for a member; what is no object or too long is told by the row's own bounds.
void check_variables(wire::raw_json const& member, std::string_view pointer,
                     wire::fault_sink& sink);
void check_variables(std::optional<wire::raw_json> const& member, std::string_view pointer,
                     wire::fault_sink& sink);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
