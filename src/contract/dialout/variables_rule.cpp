#include "src/contract/dialout/variables_rule.hpp"

#include <algorithm>

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {
namespace {

bool is_good_key(std::string_view key) {
    return !key.empty() && key.size() <= limits::connected_event_key &&
           std::ranges::none_of(key, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || c == '{' || c == '}';
           });
}

}  // namespace

void check_variables(std::optional<wire::raw_json> const& variables, std::string_view pointer,
                     wire::fault_sink& sink) {
    if (!variables || !variables->is_object() || variables->size() > limits::connected_event)
        return;  // told by the row's own bounds
    auto const members = variables->to_object();
    if (members.size() > limits::connected_event_members)
        sink.add(std::string(pointer), "at most 200 members");
    for (auto const& member : members)
        if (!is_good_key(member.key()))
            sink.add(wire::append_pointer(pointer, member.key()),
                     "key must have 1 to 128 bytes without control characters or braces");
}

}  // namespace contract::dialout
}  // namespace cxb::inline v1
