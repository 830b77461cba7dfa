// What is written about bots: each write with its version and its audit row in one transaction.
#include <algorithm>
#include <set>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/policy_prompt.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/api/bots/bot_versions.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {

// One change of an existing bot.
struct bot_directory::edit {
    std::string action;
    std::function<result<void>(wire::json_object& stored)> apply;
    std::string note{};
    std::optional<std::int64_t> expected_version{};
    bool not_while_locked = false;
    bool not_while_mapped = false;
};

namespace {

namespace model = server::model;
using wire::json_object;

constexpr int copies_at_once = 50;
constexpr std::string_view moved = "version_conflict";
constexpr std::string_view unchanged = "no_change";
constexpr std::size_t widget_key_bytes = 24;  // 32 characters

audit_entry about_bot(std::string action, json_object const& bot) {
    return {std::move(action),
            "bot",
            std::string(wire::text_at(bot, "_id")),
            std::string(wire::text_at(bot, "name")),
            {}};
}

// A secret that was stored plain is sealed by the next save (spec 20 §3.5), so it is written anew.
bool has_secret(std::string_view name, wire::json_value const& value) {
    wire::json_value const member = json_object{{name, value}};
    return domain::blank_document(member, domain::bot_secrets) != member;
}

// Cut so that name and ending fit, never inside a character.
std::string copy_name(std::string_view name, int number) {
    std::string const ending = number == 1 ? " (Copy)" : " (Copy " + std::to_string(number) + ")";
    std::size_t length = std::min(name.size(), bot_name_bytes - ending.size());
    while (length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U)
        --length;
    return std::string(name.substr(0, length)) + ending;
}

store::async<std::string> free_copy_name(store::document_store& store, std::string name) {
    for (int first = 1; first <= max_copies; first += copies_at_once) {
        wire::json_array wanted;
        for (int i = 0; i < copies_at_once; ++i)
            wanted.push_back(wire::json_value(copy_name(name, first + i)));
        store::find_options options;
        options.only = {"name"};
        options.limit = 0;
        CXB_CO_TRY(
            auto const taken,
            co_await store.find(
                model::bots,
                store::all_of({store::in("name", wanted), store::missing("deleted_at")}), options));
        std::set<std::string_view> names;
        for (auto const& bot : taken.items)
            names.insert(wire::text_at(bot, "name"));
        for (auto const& one : wanted)
            if (!names.contains(one.as_string())) co_return std::string(one.as_string());
    }
    co_return error{errc::conflict, "Too many copies of this bot; give a name"};
}

bool has_post_call_prompt(json_object const& bot) {
    return !wire::text_at(bot, "post_call_analysis_prompt").empty() ||
           !wire::text_at(bot, "qc_prompt").empty();
}

char const* word_of(cache_step step) noexcept {
    switch (step) {
        case cache_step::enable:
            return "bot.post_call_cache_enable";
        case cache_step::disable:
            return "bot.post_call_cache_disable";
        case cache_step::refresh:
            return "bot.post_call_cache_refresh";
    }
    return "";
}

}  // namespace

result<void> check_no_policy(bot_entry const& bot) {
    if (!domain::active_policy_type(bot.bot.conversation_policy)) return {};
    return error{errc::conflict, "Live prompt cache is not available for policy bots"};
}

// The bot as it will be stored, with what has to be written besides.
result<bot_ptr> bot_directory::settle(json_object document, store::batch& together) const {
    CXB_TRY(auto entry, make_bot_entry(document));
    if (!before_saving_) return entry;
    before_saving_(*entry, document, together);
    document = normal_form(document);
    if (document == entry->stored) return entry;
    return make_bot_entry(std::move(document));
}

result<audited_write> bot_directory::new_bot(json_object content, std::string action,
                                             std::string note, audit_actor const& actor,
                                             saved_bot& made) const {
    CXB_TRY(accepted_bot accepted, accept_bot({}, std::move(content), guard_));
    time_point const now = time_.now();
    json_object& document = accepted.document;
    document["_id"] = make_hex24(now, random_);
    document["version"] = 1;
    document["created_at"] = format_timestamp(now);
    document["created_by"] = actor.label;
    document["updated_at"] = stamp(now);
    document["updated_by"] = actor.label;
    ensure_push_secret(document, random_);
    document = normal_form(document);
    audited_write what;
    CXB_TRY(made.bot, settle(document, what.writes));
    made.warnings = std::move(accepted.warnings);
    what.writes.insert(model::bots, made.bot->stored);
    what.writes.insert(model::bot_versions,
                       version_row(document, {}, std::move(note), now, random_));
    what.entry = about_bot(std::move(action), document);
    return what;
}

store::async<saved_bot> bot_directory::create(json_object sent, audit_actor actor) {
    saved_bot made;
    CXB_CO_TRY(auto what, new_bot(std::move(sent), "bot.create", "", actor, made));
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), std::move(what)));
    saved(made.bot);
    co_return made;
}

