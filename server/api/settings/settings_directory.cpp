#include "server/api/settings/settings_directory.hpp"

#include "cxb/domain/masking.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::string_view document_id = "system";
constexpr std::string_view moved_label = "settings_moved";
constexpr int max_writes = 5;

json_object default_document() {
    auto document = wire::to_object(settings_document{});
    document["_id"] = document_id;
    return document;
}

// Members of the document that every change writes anew.
bool is_stamp(std::string_view name) noexcept {
    return name == "version" || name == "updated_at" || name == "updated_by";
}

}  // namespace

result<system_settings> read_settings(json_object document) {
    document.erase("_id");
    tidy_settings(document);
    CXB_TRY(auto read, parse_settings_document(wire::json_value(document)));
    system_settings out;
    out.document = wire::to_object(read);
    out.version = read.version;
    out.fleet = std::move(read.cxbcore_fleet);
    out.display_timezone = std::move(read.display_timezone);
    for (auto& [provider, key] : read.api_keys)
        out.api_keys.emplace(provider, secret(std::move(key)));
    for (auto const& [name, entry] : read.providers.to_object()) {
        CXB_TRY(auto provider, parse_provider_entry(entry));
        out.providers.emplace(name, std::move(provider));
    }
    out.minio = std::move(read.minio);
    out.agent_assist = std::move(read.agent_assist);
    out.knowledge = std::move(read.knowledge);
    out.dialler = std::move(read.dialler);
    out.voice_defaults = std::move(read.voice_defaults);
    out.retention = std::move(read.retention);
    return out;
}

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
    bool moved = false;
    // A reader that began before a change must not put the old settings back after it.
    current_.change([&](system_settings const& now) {
        moved = settings.version > now.version;
        return now.version > settings.version ? now : settings;
    });
    if (moved && on_moved_) on_moved_(settings.version);
    co_return result<void>{};
}

store::async<void> settings_directory::refresh() {
    co_return co_await load();
}

store::async<audited_write> settings_directory::decide(settings_block block, json_object sent,
                                                       std::string who) {
    CXB_CO_TRY(auto const stored,
               co_await store_.find_one(model::system_settings, store::by_id(document_id)));
    if (!stored) co_return error{errc::unavailable, "System settings are missing"};
    json_object after = *stored;
    CXB_CO_CHECK(merge_block(after, block, sent, guard_));
    std::int64_t const version = wire::int_at(*stored, "version");
    store::update changes;
    for (auto const& [name, value] : after)
        if (name != "_id" && !is_stamp(name)) changes.set(name, value);
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
    what.entry = {"settings." + std::string(block.name),
                  "settings",
                  std::string(document_id),
                  std::string(block.name),
                  {}};
    // What was stored may be the damage that this change mends.
    if (auto const before = read_settings(*stored)) {
        CXB_CO_TRY(auto const now, read_settings(after));
        what.entry.changes = settings_changes(before->document, now.document);
    }
    co_return what;
}

store::async<void> settings_directory::change(settings_block block, json_object sent,
                                              audit_actor actor) {
    std::string const who = actor.label;
    for (int i = 0; i < max_writes; ++i) {
        auto const done = co_await audit_.commit(actor, [&] { return decide(block, sent, who); });
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
    json_object shown = domain::mask_document(settings.document, &settings_secrets).as_object();
    // A copy first: where it stands may move as the document grows.
    wire::json_value fleet = shown["cxbcore_fleet"];
    shown["core_fleet"] = std::move(fleet);
    return shown;
}

}  // namespace cxb::api
