#include "server/api/carriers/did_copies.hpp"

#include <algorithm>

#include "cxb/domain/phone_number.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::size_t pool_portion = 200;

json_object row_of(json_object const& carrier, json_object const& did) {
    std::string const number(wire::text_at(did, "number"));
    std::string const digits = domain::plain_digits(number);
    json_object out{{"_id", wire::text_at(did, "id")},
                    {"number", number},
                    {"digits", digits},
                    {"carrier_id", wire::text_at(carrier, "_id")},
                    {"direction", wire::text_at(did, "direction")},
                    {"enabled", wire::bool_at(carrier, "enabled", true)}};
    if (digits.size() >= domain::subscriber_digits)
        out["last10"] = digits.substr(digits.size() - domain::subscriber_digits);
    if (auto const bot = wire::text_at(did, "bot_id"); !bot.empty()) out["bot_id"] = bot;
    return out;
}

// Names in a pool: ids or numbers, as texts or as members of objects.
bool names_any(json_value const& entry, std::set<std::string, std::less<>> const& gone) {
    if (entry.is_string()) return gone.contains(std::string_view(entry.get_string()));
    if (!entry.is_object()) return false;
    return gone.contains(wire::text_at(entry.get_object(), "number")) ||
           gone.contains(wire::text_at(entry.get_object(), "did_id"));
}

bool calls_with(json_object const& campaign, std::set<std::string, std::less<>> const& gone) {
    auto const* pool = campaign.if_contains("number_pool");
    return pool != nullptr && pool->is_array() &&
           std::ranges::any_of(pool->get_array(),
                               [&](json_value const& each) { return names_any(each, gone); });
}

}  // namespace

did_rows rows_of(json_object const& carrier) {
    did_rows out;
    auto const* dids = carrier.if_contains("dids");
    if (dids == nullptr || !dids->is_array()) return out;
    for (auto const& each : dids->get_array())
        if (each.is_object())
            out.emplace(wire::text_at(each.get_object(), "id"), row_of(carrier, each.get_object()));
    return out;
}

void add_did_writes(store::batch& writes, did_rows const& before, did_rows const& after) {
    std::set<std::string> claimed;
    for (auto const& [id, row] : before)
        if (!after.contains(id)) writes.remove_one(model::dids, store::by_id(id), "moved");
    for (auto const& [id, row] : after) {
        auto const old = before.find(id);
        std::string const bot(wire::text_at(row, "bot_id"));
        bool const mapped_already =
            old != before.end() && wire::text_at(old->second, "bot_id") == bot;
        if (!bot.empty() && !mapped_already && claimed.insert(bot).second) claim_bot(writes, bot);
        if (old == before.end()) {
            writes.insert(model::dids, row, std::string(number_taken));
            continue;
        }
        auto changes = model::update_between(old->second, row);
        if (!changes.empty())
            writes.update_one(model::dids, store::by_id(id), std::move(changes),
                              std::string(number_taken));
    }
}

store::async<void> check_numbers_free(store::document_store& store, did_rows const& before,
                                      did_rows const& after) {
    json_array wanted;
    for (auto const& [id, row] : after) {
        auto const old = before.find(id);
        if (old == before.end() || old->second.at("number") != row.at("number"))
            wanted.push_back(row.at("number"));
    }
    if (wanted.empty()) co_return result<void>{};
    store::find_options options;
    options.limit = 1;
    CXB_CO_TRY(
        auto const taken,
        co_await store.find(model::dids, store::all_of({store::in("number", std::move(wanted))}),
                            std::move(options)));
    if (taken.items.empty()) co_return result<void>{};
    auto const& row = taken.items.front();
    co_return error{errc::conflict, "A carrier has this number already"}
        .with_reason(std::string(number_taken))
        .with_member("number", wire::to_text(row.at("number")))
        .with_member("carrier_id", wire::to_text(row.at("carrier_id")));
}

store::async<void> check_bots(store::document_store& store, json_array dids, std::string list_at) {
    std::vector<fault> faults;
    std::map<std::string, bool> known;
    for (std::size_t i = 0; i < dids.size(); ++i) {
        std::string const bot(wire::text_at(dids[i].get_object(), "bot_id"));
        if (bot.empty()) continue;
        auto seen = known.find(bot);
        if (seen == known.end()) {
            auto there = store::by_id(bot);
            there.all.push_back(store::missing("deleted_at"));
            CXB_CO_TRY(auto const count, co_await store.count(model::bots, std::move(there), 1));
            seen = known.emplace(bot, count > 0).first;
        }
        if (!seen->second)
            faults.push_back(
                {(list_at.empty() ? "" : list_at + "/" + std::to_string(i)) + "/bot_id",
                 "unknown bot"});
    }
    if (!faults.empty()) co_return invalid_document(std::move(faults));
    co_return result<void>{};
}

store::async<void> check_not_in_pool(store::document_store& store, did_rows const& before,
                                     did_rows const& after) {
    std::set<std::string, std::less<>> gone;
    for (auto const& [id, row] : before) {
        auto const now = after.find(id);
        if (now != after.end() && now->second.at("number") == row.at("number")) continue;
        gone.insert(id);
        gone.emplace(wire::text_at(row, "number"));
    }
    if (gone.empty()) co_return result<void>{};
    store::find_options portion;
    portion.limit = pool_portion;
    portion.only = {"name", "number_pool"};
    json_array users;
    do {
        CXB_CO_TRY(auto const page,
                   co_await store.find(model::campaigns,
                                       store::all_of({store::eq("status", "running")}), portion));
        for (auto const& each : page.items)
            if (users.size() < max_named_users && calls_with(each, gone))
                users.push_back(json_object{{"id", wire::text_at(each, "_id")},
                                            {"name", wire::text_at(each, "name")}});
        portion.after = page.next;
    } while (!portion.after.empty());
    if (users.empty()) co_return result<void>{};
    co_return error{errc::conflict, "A running campaign calls with this number"}
        .with_reason("carrier_in_use")
        .with_member("campaigns", wire::to_text(json_value(users)));
}

}  // namespace cxb::api
