#include "cxb/contract/runtime_config/list_rules.hpp"

#include <set>

namespace cxb::inline v1 {
namespace contract::runtime_config {
namespace {

constexpr std::string_view repeated = "must be unique";
constexpr std::string_view second_default = "one enabled default per method";

}  // namespace

void check_lists(std::vector<tool> const& tools, std::vector<transfer_target> const& targets,
                 wire::fault_sink& sink) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < tools.size(); ++i)
        if (!names.insert(tools[i].function.name).second)
            sink.add("/tools/" + std::to_string(i) + "/function/name", std::string(repeated));
    std::set<std::string_view> ids;
    std::set<std::string_view> defaults;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        auto const& target = targets[i];
        std::string const at = "/transfer_targets/" + std::to_string(i);
        if (target.id && !ids.insert(*target.id).second)
            sink.add(at + "/id", std::string(repeated));
        if (target.is_default && target.enabled && !defaults.insert(target.method.text()).second)
            sink.add(at + "/is_default", std::string(second_default));
    }
}

void drop_repeated(std::vector<tool>& tools, std::vector<transfer_target>& targets,
                   wire::fault_sink& sink) {
    std::set<std::string, std::less<>> names;
    std::size_t at = 0;
    std::erase_if(tools, [&](tool const& one) {
        std::string const here = "/tools/" + std::to_string(at++);
        if (names.insert(one.function.name).second) return false;
        sink.warn(here + "/function/name", std::string(repeated));
        return true;
    });
    std::set<std::string, std::less<>> ids;
    std::set<std::string, std::less<>> defaults;
    at = 0;
    std::erase_if(targets, [&](transfer_target& one) {
        std::string const here = "/transfer_targets/" + std::to_string(at++);
        if (one.id && !ids.insert(*one.id).second) {
            sink.warn(here + "/id", std::string(repeated));
            return true;
        }
        if (one.is_default && one.enabled && !defaults.insert(one.method.text()).second) {
            sink.warn(here + "/is_default", std::string(second_default));
            one.is_default = false;
        }
        return false;
    });
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
