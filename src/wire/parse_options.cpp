#include "cxb/wire/parse_options.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace wire {

std::string ignored_fields_header(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) {
        if (!out.empty()) out += ',';
        out += percent_encode(name);
    }
    return out;
}

void fault_sink::add(std::string pointer, std::string reason) {
    faults_.push_back({std::move(pointer), std::move(reason)});
}

void fault_sink::add(error const& cause) {
    if (cause.faults().empty()) add(cause.pointer(), cause.detail());
    for (auto const& item : cause.faults())
        add(item.pointer, item.reason);
}

void fault_sink::warn(std::string pointer, std::string reason) {
    warnings_.push_back({std::move(pointer), std::move(reason)});
}

}  // namespace wire
}  // namespace cxb::inline v1
