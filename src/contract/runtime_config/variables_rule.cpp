#include "src/contract/runtime_config/variables_rule.hpp"

#include "cxb/contract/runtime_config/request.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

void check_variables(std::string_view object, std::string_view pointer, wire::fault_sink& sink) {
    auto const event = parse_connected_event(object);
    if (event) return;
    auto const cause = event.error();
    for (auto const& fault : cause.faults())
        sink.add(std::string(pointer) + fault.pointer, fault.reason);
}

void check_variables(wire::raw_json const& member, std::string_view pointer,
                     wire::fault_sink& sink) {
    if (member.is_object() && member.size() <= limits::connected_event)
        check_variables(std::string_view(member.text()), pointer, sink);
}

void check_variables(std::optional<wire::raw_json> const& member, std::string_view pointer,
                     wire::fault_sink& sink) {
    if (member) check_variables(*member, pointer, sink);
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
