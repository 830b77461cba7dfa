#include "server/api/bots/bot_rules.hpp"

#include <algorithm>

#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/masking.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/api/bots/unknown_members.hpp"
#include "server/api/bots/web_origin.hpp"
#include "server/api/push/frozen_push.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr std::string_view server_members[] = {"_id",
                                               "id",
                                               "version",
                                               "use_rev",
                                               "state_rev",
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
// Of them, those that an answer always has.
constexpr std::string_view states[] = {"widget_api_key", "post_call_cache_state",
                                       "live_prompt_cache_state"};
// How the audit trail says a secret.
constexpr std::string_view secret_word = "(secret)";
// What every write changes.
constexpr std::string_view write_marks[] = {"version", "updated_at", "updated_by"};

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
    for (auto const& [name, value] : domain::to_json(parsed))
        hours->as_object()[name] = value;
    return {};
}

// One mistake is told once, by whoever saw it first.
void add_fault(std::vector<fault>& all, fault one) {
    bool const told = std::any_of(all.begin(), all.end(),
                                  [&](fault const& other) { return other.pointer == one.pointer; });
    if (!told) all.push_back(std::move(one));
}

void add_faults(std::vector<fault>& all, error const& cause) {
    for (auto const& one : cause.faults())
        add_fault(all, one);
    if (cause.faults().empty()) all.push_back({"", cause.detail()});
}

// A template in the host is judged when it is used; a literal host already here.
void check_url(std::vector<fault>& faults, std::string pointer, json_object const& block,
               std::string_view path, domain::guard_policy const& guard) {
    auto const* const found = wire::find_path(block, path);
    if (found == nullptr || !found->is_string()) return;
    std::string_view const url = found->get_string();
    auto const scheme_end = url.find("://");
    std::string_view const rest =
        scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
    std::string_view const base =
        url.substr(0, scheme_end == std::string_view::npos
                          ? url.size()
                          : scheme_end + 3 + std::min(rest.find_first_of("/?#"), rest.size()));
    if (base.find("{{") != std::string_view::npos) return;
    if (auto const good = domain::check_url(guard, base); !good)
        add_fault(faults, {std::move(pointer),
                           "refused by the outbound guard: " + std::string(good.error().reason())});
}

constexpr std::string_view token_url = "post_call_push.auth.token_url";

// Looks at the document as it was sent: other faults in it must not hide these.
void check_urls(std::vector<fault>& faults, json_object const& bot,
                domain::guard_policy const& guard) {
    constexpr std::string_view paths[] = {"pre_call_fetch.url",
                                          "post_call_push.url",
                                          token_url,
                                          "stt.base_url",
                                          "stt.fallback.base_url",
                                          "llm.base_url",
                                          "llm.fallback.base_url",
                                          "tts.base_url",
                                          "tts.fallback.base_url",
                                          "post_call_llm.base_url",
                                          "post_call_llm.fallback.base_url"};
    for (auto const path : paths) {
        // A stored push has all members of its auth; which type needs the URL its table says.
        if (path == token_url && wire::text_at(bot, path).empty()) continue;
        std::string pointer = "/" + std::string(path);
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        check_url(faults, std::move(pointer), bot, path, guard);
    }
    auto const* const tools = bot.if_contains("tools");
    if (tools == nullptr || !tools->is_array()) return;
    for (std::size_t i = 0; i < tools->get_array().size(); ++i)
        if (auto const* const tool = tools->get_array()[i].if_object())
            check_url(faults, "/tools/" + std::to_string(i) + "/http/url", *tool, "http.url",
                      guard);
}

// One that cannot match would close the widget to everybody.
void check_origins(std::vector<fault>& faults, json_object const& sent) {
    auto const* const list = sent.if_contains("widget_allowed_origins");
    if (list == nullptr || !list->is_array()) return;
    for (std::size_t i = 0; i < list->get_array().size(); ++i)
        if (auto const* const text = list->get_array()[i].if_string(); text && !web_origin(*text))
            faults.push_back({"/widget_allowed_origins/" + std::to_string(i),
                              "must be an origin: https://host or https://host:port"});
}

// A bot of a newer console keeps its policy; until this version knows the type it has no effect.
void warn_of_policy(bot_document const& bot, std::vector<std::string>& warnings) {
    auto const& policy = bot.conversation_policy;
    if (policy && policy->type && !policy->type->known())
        warnings.emplace_back("conversation_policy.type: unknown, the plain prompt is used");
}

// What was sent, laid over what is there.
json_object merge(json_object content, json_object sent) {
    for (auto& [name, value] : sent) {
        if (is_server_member(name)) continue;
        if (value.is_null())
            content.erase(name);
        else
            content[name] = std::move(value);
    }
    return content;
}

void keep_server_members(json_object const& stored, json_object& document) {
    for (auto const name : server_members)
        if (auto const* kept = stored.if_contains(name)) document[name] = *kept;
    auto const* old_push = stored.if_contains("post_call_push");
    auto* const push = push_of(document);
    if (push == nullptr || old_push == nullptr || !old_push->is_object()) return;
    for (auto const name : signing_members)
        if (auto const* kept = old_push->as_object().if_contains(name)) (*push)[name] = *kept;
}

}  // namespace

