#include "server/api/bots/bot_directory.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/prompt_version.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t load_page = 200;
constexpr seconds commit_overlap{30};

error bot_not_found() {
    return error{errc::not_found, "Bot not found"};
}

result<bot_ptr> make_entry(json_object stored) {
    auto entry = std::make_shared<bot_entry>();
    entry->id = wire::text_at(stored, "_id");
    entry->version = wire::int_at(stored, "version");
    entry->deleted = !wire::text_at(stored, "deleted_at").empty();
    json_object const content = bot_content(stored);
    CXB_TRY(entry->bot, parse_bot_document(wire::json_value(content)));
    // Closed hours are never guessed from broken ones.
    CXB_TRY(entry->hours, read_hours(entry->bot));
    entry->config_version = domain::config_hash(wire::json_value(content));
    entry->stored = std::move(stored);
    return bot_ptr(std::move(entry));
}

audit_entry about_bot(std::string action, json_object const& bot) {
    return {std::move(action),
            "bot",
            std::string(wire::text_at(bot, "_id")),
            std::string(wire::text_at(bot, "name")),
            {}};
}

json_object version_row(json_object const& bot, std::string const& who, wire::json_array paths,
                        time_point now, random_source& random) {
    return {{"_id", make_hex24(now, random)},          {"bot_id", wire::text_at(bot, "_id")},
            {"version", wire::int_at(bot, "version")}, {"changed_by", who},
            {"changed_at", format_timestamp(now)},     {"note", ""},
            {"changed_paths", std::move(paths)},       {"document", bot}};
}

wire::json_array paths_of(std::vector<audit_change> const& changes) {
    wire::json_array out;
    for (auto const& change : changes)
        out.push_back(wire::json_value("/" + change.path));
    return out;
}

}  // namespace

bot_directory::bot_directory(store::document_store& store, audit_trail& audit, clock const& time,
                             random_source& random, domain::guard_policy guard)
    : store_(store), audit_(audit), time_(time), random_(random), guard_(std::move(guard)) {}

void bot_directory::take(std::vector<bot_ptr> changed) {
    if (changed.empty()) return;
    bots_.change([&](table const& before) {
        table after = before;
        for (auto& bot : changed) {
            after.newest =
                std::max(after.newest, std::string(wire::text_at(bot->stored, "updated_at")));
            auto& slot = after.by_id[bot->id];
            if (!slot || slot->version <= bot->version) slot = std::move(bot);
        }
        return after;
    });
}

// Another writer may commit a moment that lies before the newest one seen here. And a clock may
// have been wrong for a while, its writer's or our own: no time counts that lies after now or after
// the last look.
std::string bot_directory::looked_from() const {
    auto const newest = parse_timestamp(bots_.get()->newest);
    if (!newest) return {};
    auto const from = std::min({*newest, time_.now(), time_point(milliseconds(last_look_))});
    return format_timestamp(from - commit_overlap);
}

// When a bot is saved, as the others look for it: never before what was saved already.
std::string bot_directory::stamp(time_point now) const {
    return std::max(format_timestamp(now), bots_.get()->newest);
}

store::async<void> bot_directory::load() {
    store::find_options options;
    options.sort = {{"updated_at", false}};
    options.limit = load_page;
    auto const began = to_epoch_ms(time_.now());
    auto const known = bots_.get();
    store::filter const changed =
        store::all_of({store::gte("updated_at", wire::json_value(looked_from()))});
    bool const all_new = known->by_id.empty();
    std::optional<error> unreadable;
    if (!all_new) options.only = {"_id", "version"};
    do {
        CXB_CO_TRY(store::page page, co_await store_.find(model::bots, changed, options));
        std::vector<bot_ptr> fresh;
        for (auto& document : page.items) {
            auto const at = known->by_id.find(wire::text_at(document, "_id"));
            bool const seen = at != known->by_id.end() &&
                              at->second->version >= wire::int_at(document, "version");
            if (seen) continue;
            if (!all_new) {
                auto whole = co_await store_.find_one(model::bots,
                                                      store::by_id(wire::text_at(document, "_id")));
                // Secrets that do not open must not keep the other bots from being followed.
                if (!whole && whole.error().code() == errc::corrupt_data) {
                    unreadable = whole.error();
                    continue;
                }
                if (!whole) co_return whole.error();
                if (!*whole) continue;
                document = **std::move(whole);
            }
            // A document that this version cannot read must not stop the others.
            if (auto entry = make_entry(std::move(document))) fresh.push_back(*std::move(entry));
        }
        take(std::move(fresh));
        options.after = page.next;
    } while (!options.after.empty());
    last_look_ = began;
    if (unreadable) co_return *std::move(unreadable);
    co_return result<void>{};
}

