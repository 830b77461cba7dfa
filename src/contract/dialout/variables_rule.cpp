#include "src/contract/dialout/variables_rule.hpp"

#include "cxb/contract/runtime_config/request.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {

void check_variables(std::optional<wire::raw_json> const& variables, std::string_view pointer,
                     wire::fault_sink& sink) {
    if (!variables || !variables->is_object() || variables->size() > limits::connected_event)
        return;  // told by the row's own bounds
    auto const event = runtime_config::parse_connected_event(variables->text());
    if (event) return;
    auto const cause = event.error();
    for (auto const& fault : cause.faults())
        sink.add(std::string(pointer) + fault.pointer, fault.reason);
}

}  // namespace contract::dialout
}  // namespace cxb::inline v1
