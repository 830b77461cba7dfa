#include "server/api/analytics/rollup_writes.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::api {

void add_rollups(store::batch& writes, domain::rollup_changes const& changes) {
    for (auto const& [key, counts] : changes.all()) {
        store::update adding;
        for (auto const& [path, by] : counts)
            adding.inc(path, by);
        writes.upsert(server::model::call_rollups,
                      store::all_of({store::eq("slot", wire::json_value(key.slot)),
                                     store::eq("bot_id", wire::json_value(key.bot_id)),
                                     store::eq("campaign_id", wire::json_value(key.campaign_id))}),
                      std::move(adding), rollup_made);
    }
}

std::optional<domain::rollup_key> counted_in(wire::json_object const& call) {
    auto const* rollup = call.if_contains("rollup");
    if (rollup == nullptr || !rollup->is_object()) return std::nullopt;
    return domain::read_rollup_key(rollup->get_object());
}

}  // namespace cxb::api
