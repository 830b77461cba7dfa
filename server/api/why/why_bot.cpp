// A bot, in the order in which a config is built (spec 20 §8).
#include <algorithm>

#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/api/config/config_service.hpp"
#include "server/api/why/why_reasons.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

constexpr std::size_t judged_fetches = 10;
constexpr std::size_t failing_fetches = 3;
constexpr std::size_t looked_at = 100;  // newest calls and refusals of a bot
constexpr std::size_t portion = 20;

struct fetch {
    std::string at;
    bool ok = false;
    std::string error;
};

store::filter of_bot(std::string_view id) {
    return store::all_of({store::eq("bot_id", json_value(id))});
}

void note_fetches(json_object const& call, std::vector<fetch>& to) {
    auto const* const log = call.if_contains("integration_log");
    if (log == nullptr || !log->is_array()) return;
    for (auto const& each : log->get_array()) {
        if (!each.is_object()) continue;
        auto const& entry = each.get_object();
        if (wire::text_at(entry, "kind") != "pre_fetch") continue;
        to.push_back({std::string(wire::text_at(entry, "at")), wire::bool_at(entry, "ok"),
                      std::string(wire::text_at(entry, "error"))});
    }
}

// Where the bot wants a refusal, a failed pre-fetch leaves no call but a refusal.
store::async<std::vector<fetch>> newest_fetches(store::document_store& store, std::string bot) {
    std::vector<fetch> out;
    store::find_options calls;
    calls.sort = {{"created_at", true}};
    calls.limit = portion;
    calls.only = {"integration_log"};
    std::size_t seen = 0;
    do {
        CXB_CO_TRY(auto const page, co_await store.find(model::calls, of_bot(bot), calls));
        for (auto const& call : page.items)
            note_fetches(call, out);
        seen += page.items.size();
        calls.after = page.next;
    } while (!calls.after.empty() && out.size() < judged_fetches && seen < looked_at);
    store::find_options refusals;
    refusals.sort = {{"at", true}};
    refusals.limit = looked_at;
    CXB_CO_TRY(auto const refused,
               co_await store.find(model::call_refusals, of_bot(bot), refusals));
    for (auto const& row : refused.items)
        if (wire::text_at(row, "reason") == prefetch_refusal)
            out.push_back({std::string(wire::text_at(row, "at")), false,
                           std::string(wire::text_at(row, "reason"))});
    std::ranges::sort(out, std::greater{}, &fetch::at);
    out.resize(std::min(out.size(), judged_fetches));
    co_return out;
}

store::async<void> judge_prefetch(why_ask const& ask, bot_entry const& bot, why_report& out) {
    auto const& block = bot.bot.pre_call_fetch;
    if (!block || !block->enabled) co_return result<void>{};
    CXB_CO_TRY(auto const fetches, co_await newest_fetches(*ask.api.store, bot.id));
    std::size_t failed = 0;
    std::string since;
    std::string last_error;
    for (auto const& each : fetches) {
        if (each.ok) continue;
        if (failed++ == 0) last_error = each.error;
        since = each.at;
    }
    if (failed < failing_fetches) co_return result<void>{};
    out.add("prefetch_failing", {.evidence = {{"failed", failed},
                                              {"of", fetches.size()},
                                              {"last_error", last_error},
                                              {"on_failure", block->on_failure}},
                                 .since = since});
    co_return result<void>{};
}

void judge_config(why_ask const& ask, bot_ptr const& bot, why_report& out) {
    auto const now = ask.api.time->now();
    if (auto const active = check_bot_active(bot->bot); !active)
        out.add(active.error().reason(), {.evidence = {{"version", bot->version}}});
    if (auto const open = check_bot_open(*bot, now); !open) {
        auto const next =
            domain::next_open_at(bot->hours, domain::time_zone_or_utc(bot->bot.timezone), now);
        out.add(open.error().reason(),
                {.evidence = {{"timezone", bot->bot.timezone},
                              {"start_time", bot->bot.active_hours.start_time},
                              {"end_time", bot->bot.active_hours.end_time}},
                 .next_at = next ? format_timestamp(*next) : ""});
    }
    auto const notes = ask.api.configs->notes_of(bot);
    if (!notes) {
        std::string const detail = notes.error().detail();
        out.add(notes.error().reason(),
                {.evidence = {{"block", detail.substr(detail.rfind(' ') + 1)}}});
        return;
    }
    for (std::string_view const note : *notes)
        if (note.starts_with(key_missing_note))
            out.add("provider_key_missing",
                    {.evidence = {{"provider", note.substr(key_missing_note.size())}}});
}

void judge_cache(bot_entry const& bot, why_report& out) {
    if (!bot.bot.live_prompt_cache.enabled || !bot.bot.is_direct()) return;
    auto const* const state = bot.stored.if_contains("live_prompt_cache_state");
    if (state == nullptr || !state->is_object()) return;
    auto const& known = state->get_object();
    if (wire::text_at(known, "status") != "failed") return;
    json_object evidence;
    for (std::string_view const name : {"provider", "model", "static_version", "expires_at"})
        if (auto const text = wire::text_at(known, name); !text.empty()) evidence[name] = text;
    out.add("prompt_cache_failed", {.evidence = std::move(evidence)});
}

}  // namespace

store::async<void> why_bot(why_ask const& ask, why_report& out) {
    auto const bot = co_await ask.api.bots->read(ask.id);
    if (!bot && bot.error().code() != errc::not_found) co_return bot.error();
    if (!bot) {
        out.add("bot_not_found");
        co_return result<void>{};
    }
    judge_config(ask, *bot, out);
    CXB_CO_CHECK(co_await judge_prefetch(ask, **bot, out));
    judge_cache(**bot, out);
    auto const unmapped = co_await check_not_mapped(*ask.api.store, ask.id);
    if (!unmapped && unmapped.error().code() != errc::conflict) co_return unmapped.error();
    if (unmapped) out.add("no_number_mapped");
    co_return co_await why_fleet(ask.api, out);
}

}  // namespace cxb::api