store::async<saved_bot> bot_directory::clone(std::string id, std::optional<std::string> name,
                                             audit_actor actor) {
    saved_bot made;
    // Names are looked up inside the sequence of audited writes: of two copies each gets its own.
    auto const decide_copy = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(bot_ptr const source, co_await read(id));
        json_object content = bot_content(source->stored);
        if (name) {
            content["name"] = *name;
        } else {
            CXB_CO_TRY(std::string const free, co_await free_copy_name(store_, source->bot.name));
            content["name"] = free;
        }
        co_return new_bot(std::move(content), "bot.clone", "copy of " + id, actor, made);
    };
    CXB_CO_CHECK(co_await audit_.commit(actor, decide_copy));
    saved(made.bot);
    co_return made;
}

// `entry` is the bot as it will be. A change of nothing is `cancelled`.
store::async<audited_write> bot_directory::decide(std::string const& id, edit const& what,
                                                  audit_actor const& actor, bot_ptr& entry) {
    CXB_CO_TRY(auto const stored, co_await store_.find_one(model::bots, store::by_id(id)));
    if (!stored || !wire::text_at(*stored, "deleted_at").empty())
        co_return error{errc::not_found, "Bot not found"};
    if (what.not_while_locked) CXB_CO_CHECK(co_await check_not_locked(store_, id));
    if (what.not_while_mapped) CXB_CO_CHECK(co_await check_not_mapped(store_, id));
    std::int64_t const version = wire::int_at(*stored, "version");
    if (what.expected_version && *what.expected_version != version)
        co_return error{errc::precondition_failed, "The bot has another version by now"}
            .with_reason(std::string(moved));
    json_object const before = normal_form(*stored);
    json_object after = before;
    CXB_CO_CHECK(what.apply(after));
    after = normal_form(after);
    if (after == before) {
        CXB_CO_TRY(entry, make_bot_entry(after));
        co_return error{errc::cancelled, "No change"}.with_reason(std::string(unchanged));
    }
    time_point const now = time_.now();
    after["version"] = version + 1;
    after["updated_at"] = stamp(now);
    after["updated_by"] = actor.label;
    audited_write out;
    CXB_CO_TRY(entry, settle(after, out.writes));
    out.writes.update_one(model::bots, still_as_read(*stored),
                          model::update_between(before, entry->stored, &has_secret),
                          std::string(moved));
    out.entry = about_bot(what.action, after);
    out.entry.changes = bot_changes(before, after);
    out.writes.insert(model::bot_versions,
                      version_row(after, changed_paths(before, after), what.note, now, random_));
    co_return out;
}

store::async<saved_bot> bot_directory::write(std::string id, edit what, audit_actor actor) {
    bot_ptr entry;
    auto const decision = [&]() -> store::async<audited_write> {
        co_return co_await decide(id, what, actor, entry);
    };
    auto written = co_await audit_.commit(actor, decision);
    // Somebody else was faster: what was sent is merged once with what is there now.
    bool const overtaken =
        !written && written.error().code() == errc::conflict && written.error().reason() == moved;
    if (overtaken) written = co_await audit_.commit(actor, decision);
    if (!written && written.error().reason() != unchanged) co_return written.error();
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
    edit what{.action = "bot.update", .apply = [&](json_object& stored) -> result<void> {
                  CXB_TRY(accepted_bot accepted, accept_bot(stored, sent, guard_));
                  stored = std::move(accepted.document);
                  ensure_push_secret(stored, random_);
                  warnings = std::move(accepted.warnings);
                  return {};
              }};
    what.expected_version = expected_version;
    what.not_while_locked = true;
    CXB_CO_TRY(saved_bot saved, co_await write(std::move(id), std::move(what), std::move(actor)));
    saved.warnings = std::move(warnings);
    co_return saved;
}

store::async<void> bot_directory::remove(std::string id, audit_actor actor) {
    std::string const now = format_timestamp(time_.now());
    edit what{.action = "bot.delete", .apply = [&](json_object& stored) -> result<void> {
                  stored["deleted_at"] = now;
                  return {};
              }};
    what.not_while_locked = true;
    what.not_while_mapped = true;
    CXB_CO_CHECK(co_await write(std::move(id), std::move(what), std::move(actor)));
    co_return result<void>{};
}

store::async<saved_bot> bot_directory::restore(std::string id, std::int64_t version,
                                               audit_actor actor) {
    CXB_CO_CHECK(co_await read(id));
    CXB_CO_TRY(json_object const former, co_await find_version(store_, id, version));
    std::vector<std::string> warnings;
    edit what{.action = "bot.restore", .apply = [&](json_object& stored) -> result<void> {
                  CXB_TRY(accepted_bot accepted, accept_whole_bot(stored, former, guard_));
                  stored = std::move(accepted.document);
                  ensure_push_secret(stored, random_);
                  warnings = std::move(accepted.warnings);
                  return {};
              }};
    what.note = "restore of version " + std::to_string(version);
    what.not_while_locked = true;
    CXB_CO_TRY(saved_bot saved, co_await write(std::move(id), std::move(what), std::move(actor)));
    saved.warnings = std::move(warnings);
    co_return saved;
}

