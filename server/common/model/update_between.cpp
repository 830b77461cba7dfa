#include "server/common/model/update_between.hpp"

namespace cxb::server::model {

store::update update_between(wire::json_object const& before, wire::json_object const& after,
                             member_rule always) {
    store::update out;
    for (auto const& [name, value] : after) {
        auto const* const old = before.if_contains(name);
        bool const same = old != nullptr && *old == value;
        if (!same || (always != nullptr && always(name, value))) out.set(name, value);
    }
    for (auto const& [name, value] : before)
        if (!after.contains(name)) out.unset(name);
    return out;
}

}  // namespace cxb::server::model
