// A number that should bring calls to a bot (spec 21 §6 look-up, §7).
#include "cxb/domain/phone_number.hpp"
#include "server/api/why/why_reasons.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

void judge_carrier(std::optional<json_object> const& carrier, std::string_view id,
                   why_report& out) {
    bool const enabled = carrier && wire::bool_at(*carrier, "enabled", true);
    if (!enabled)
        out.add("carrier_disabled",
                {.evidence = {{"carrier_id", id}, {"exists", carrier.has_value()}}});
    if (!carrier) return;
    std::string_view const state = wire::text_at(*carrier, "lk_sync_status");
    if (state == "synced") return;
    json_object evidence{{"carrier_id", id}, {"lk_sync_status", state}};
    if (auto const last = wire::text_at(*carrier, "lk_last_synced_at"); !last.empty())
        evidence["lk_last_synced_at"] = last;
    out.add("carrier_not_synced", {.evidence = std::move(evidence)});
}

}  // namespace

store::async<void> why_number(why_ask const& ask, why_report& out) {
    auto const parsed = domain::to_e164(ask.id, ask.api.settings->phone_region);
    std::string const number = parsed ? *parsed : ask.id;
    CXB_CO_TRY(auto const did,
               co_await ask.api.store->find_one(
                   model::dids, store::all_of({store::eq("number", json_value(number))})));
    if (!did) {
        out.add("no_did", {.evidence = {{"number", last_digits(number)}}});
        co_return result<void>{};
    }
    json_object const known{{"did_id", wire::text_at(*did, "_id")},
                            {"number", last_digits(number)}};
    if (wire::text_at(*did, "direction") == "outbound")
        out.add("wrong_direction", {.evidence = known});
    std::string const bot(wire::text_at(*did, "bot_id"));
    if (bot.empty()) out.add("no_bot", {.evidence = known});
    std::string const carrier_id(wire::text_at(*did, "carrier_id"));
    CXB_CO_TRY(auto const carrier,
               co_await ask.api.store->find_one(model::carriers, store::by_id(carrier_id)));
    judge_carrier(carrier, carrier_id, out);
    if (bot.empty()) co_return result<void>{};
    why_ask const of_bot{ask.api, ask.caller, bot};
    co_return co_await why_bot(of_bot, out);
}

}  // namespace cxb::api
