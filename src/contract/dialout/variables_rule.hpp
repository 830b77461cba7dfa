#pragma once
// Private to src/contract: call variables obey the same bounds in every contract that carries
// them (spec 10 §1.3).

#include <optional>
#include <string_view>

#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {

/// Reports what `connected_event` of the runtime config would report, below `pointer`.
void check_variables(std::optional<wire::raw_json> const& variables, std::string_view pointer,
                     wire::fault_sink& sink);

}  // namespace contract::dialout
}  // namespace cxb::inline v1
