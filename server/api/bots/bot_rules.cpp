#include "server/api/bots/bot_rules.hpp"

#include <algorithm>

#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/masking.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/api/push/frozen_push.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr std::string_view server_members[] = {"_id",
                                               "id",
                                               "version",
                                               "created_at",
                                               "created_by",
                                               "updated_at",
                                               "updated_by",
                                               "deleted_at",
                                               "locked",
                                               "locked_by",
                                               "warnings",
                                               "post_call_cache_state",
                                               "live_prompt_cache_state",
                                               "widget_api_key"};

bool is_server_member(std::string_view name) noexcept {
    return std::find(std::begin(server_members), std::end(server_members), name) !=
           std::end(server_members);
}

json_object* push_of(json_object& bot) noexcept {
    auto* push = bot.if_contains("post_call_push");
    return push != nullptr && push->is_object() ? &push->as_object() : nullptr;
}

void drop_push_secrets(json_object& bot) {
    if (auto* push = push_of(bot))
        for (auto const name : signing_members)
            push->erase(name);
}

// Days come in three spellings; everything behind this sees one.
result<void> normalise_hours(json_object& sent) {
    auto* hours = sent.if_contains("active_hours");
    if (hours == nullptr || hours->is_null()) return {};
    CXB_TRY(auto const parsed, domain::parse_active_hours(*hours));
    *hours = domain::to_json(parsed);
    return {};
}

void add_faults(std::vector<fault>& all, error const& cause) {
    for (auto const& one : cause.faults())
        if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    if (cause.faults().empty()) all.push_back({"", cause.detail()});
}

// A template in the host is judged when it is used; a literal host already here.
void check_url(std::vector<fault>& faults, std::string pointer, std::string_view url,
               domain::guard_policy const& guard) {
    auto const scheme_end = url.find("://");
    std::string_view const rest =
        scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
    std::string_view const base =
        url.substr(0, scheme_end == std::string_view::npos
                          ? url.size()
                          : scheme_end + 3 + std::min(rest.find_first_of("/?#"), rest.size()));
    if (base.find("{{") != std::string_view::npos) return;
    if (auto const good = domain::check_url(guard, base); !good)
        faults.push_back({std::move(pointer),
                          "refused by the outbound guard: " + std::string(good.error().reason())});
}

void check_urls(std::vector<fault>& faults, bot_document const& bot,
                domain::guard_policy const& guard) {
    if (bot.pre_call_fetch)
        check_url(faults, "/pre_call_fetch/url", bot.pre_call_fetch->url, guard);
    if (bot.post_call_push)
        check_url(faults, "/post_call_push/url", bot.post_call_push->url, guard);
    auto const provider = [&](auto const& block, char const* at) {
        if (block && block->base_url) check_url(faults, at, *block->base_url, guard);
    };
    provider(bot.stt, "/stt/base_url");
    provider(bot.llm, "/llm/base_url");
    provider(bot.tts, "/tts/base_url");
    provider(bot.post_call_llm, "/post_call_llm/base_url");
    for (std::size_t i = 0; i < bot.tools.size(); ++i)
        if (bot.tools[i].http)
            check_url(faults, "/tools/" + std::to_string(i) + "/http/url", bot.tools[i].http->url,
                      guard);
}

}  // namespace

json_object bot_content(json_object const& stored) {
    json_object out;
    for (auto const& [name, value] : stored)
        if (!is_server_member(name)) out[name] = value;
    drop_push_secrets(out);
    return out;
}

