#include "server/api/bots/bot_versions.hpp"

#include "cxb/base/ids.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {

wire::json_object version_row(wire::json_object const& bot, wire::json_array paths,
                              std::string note, time_point now, random_source& random) {
    wire::json_object document = bot;
    for (char const* name : {"use_rev", "state_rev"})
        document.erase(name);
    return {
        {"_id", make_hex24(now, random)},          {"bot_id", wire::text_at(bot, "_id")},
        {"version", wire::int_at(bot, "version")}, {"changed_by", wire::text_at(bot, "updated_by")},
        {"changed_at", format_timestamp(now)},     {"note", std::move(note)},
        {"changed_paths", std::move(paths)},       {"document", std::move(document)}};
}

store::async<wire::json_object> find_version(store::document_store& store, std::string bot_id,
                                             std::int64_t version) {
    CXB_CO_TRY(auto row,
               co_await store.find_one(server::model::bot_versions,
                                       store::all_of({store::eq("bot_id", wire::json_value(bot_id)),
                                                      store::eq("version", version)})));
    auto* const document = row ? row->if_contains("document") : nullptr;
    if (document == nullptr || !document->is_object())
        co_return error{errc::not_found, "Version not found"};
    co_return std::move(document->get_object());
}

}  // namespace cxb::api