json_object bot_content(json_object const& stored) {
    json_object out;
    for (auto const& [name, value] : stored)
        if (!is_server_member(name)) out[name] = value;
    drop_push_secrets(out);
    return out;
}

json_object normal_form(json_object const& document) {
    return wire::parse_json(wire::to_text(document)).value().as_object();
}

result<accepted_bot> accept_bot(json_object const& stored, json_object sent,
                                domain::guard_policy const& guard) {
    std::vector<fault> faults;
    if (auto const good = normalise_hours(sent); !good) {
        add_faults(faults, good.error());
        sent.erase("active_hours");
    }
    // Stores read a dot in a name as a step.
    for (auto const& [name, value] : sent)
        if (name.find('.') != name.npos)
            faults.push_back({wire::append_pointer("", name), "has a dot"});
    check_origins(faults, sent);
    json_object content = bot_content(stored);
    drop_push_secrets(sent);
    auto unmasked = domain::apply_masked_document(wire::json_value(sent), wire::json_value(content),
                                                  domain::bot_secrets);
    if (!unmasked)
        add_faults(faults, unmasked.error());
    else
        sent = std::move(unmasked->as_object());
    json_object const merged = merge(std::move(content), std::move(sent));
    auto const bot = parse_bot_document(wire::json_value(merged));
    if (!bot) add_faults(faults, bot.error());
    check_urls(faults, merged, guard);
    if (!faults.empty()) return invalid_document(std::move(faults));

    accepted_bot out;
    json_object document = wire::to_object(*bot);
    out.warnings = keep_unknown_members(wire_table(wire::tag<bot_document>{}), merged, document);
    warn_of_policy(*bot, out.warnings);
    keep_server_members(stored, document);
    if (wire::to_text(document).size() > limits::bot_body)
        return error{errc::too_large, "A bot may hold 1 MiB"};
    out.document = std::move(document);
    return out;
}

result<accepted_bot> accept_whole_bot(json_object const& stored, json_object const& content,
                                      domain::guard_policy const& guard) {
    json_object sent = bot_content(content);
    for (auto const& [name, value] : bot_content(stored))
        sent.emplace(name, nullptr);
    return accept_bot(stored, std::move(sent), guard);
}

std::vector<document_change> bot_diff(json_object const& older, json_object const& newer) {
    json_object const from = normal_form(bot_content(older));
    json_object const to = normal_form(bot_content(newer));
    auto const shown_from = domain::mask_document(wire::json_value(from), domain::bot_secrets);
    auto const shown_to = domain::mask_document(wire::json_value(to), domain::bot_secrets);
    auto out = diff_documents(from, to);
    for (auto& change : out) {
        if (change.old_value) change.old_value = shown_from.at_pointer(change.path);
        if (change.new_value) change.new_value = shown_to.at_pointer(change.path);
    }
    return out;
}

wire::json_array changed_paths(json_object const& before, json_object const& after) {
    auto const plain = [](json_object document) {
        for (auto const name : write_marks)
            document.erase(name);
        return document;
    };
    auto const changes = diff_documents(plain(before), plain(after));
    wire::json_array out;
    for (auto const& change : changes) {
        std::string_view const path = change.path;
        bool const few = changes.size() <= max_changed_paths;
        wire::json_value const told(few ? path : path.substr(0, path.find('/', 1)));
        if (out.empty() || out.back() != told) out.push_back(told);
    }
    return out;
}

std::vector<audit_change> bot_changes(json_object const& before, json_object const& after) {
    auto const blank = [](json_object const& bot) {
        return domain::blank_document(wire::json_value(bot), domain::bot_secrets, secret_word)
            .as_object();
    };
    json_object const old_blank = blank(before);
    json_object const new_blank = blank(after);
    std::vector<audit_change> out;
    for (auto& change : changes_between(before, after, [](std::string_view) { return false; })) {
        bool const always = std::find(std::begin(write_marks), std::end(write_marks),
                                      change.path) != std::end(write_marks);
        if (always) continue;
        auto const shown = [&](json_object const& bot) {
            auto const* value = bot.if_contains(change.path);
            return value != nullptr ? *value : wire::json_value();
        };
        wire::json_value old_value = shown(old_blank);
        wire::json_value new_value = shown(new_blank);
        // Only a secret differs: the blanked values look the same.
        if (old_value == new_value) old_value = new_value = wire::json_value(secret_word);
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

json_object shown_bot(json_object const& stored) {
    json_object shown =
        domain::mask_document(wire::json_value(stored), domain::bot_secrets).as_object();
    for (char const* name : {"_id", "deleted_at", "use_rev", "state_rev"})
        shown.erase(name);
    drop_push_secrets(shown);
    shown["id"] = wire::text_at(stored, "_id");
    for (auto const name : states)
        shown.emplace(name, nullptr);
    return shown;
}

json_object listed_bot(json_object const& stored, bool locked) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    for (char const* name :
         {"name", "is_active", "timezone", "version", "created_at", "updated_at"})
        if (auto const* value = stored.if_contains(name)) out[name] = *value;
    for (char const* block : {"stt", "llm", "tts"})
        out[std::string(block) + "_provider"] =
            wire::text_at(stored, std::string(block) + ".provider");
    out["policy_type"] = wire::text_at(stored, "conversation_policy.type");
    out["locked"] = locked;
    return out;
}

}  // namespace cxb::api