store::async<void> bot_directory::refresh() {
    co_return co_await load();
}

store::async<void> bot_directory::reload(std::string id) {
    CXB_CO_TRY(auto stored, co_await store_.find_one(model::bots, store::by_id(id)));
    if (!stored) co_return result<void>{};
    if (auto entry = make_entry(*std::move(stored))) take({*std::move(entry)});
    co_return result<void>{};
}

store::async<void> bot_directory::catch_up(std::string id, std::int64_t version) {
    auto const known = find_any(id);
    bool const fresh = known && known->version >= version;
    if (fresh || !is_hex24(id)) co_return result<void>{};
    co_return co_await reload(std::move(id));
}

void bot_directory::saved(bot_ptr const& bot) {
    take({bot});
    if (on_saved_) on_saved_(*bot);
}

bot_ptr bot_directory::find_any(std::string_view id) const {
    auto const bots = bots_.get();
    auto const at = bots->by_id.find(id);
    return at == bots->by_id.end() ? nullptr : at->second;
}

bot_ptr bot_directory::find(std::string_view id) const {
    auto bot = find_any(id);
    return bot && !bot->deleted ? bot : nullptr;
}

std::vector<bot_ptr> bot_directory::all() const {
    std::vector<bot_ptr> out;
    auto const bots = bots_.get();
    for (auto const& [id, bot] : bots->by_id)
        if (!bot->deleted) out.push_back(bot);
    std::sort(out.begin(), out.end(), [](bot_ptr const& a, bot_ptr const& b) {
        auto const key = [](bot_ptr const& bot) {
            return std::pair(wire::text_at(bot->stored, "created_at"), std::string_view(bot->id));
        };
        return key(a) > key(b);
    });
    return out;
}

store::async<saved_bot> bot_directory::create(json_object sent, audit_actor actor) {
    CXB_CO_TRY(accepted_bot accepted, accept_bot({}, std::move(sent), guard_));
    time_point const now = time_.now();
    json_object& document = accepted.document;
    document["_id"] = make_hex24(now, random_);
    document["version"] = 1;
    document["created_at"] = format_timestamp(now);
    document["created_by"] = actor.label;
    document["updated_at"] = stamp(now);
    document["updated_by"] = actor.label;
    ensure_push_secret(document, random_);
    CXB_CO_TRY(bot_ptr entry, make_entry(document));
    audited_write what;
    what.writes.insert(model::bots, document);
    what.writes.insert(model::bot_versions, version_row(document, actor.label, {}, now, random_));
    what.entry = about_bot("bot.create", document);
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), std::move(what)));
    saved(entry);
    co_return saved_bot{std::move(entry), std::move(accepted.warnings)};
}

