#include "server/api/settings/settings_directory.hpp"

#include "cxb/domain/masking.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::string_view document_id = "system";
constexpr std::string_view moved_label = "settings_moved";
constexpr int max_writes = 5;

json_object default_document() {
    return {{"_id", document_id},        {"version", 1},
            {"api_keys", json_object{}}, {"cxbcore_fleet", wire::json_array{}},
            {"display_timezone", "UTC"}, {"updated_at", nullptr},
            {"updated_by", nullptr}};
}

// Other services that share the store may have written the list under its second name.
wire::json_value const* fleet_list(json_object const& document) {
    auto const* list = document.if_contains("cxbcore_fleet");
    if (list != nullptr && list->is_array() && !list->as_array().empty()) return list;
    auto const* other = document.if_contains("core_fleet");
    return other != nullptr && other->is_array() ? other : list;
}

result<system_settings> read_settings(json_object document) {
    std::vector<fault> faults;
    system_settings out;
    out.version = wire::int_at(document, "version");
    if (auto const* list = fleet_list(document); list != nullptr && list->is_array()) {
        for (auto const& url : list->as_array())
            if (url.is_string())
                out.fleet.emplace_back(url.as_string());
            else
                faults.push_back({"/cxbcore_fleet", "must be a list of texts"});
    }
    if (auto const zone = wire::text_at(document, "display_timezone"); !zone.empty())
        out.display_timezone = zone;
    if (!domain::is_time_zone(out.display_timezone))
        faults.push_back({"/display_timezone", "unknown time zone"});
    auto const* keys = document.if_contains("api_keys");
    if (keys != nullptr && keys->is_object()) {
        for (auto const& [provider, key] : keys->as_object())
            if (key.is_string())
                out.api_keys.emplace(provider, secret(std::string(key.as_string())));
    }
    if (!faults.empty()) return invalid_document(std::move(faults));
    out.document = std::move(document);
    return out;
}

bool is_secret_path(std::string_view path) {
    return path == "api_keys";
}

}  // namespace

store::async<void> settings_directory::load() {
    CXB_CO_TRY(auto stored,
               co_await store_.find_one(model::system_settings, store::by_id(document_id)));
    if (!stored) {
        auto const inserted = co_await store_.insert(model::system_settings, default_document());
        // Another process may have created it in the same moment.
        if (!inserted && inserted.error().code() != errc::conflict) co_return inserted.error();
        CXB_CO_TRY(stored,
                   co_await store_.find_one(model::system_settings, store::by_id(document_id)));
        if (!stored) co_return error{errc::unavailable, "System settings cannot be created"};
    }
    CXB_CO_TRY(system_settings settings, read_settings(*std::move(stored)));
    // A reader that began before a change must not put the old settings back after it.
    current_.change([&](system_settings const& now) {
        return now.version > settings.version ? now : settings;
    });
    co_return result<void>{};
}

store::async<void> settings_directory::refresh() {
    co_return co_await load();
}

store::async<void> settings_directory::change(std::string block, change_fn change,
                                              audit_actor actor) {
    std::string const who = actor.label;
    auto const decide = [this, &block, &change, &who]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const stored,
                   co_await store_.find_one(model::system_settings, store::by_id(document_id)));
        if (!stored) co_return error{errc::unavailable, "System settings are missing"};
        json_object after = *stored;
        CXB_CO_CHECK(change(after));
        CXB_CO_CHECK(read_settings(after));
        std::int64_t const version = wire::int_at(*stored, "version");
        store::update changes;
        for (auto const& [name, value] : after)
            if (name != "_id" && name != "version") changes.set(name, value);
        for (auto const& [name, value] : *stored)
            if (!after.contains(name)) changes.unset(name);
        changes.set("version", version + 1)
            .set("updated_at", wire::json_value(format_timestamp(time_.now())))
            .set("updated_by", wire::json_value(who));
        audited_write what;
        what.writes.update_one(model::system_settings,
                               store::all_of({store::eq("_id", wire::json_value(document_id)),
                                              store::eq("version", version)}),
                               std::move(changes), std::string(moved_label));
        what.entry = {"settings." + block, "settings", std::string(document_id), block,
                      changes_between(*stored, after, is_secret_path)};
        co_return what;
    };
    for (int i = 0; i < max_writes; ++i) {
        auto const done = co_await audit_.commit(actor, decide);
        bool const moved = !done && done.error().reason() == moved_label;
        if (!done && !moved) co_return done.error();
        if (moved) continue;
        auto const swapped = co_await load();
        if (on_saved_) on_saved_(get()->version);
        co_return swapped;
    }
    co_return error{errc::conflict, "The settings keep changing, try again"};
}

json_object shown_settings(system_settings const& settings) {
    json_object shown =
        domain::mask_document(settings.document, domain::settings_secrets).as_object();
    shown.erase("_id");
    wire::json_array const fleet(settings.fleet.begin(), settings.fleet.end());
    shown["cxbcore_fleet"] = fleet;
    shown["core_fleet"] = fleet;
    return shown;
}

}  // namespace cxb::api
