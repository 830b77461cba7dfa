#include "server/api/livekit_webhook/event_claim.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_value;

constexpr int max_looks = 5;

store::filter as_claimed(event_claim const& claim) {
    auto out = store::by_id(claim.event_id);
    out.all.push_back(store::eq("expires_at", json_value(claim.until)));
    return out;
}

}  // namespace

store::async<event_claim> claim_event(store::document_store& store, std::string event_id,
                                      time_point now) {
    event_claim fresh{event_state::ours, event_id, format_timestamp(now + handover_limit)};
    for (int i = 0; i < max_looks; ++i) {
        auto const inserted = co_await store.insert(
            model::livekit_events,
            {{"_id", event_id}, {"expires_at", fresh.until}, {"done", false}});
        if (inserted) co_return fresh;
        if (inserted.error().code() != errc::conflict) co_return inserted.error();
        CXB_CO_TRY(auto const row,
                   co_await store.find_one(model::livekit_events, store::by_id(event_id)));
        if (!row) continue;
        event_claim const found{event_state::busy, event_id,
                                std::string(wire::text_at(*row, "expires_at"))};
        if (found.until > format_timestamp(now)) {
            bool const done = wire::bool_at(*row, "done");
            co_return event_claim{done ? event_state::done : event_state::busy, event_id,
                                  found.until};
        }
        CXB_CO_TRY(
            bool const taken,
            co_await store.update_one(
                model::livekit_events, as_claimed(found),
                store::update{}.set("expires_at", json_value(fresh.until)).set("done", false)));
        if (taken) co_return fresh;
    }
    co_return event_claim{event_state::busy, event_id, {}};
}

store::async<void> keep_claim(store::document_store& store, event_claim claim, time_point now) {
    CXB_CO_CHECK(co_await store.update_one(
        model::livekit_events, as_claimed(claim),
        store::update{}
            .set("expires_at", json_value(format_timestamp(now + event_kept_for)))
            .set("done", true)));
    co_return result<void>{};
}

store::async<void> drop_claim(store::document_store& store, event_claim claim) {
    CXB_CO_CHECK(co_await store.remove(model::livekit_events, as_claimed(claim), 1));
    co_return result<void>{};
}

}  // namespace cxb::api
