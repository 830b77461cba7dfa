#include "cxb/contract/runtime_config/list_rules.hpp"

#include <set>
#include <string>

namespace cxb::inline v1 {
namespace contract::runtime_config {
namespace {

struct broken_rule {
    enum class where { tool, target, default_mark } what;
    std::size_t index;

    [[nodiscard]] std::string pointer(wire::fault_sink const& sink) const {
        std::string out = what == where::tool ? "/tools" : "/transfer_targets";
        out += "/" + std::to_string(sink.place_of(out, index));
        if (what == where::tool) return out + "/function/name";
        return out + (what == where::target ? "/id" : "/is_default");
    }
    [[nodiscard]] std::string reason() const {
        return what == where::default_mark ? "one enabled default per method" : "must be unique";
    }
};

std::vector<broken_rule> broken_rules(std::vector<tool> const& tools,
                                      std::vector<transfer_target> const& targets) {
    using enum broken_rule::where;
    std::vector<broken_rule> out;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < tools.size(); ++i)
        if (!names.insert(tools[i].function.name).second) out.push_back({tool, i});
    std::set<std::string_view> ids;
    std::set<std::string_view> defaults;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        auto const& one = targets[i];
        bool const repeats = one.id && !ids.insert(*one.id).second;
        if (repeats) out.push_back({target, i});
        if (!one.is_default || !one.enabled) continue;
        // One that may be dropped must not take the mark from a good one.
        bool const second = repeats ? defaults.contains(one.method.text())
                                    : !defaults.insert(one.method.text()).second;
        if (second) out.push_back({default_mark, i});
    }
    return out;
}

}  // namespace

void check_lists(std::vector<tool> const& tools, std::vector<transfer_target> const& targets,
                 wire::fault_sink& sink) {
    for (auto const& each : broken_rules(tools, targets))
        sink.add(each.pointer(sink), each.reason());
}

void drop_repeated(std::vector<tool>& tools, std::vector<transfer_target>& targets,
                   wire::fault_sink& sink) {
    using enum broken_rule::where;
    auto const broken = broken_rules(tools, targets);
    for (auto const& each : broken) {
        sink.warn(each.pointer(sink), each.reason());
        if (each.what == default_mark) targets[each.index].is_default = false;
    }
    // From the end, so that the indices before stay.
    for (auto each = broken.rbegin(); each != broken.rend(); ++each) {
        auto const at = static_cast<std::ptrdiff_t>(each->index);
        if (each->what == tool) tools.erase(tools.begin() + at);
        if (each->what == target) targets.erase(targets.begin() + at);
    }
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
