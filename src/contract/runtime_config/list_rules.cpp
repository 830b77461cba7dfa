#include "cxb/contract/runtime_config/list_rules.hpp"

#include <set>

namespace cxb::inline v1 {
namespace contract::runtime_config {

void check_lists(std::vector<tool> const& tools, std::vector<transfer_target> const& targets,
                 wire::fault_sink& sink) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < tools.size(); ++i)
        if (!names.insert(tools[i].function.name).second)
            sink.add("/tools/" + std::to_string(i) + "/function/name", "must be unique");
    std::set<std::string_view> ids;
    std::set<std::string_view> defaults;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        auto const& target = targets[i];
        std::string const at = "/transfer_targets/" + std::to_string(i);
        if (target.id && !ids.insert(*target.id).second) sink.add(at + "/id", "must be unique");
        if (target.is_default && target.enabled && !defaults.insert(target.method.text()).second)
            sink.add(at + "/is_default", "one enabled default per method");
    }
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
