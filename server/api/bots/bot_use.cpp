#include "server/api/bots/bot_use.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;

store::filter running_campaigns(std::string_view bot_id) {
    return store::all_of(
        {store::eq("bot_id", wire::json_value(bot_id)), store::eq("status", "running")});
}

// `[{id, <shown>}]` of the documents found.
store::async<json_array> named(store::document_store& store, store::collection const& what,
                               store::filter where, std::string shown) {
    store::find_options options;
    options.limit = max_named_users;
    options.only = {shown};
    CXB_CO_TRY(auto const found, co_await store.find(what, std::move(where), std::move(options)));
    json_array out;
    for (auto const& document : found.items)
        out.push_back(wire::json_object{{"id", wire::text_at(document, "_id")},
                                        {shown, wire::text_at(document, shown)}});
    co_return out;
}

// Numbers of providers that hold their own lie in the document of the integration.
store::async<void> add_integration_numbers(store::document_store& store, std::string bot_id,
                                           json_array& mapped) {
    store::find_options options;
    options.limit = max_named_users;
    CXB_CO_TRY(auto const found, co_await store.find(model::integrations, {}, std::move(options)));
    for (auto const& document : found.items) {
        auto const* const dids = document.if_contains("dids");
        if (dids == nullptr || !dids->is_array()) continue;
        for (auto const& each : dids->get_array()) {
            if (mapped.size() >= max_named_users) co_return result<void>{};
            if (!each.is_object() || wire::text_at(each.get_object(), "bot_id") != bot_id) continue;
            mapped.push_back(
                wire::json_object{{"id", wire::text_at(each.get_object(), "id")},
                                  {"number", wire::text_at(each.get_object(), "number")}});
        }
    }
    co_return result<void>{};
}

}  // namespace

void claim_bot(store::batch& writes, std::string_view bot_id) {
    writes.update_one(
        model::bots,
        store::all_of({store::eq("_id", wire::json_value(bot_id)), store::missing("deleted_at")}),
        store::update{}.inc("use_rev", 1), "bot_gone");
}

store::filter still_as_read(wire::json_object const& stored) {
    auto const* const uses = stored.if_contains("use_rev");
    return store::all_of(
        {store::eq("_id", wire::json_value(wire::text_at(stored, "_id"))),
         store::eq("version", wire::int_at(stored, "version")),
         uses != nullptr ? store::eq("use_rev", *uses) : store::missing("use_rev")});
}

store::async<json_array> campaigns_running(store::document_store& store, std::string bot_id) {
    co_return co_await named(store, model::campaigns, running_campaigns(bot_id), "name");
}

store::async<std::set<std::string>> locked_bots(store::document_store& store,
                                                std::vector<std::string> bot_ids) {
    std::set<std::string> out;
    if (bot_ids.empty()) co_return out;
    auto where = store::all_of({store::in("bot_id", json_array(bot_ids.begin(), bot_ids.end())),
                                store::eq("status", "running")});
    CXB_CO_TRY(auto const rows,
               co_await store.group(model::campaigns, std::move(where), {"bot_id"}));
    for (auto const& row : rows)
        out.emplace(row.keys.front().as_string());
    co_return out;
}

store::async<void> check_not_locked(store::document_store& store, std::string bot_id) {
    CXB_CO_TRY(auto const running, co_await campaigns_running(store, std::move(bot_id)));
    if (running.empty()) co_return result<void>{};
    co_return error{errc::conflict, "Bot is used by a running campaign"}
        .with_reason("bot_locked")
        .with_member("campaigns", wire::to_text(wire::json_value(running)));
}

store::async<void> check_not_mapped(store::document_store& store, std::string bot_id) {
    auto where = store::all_of({store::eq("bot_id", wire::json_value(bot_id))});
    CXB_CO_TRY(auto mapped, co_await named(store, model::dids, std::move(where), "number"));
    CXB_CO_CHECK(co_await add_integration_numbers(store, std::move(bot_id), mapped));
    if (mapped.empty()) co_return result<void>{};
    co_return error{errc::conflict, "A number is mapped to this bot"}
        .with_reason("bot_in_use")
        .with_member("dids", wire::to_text(wire::json_value(mapped)));
}

}  // namespace cxb::api