result<accepted_bot> accept_bot(json_object const& stored, json_object sent,
                                domain::guard_policy const& guard) {
    std::vector<fault> faults;
    if (auto const good = normalise_hours(sent); !good) {
        add_faults(faults, good.error());
        sent.erase("active_hours");
    }
    json_object merged = bot_content(stored);
    drop_push_secrets(sent);
    auto unmasked = domain::apply_masked_document(wire::json_value(sent), wire::json_value(merged),
                                                  domain::bot_secrets);
    if (!unmasked)
        add_faults(faults, unmasked.error());
    else
        sent = std::move(unmasked->as_object());
    for (auto& [name, value] : sent)
        if (!is_server_member(name)) merged[name] = std::move(value);
    auto bot = parse_bot_document(wire::json_value(merged));
    if (!bot)
        add_faults(faults, bot.error());
    else
        check_urls(faults, *bot, guard);
    if (!faults.empty()) return invalid_document(std::move(faults));

    accepted_bot out;
    out.document = wire::to_object(*bot);
    for (auto const& [name, value] : bot->unknown.to_object())
        out.warnings.emplace_back(name);
    for (auto const name : server_members)
        if (auto const* kept = stored.if_contains(name)) out.document[name] = *kept;
    auto const* old_push = stored.if_contains("post_call_push");
    if (auto* push = push_of(out.document);
        push != nullptr && old_push != nullptr && old_push->is_object())
        for (auto const name : signing_members)
            if (auto const* kept = old_push->as_object().if_contains(name)) (*push)[name] = *kept;
    if (wire::to_text(out.document).size() > limits::bot_body)
        return error{errc::too_large, "A bot may hold 1 MiB"};
    return out;
}

std::vector<audit_change> bot_changes(json_object const& before, json_object const& after) {
    auto const blank = [](json_object const& bot) {
        return domain::blank_document(wire::json_value(bot), domain::bot_secrets).as_object();
    };
    json_object const old_blank = blank(before);
    json_object const new_blank = blank(after);
    std::vector<audit_change> out;
    for (auto& change : changes_between(before, after, [](std::string_view) { return false; })) {
        if (change.path == "updated_at" || change.path == "updated_by" || change.path == "version")
            continue;
        auto const shown = [&](json_object const& bot) {
            auto const* value = bot.if_contains(change.path);
            return value != nullptr ? *value : wire::json_value();
        };
        wire::json_value old_value = shown(old_blank);
        wire::json_value new_value = shown(new_blank);
        // Only a secret differs: the blanked values look the same.
        if (old_value == new_value) old_value = new_value = "(secret)";
        out.push_back({change.path, std::move(old_value), std::move(new_value)});
    }
    return out;
}

void ensure_push_secret(json_object& bot, random_source& random) {
    auto* push = push_of(bot);
    if (push == nullptr || !wire::bool_at(*push, "sign")) return;
    if (wire::text_at(*push, "signing_secret").empty())
        (*push)["signing_secret"] = contract::webhook::generate_secret(random).reveal();
}

result<void> rotate_secret(json_object& bot, secret const& fresh, time_point old_until) {
    auto* push = push_of(bot);
    if (push == nullptr) return error{errc::conflict, "No post-call push configured"};
    replace_signing_secret(*push, fresh, old_until);
    return {};
}

result<void> end_old_secret(json_object& bot) {
    auto* push = push_of(bot);
    if (push == nullptr) return error{errc::conflict, "No post-call push configured"};
    if (wire::text_at(*push, "signing_secret_old").empty())
        return error{errc::not_found, "No former signing secret"};
    push->erase("signing_secret_old");
    push->erase("signing_old_until");
    return {};
}

json_object shown_bot(bot_entry const& bot) {
    json_object shown =
        domain::mask_document(wire::json_value(bot.stored), domain::bot_secrets).as_object();
    shown.erase("_id");
    shown.erase("deleted_at");
    drop_push_secrets(shown);
    shown["id"] = bot.id;
    return shown;
}

json_object listed_bot(json_object const& stored) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    for (char const* name :
         {"name", "is_active", "timezone", "version", "created_at", "updated_at"})
        if (auto const* value = stored.if_contains(name)) out[name] = *value;
    for (char const* block : {"stt", "llm", "tts"})
        out[std::string(block) + "_provider"] =
            wire::text_at(stored, std::string(block) + ".provider");
    out["policy_type"] = wire::text_at(stored, "conversation_policy.type");
    out["locked"] = false;
    return out;
}

}  // namespace cxb::api