store::async<saved_bot> bot_directory::set_post_call_cache(std::string id, cache_step step,
                                                           audit_actor actor) {
    edit what{.action = word_of(step), .apply = [&](json_object& stored) -> result<void> {
                  if (step != cache_step::disable && !has_post_call_prompt(stored))
                      return error{errc::conflict, "No post-call prompt to cache"};
                  bool const refresh = step == cache_step::refresh;
                  bool const enabled = refresh ? wire::bool_at(stored, "post_call_cache.enabled")
                                               : step == cache_step::enable;
                  auto const former = wire::int_at(stored, "post_call_cache.version_override");
                  json_object sent{
                      {"post_call_cache",
                       {{"enabled", enabled}, {"version_override", former + (refresh ? 1 : 0)}}}};
                  CXB_TRY(accepted_bot accepted, accept_bot(stored, std::move(sent), guard_));
                  stored = std::move(accepted.document);
                  if (refresh)
                      stored["post_call_cache_state"] =
                          json_object{{"refreshed_at", format_timestamp(time_.now())},
                                      {"refreshed_by", actor.label}};
                  return {};
              }};
    what.not_while_locked = step != cache_step::refresh;
    co_return co_await write(std::move(id), std::move(what), actor);
}

store::async<saved_bot> bot_directory::set_live_prompt_cache(std::string id, bool enabled,
                                                             audit_actor actor) {
    edit what{.action = enabled ? "bot.live_prompt_cache_enable" : "bot.live_prompt_cache_disable",
              .apply = [&](json_object& stored) -> result<void> {
                  CXB_TRY(auto const bot, make_bot_entry(stored));
                  if (enabled) CXB_CHECK(check_no_policy(*bot));
                  auto const& retention = bot->bot.live_prompt_cache.retention;
                  json_object sent{
                      {"live_prompt_cache", {{"enabled", enabled}, {"retention", retention}}}};
                  CXB_TRY(accepted_bot accepted, accept_bot(stored, std::move(sent), guard_));
                  stored = std::move(accepted.document);
                  return {};
              }};
    what.not_while_locked = true;
    co_return co_await write(std::move(id), std::move(what), std::move(actor));
}

store::async<std::string> bot_directory::make_widget_key(std::string id, audit_actor actor) {
    std::string key;
    edit what{.action = "bot.widget_key_make", .apply = [&](json_object& stored) -> result<void> {
                  std::array<char, widget_key_bytes> bytes{};
                  random_.fill(std::as_writable_bytes(std::span{bytes}));
                  key = "wk_" + to_base64url({bytes.data(), bytes.size()});
                  stored["widget_api_key"] = key;
                  return {};
              }};
    CXB_CO_CHECK(co_await write(std::move(id), std::move(what), std::move(actor)));
    co_return key;
}

store::async<void> bot_directory::end_widget_key(std::string id, audit_actor actor) {
    edit what{.action = "bot.widget_key_end", .apply = [](json_object& stored) -> result<void> {
                  if (stored.erase("widget_api_key") == 0)
                      return error{errc::not_found, "No widget key"};
                  return {};
              }};
    CXB_CO_CHECK(co_await write(std::move(id), std::move(what), std::move(actor)));
    co_return result<void>{};
}

store::async<secret> bot_directory::rotate_push_secret(std::string id, std::chrono::hours overlap,
                                                       audit_actor actor) {
    secret fresh;
    edit what{.action = "bot.push_secret_rotate",
              .apply = [&](json_object& stored) -> result<void> {
                  fresh = contract::webhook::generate_secret(random_);
                  return rotate_secret(stored, fresh, time_.now() + overlap);
              }};
    CXB_CO_CHECK(co_await write(std::move(id), std::move(what), std::move(actor)));
    co_return fresh;
}

store::async<void> bot_directory::end_old_push_secret(std::string id, audit_actor actor) {
    edit what{.action = "bot.push_secret_end", .apply = &end_old_secret};
    CXB_CO_CHECK(co_await write(std::move(id), std::move(what), std::move(actor)));
    co_return result<void>{};
}

store::async<void> bot_directory::disable_push(std::string id) {
    edit what{.action = "bot.push_disabled", .apply = [](json_object& stored) -> result<void> {
                  if (auto* push = stored.if_contains("post_call_push");
                      push != nullptr && push->is_object())
                      push->as_object()["enabled"] = false;
                  return {};
              }};
    CXB_CO_CHECK(
        co_await write(std::move(id), std::move(what), audit_actor::system("CRM answered 410")));
    co_return result<void>{};
}

}  // namespace cxb::api