store::async<saved_bot> bot_directory::write(std::string id, std::string action, edit_fn edit,
                                             std::optional<std::int64_t> expected_version,
                                             audit_actor actor) {
    bot_ptr entry;
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const stored, co_await store_.find_one(model::bots, store::by_id(id)));
        if (!stored || !wire::text_at(*stored, "deleted_at").empty()) co_return bot_not_found();
        std::int64_t const version = wire::int_at(*stored, "version");
        if (expected_version && *expected_version != version)
            co_return error{errc::precondition_failed, "The bot has another version by now"}
                .with_reason("version_conflict");
        json_object after = *stored;
        CXB_CO_CHECK(edit(after));
        if (after == *stored) {
            CXB_CO_TRY(entry, make_entry(after));
            co_return error{errc::cancelled, "No change"}.with_reason("no_change");
        }
        time_point const now = time_.now();
        after["version"] = version + 1;
        after["updated_at"] = stamp(now);
        after["updated_by"] = actor.label;
        CXB_CO_TRY(entry, make_entry(after));
        audited_write what;
        store::update changes;
        for (auto const& [name, value] : after)
            if (name != "_id") changes.set(name, value);
        for (auto const& [name, value] : *stored)
            if (!after.contains(name)) changes.unset(name);
        what.writes.update_one(
            model::bots,
            store::all_of({store::eq("_id", wire::json_value(id)), store::eq("version", version)}),
            std::move(changes), "version_conflict");
        what.entry = about_bot(action, after);
        what.entry.changes = bot_changes(*stored, after);
        what.writes.insert(
            model::bot_versions,
            version_row(after, actor.label, paths_of(what.entry.changes), now, random_));
        co_return what;
    };
    auto written = co_await audit_.commit(actor, decide);
    // Somebody else was faster: what was sent is merged once with what is there now.
    if (!written && written.error().reason() == "version_conflict" &&
        written.error().code() == errc::conflict)
        written = co_await audit_.commit(actor, decide);
    if (!written && written.error().reason() != "no_change") co_return written.error();
    if (written)
        saved(entry);
    else
        take({entry});
    co_return saved_bot{entry, {}};
}

store::async<saved_bot> bot_directory::change(std::string id, json_object sent,
                                              std::optional<std::int64_t> expected_version,
                                              audit_actor actor) {
    std::vector<std::string> warnings;
    auto const edit = [&](json_object& stored) -> result<void> {
        CXB_TRY(accepted_bot accepted, accept_bot(stored, sent, guard_));
        stored = std::move(accepted.document);
        ensure_push_secret(stored, random_);
        warnings = std::move(accepted.warnings);
        return {};
    };
    CXB_CO_TRY(saved_bot saved, co_await write(std::move(id), "bot.update", edit, expected_version,
                                               std::move(actor)));
    saved.warnings = std::move(warnings);
    co_return saved;
}

store::async<void> bot_directory::remove(std::string id, audit_actor actor) {
    std::string const now = format_timestamp(time_.now());
    auto const edit = [&](json_object& stored) -> result<void> {
        stored["deleted_at"] = now;
        return {};
    };
    CXB_CO_CHECK(co_await write(std::move(id), "bot.delete", edit, {}, std::move(actor)));
    co_return result<void>{};
}

store::async<secret> bot_directory::rotate_push_secret(std::string id, std::chrono::hours overlap,
                                                       audit_actor actor) {
    secret fresh;
    auto const edit = [&](json_object& stored) -> result<void> {
        fresh = contract::webhook::generate_secret(random_);
        return rotate_secret(stored, fresh, time_.now() + overlap);
    };
    CXB_CO_CHECK(
        co_await write(std::move(id), "bot.push_secret_rotate", edit, {}, std::move(actor)));
    co_return fresh;
}

store::async<void> bot_directory::end_old_push_secret(std::string id, audit_actor actor) {
    CXB_CO_CHECK(co_await write(std::move(id), "bot.push_secret_end", &end_old_secret, {},
                                std::move(actor)));
    co_return result<void>{};
}

store::async<void> bot_directory::disable_push(std::string id) {
    auto const edit = [](json_object& stored) -> result<void> {
        if (auto* push = stored.if_contains("post_call_push"); push != nullptr && push->is_object())
            push->as_object()["enabled"] = false;
        return {};
    };
    CXB_CO_CHECK(co_await write(std::move(id), "bot.push_disabled", edit, {},
                                audit_actor::system("CRM answered 410")));
    co_return result<void>{};
}

}  // namespace cxb::api
