#include "server/api/why/why_codes.hpp"

#include <algorithm>
#include <string>

#include "cxb/wire/json.hpp"

namespace cxb::api {
namespace {

using enum why_verdict;
using wire::json_array;
using wire::json_object;

constexpr why_kind kinds[] = {
    {"bot", "id of the bot", "worker", &why_bot},
    {"call", "session_id", "", &why_call},
    {"push", "session_id", "", &why_push},
    {"recording", "session_id", "", &why_recording},
    {"worker", "URL of the host, percent-encoded", "", &why_worker},
    {"number", "E.164", "bot", &why_number},
};

// The codes of a kind stand in the order of the rules.
constexpr why_code codes[] = {
    // --- bot: configs, 20 §8 ---
    {"bot", "bot_not_found", blocked, "There is no such bot, or it was deleted.",
     "Use the id of an existing bot; a number or campaign that names this one needs another."},
    {"bot", "bot_inactive", blocked, "The bot is switched off: its configs are refused.",
     "Set is_active of the bot to true."},
    {"bot", "outside_active_hours", waiting, "The bot is closed at this hour.",
     "Wait until next_at, or change the bot's active_hours or timezone."},
    {"bot", "bot_incomplete", blocked,
     "A speech or language block is missing, and production knows no stand-in.",
     "Fill the block of the bot, or voice_defaults of the settings."},
    {"bot", "provider_key_missing", blocked,
     "There is no key for a provider of this bot: its workers will be refused there.",
     "Put the provider's key into the settings, or api_key into the block of the bot; one with a "
     "base_url of its own needs its own key."},
    {"bot", "prefetch_failing", failed, "At least 3 of the last 10 CRM pre-fetches failed.",
     "Look at the errors in the integration log of the calls; check pre_call_fetch of the bot."},
    {"bot", "prompt_cache_failed", failed,
     "The live prompt cache could not be made: calls run without it.",
     "See last_error of live_prompt_cache_state of the bot, then refresh the cache."},
    {"bot", "no_number_mapped", ok, "No number of a carrier or of Exotel leads to this bot.",
     "Nothing for outbound and web calls; for inbound ones map a number to it."},
    // --- call ---
    {"call", "call_not_found", blocked, "No call has this session_id.",
     "Check the id. Without a config request there is no call; removed ones leave nothing."},
    {"call", "config_refused", blocked, "The worker asked for a config and was refused.",
     "Ask why of the bot; the reason of the refusal is in the evidence."},
    {"call", "linkage_rejected", failed,
     "The config named a campaign contact that does not exist: the call runs without campaign.",
     "Check _campaign_id and _campaign_call_id of who dialled."},
    {"call", "running", waiting, "The call has no result yet.",
     "Wait. Without a result it is ended by us at next_at."},
    {"call", "result_missing", failed, "The worker never sent a result; we ended the call.",
     "Look at the worker's log and outbox; a later result still takes the place of ours."},
    {"call", "orphan_result", failed, "A result came for a call that never asked for a config.",
     "Check that the worker posts to the control plane its config came from; without a known "
     "bot_id in the result there is no push."},
    {"call", "finished", ok, "The call has its result.", "Nothing to do."},
    // --- push: 21 §1.3, §3 ---
    {"push", "redacted", blocked, "The call was redacted: nothing of it is pushed any more.",
     "Nothing can be done."},
    {"push", "not_finished", waiting, "The call has no result yet; a push follows the result.",
     "Wait for the result; ask why of the call."},
    {"push", "no_push_config", blocked, "The bot has no post_call_push.",
     "Give the bot a post_call_push, then push the call again (mode rebuild)."},
    {"push", "push_disabled", blocked, "The bot's post_call_push is or was switched off.",
     "Set post_call_push.enabled to true, then push the call again. A CRM that answers 410 "
     "switches it off."},
    {"push", "skip_post_push", blocked, "The call was started with skip_post_push.",
     "Push the call by hand, if it is wanted after all."},
    {"push", "agent_call", blocked, "The call was an agent's, and the bot pushes only its own.",
     "Set post_call_push.include_agent_calls to true, then push the call again."},
    {"push", "host_paused", waiting,
     "The CRM's host failed ten times in a row: it is left alone until next_at.",
     "Check that the host of the CRM answers; the push goes on by itself."},
    {"push", "retrying", waiting, "The CRM did not take it; it is sent again at next_at.",
     "Look at status and error of the last attempt."},
    {"push", "queued", waiting, "The push is due or being sent.",
     "Wait. If it stays so, look at the job workers in /ops/status."},
    {"push", "cancelled", blocked, "Somebody cancelled the push.", "Push the call again."},
    {"push", "dead", failed, "The push was given up.",
     "Mend what the last error says, then push the call again (same, or rebuild)."},
    {"push", "delivered", ok, "The CRM took the push.", "Nothing to do."},
    // --- recording: 21 §4 ---
    {"recording", "redacted", blocked, "The call was redacted: its recording was removed.",
     "Nothing can be done."},
    {"recording", "retention", blocked, "The recording was removed when its time was over.",
     "Raise recordings_days of the retention settings for later calls."},
    {"recording", "no_key", blocked, "Neither result nor upload named a recording.",
     "Check recording.enabled of the bot, and the worker's upload."},
    {"recording", "token_missing", blocked, "The call has no public link.",
     "Make one with POST /calls/{id}/recording-token."},
    {"recording", "storage_error", failed, "An object store could not be asked.",
     "Check the minio settings and objects.url; POST /settings/minio/test tries the former."},
    {"recording", "fleet_unreachable", failed,
     "No store has the object, and a worker host that may have it could not be asked.",
     "Bring the host back, or look there for the file."},
    {"recording", "object_missing", blocked, "No store and no worker host has the object.",
     "Look whether the upload failed on the worker; a repeated upload is taken."},
    {"recording", "ready", ok, "The recording can be played.", "Nothing to do."},
    // --- worker: 21 §5 ---
    {"worker", "no_fleet", blocked, "No worker host is configured.",
     "Add worker hosts with PUT /settings/fleet."},
    {"worker", "not_in_fleet", blocked, "This URL is no worker host of ours.",
     "Add it with PUT /settings/fleet, or ask for a URL of GET /fleet/status."},
    {"worker", "unreachable", failed, "The host gives no usable /health/fleet.",
     "Check host, network and process; the evidence says what went wrong."},
    {"worker", "draining", waiting, "All workers of the host finish their calls and take no more.",
     "Wait for the restart, or start the host's workers again."},
    {"worker", "full", waiting, "Every slot of the host has a call.",
     "Wait for calls to end, or add workers."},
    {"worker", "reserved", waiting,
     "The free slots of the host are held for calls being handed over.",
     "Wait: holds last 15 s, and 30 s after a call was taken."},
    {"worker", "free", ok, "There are free slots.", "Nothing to do."},
    // --- number: 21 §6, §7 ---
    {"number", "no_did", blocked, "No carrier has this number.",
     "Add the number to its carrier with POST /carriers/{id}/dids."},
    {"number", "wrong_direction", blocked, "The number is for outbound calls only.",
     "Set direction of the number to inbound or both."},
    {"number", "no_bot", blocked, "The number leads to no bot.", "Set bot_id of the number."},
    {"number", "carrier_disabled", blocked, "The carrier of the number is switched off.",
     "Set enabled of the carrier to true."},
    {"number", "carrier_not_synced", blocked,
     "LiveKit does not know the carrier as it is stored here.",
     "See lk_sync_error of the carrier; POST /carriers/{id}/sync tries at once."},
};

constexpr std::string_view verdicts[] = {"ok", "waiting", "blocked", "failed"};

json_object text_schema(std::string_view description) {
    return {{"type", "string"}, {"description", description}};
}

// Kind by kind: what each code means, and what is to be done.
std::string listing() {
    std::string out = "First the reason that holds the subject up. Codes:";
    for (auto const& each : codes)
        out.append("\n- ")
            .append(each.kind)
            .append(": `")
            .append(each.code)
            .append("` (")
            .append(word_of(each.verdict))
            .append("): ")
            .append(each.text)
            .append(" ")
            .append(each.fix);
    return out;
}

json_object reason_schema() {
    json_array words;
    for (auto const& each : codes)
        if (std::ranges::find(words, wire::json_value(each.code)) == words.end())
            words.push_back(wire::json_value(each.code));
    json_object code = text_schema("Stable word of the rule");
    code["enum"] = std::move(words);
    json_object moment = text_schema("When it changes or is tried again");
    moment["format"] = "date-time";
    json_object since = text_schema("Since when it is so");
    since["format"] = "date-time";
    return {{"type", "object"},
            {"required", {"code", "text", "evidence", "fix"}},
            {"properties",
             {{"code", std::move(code)},
              {"text", text_schema("The rule in words")},
              {"since", std::move(since)},
              {"next_at", std::move(moment)},
              {"evidence", {{"type", "object"}, {"description", "Facts: ids, times, counts"}}},
              {"fix", text_schema("What can be done")}}}};
}

std::string make_schema() {
    json_array names;
    for (auto const& each : kinds)
        names.push_back(wire::json_value(each.name));
    json_object checked = text_schema("Moment of the question");
    checked["format"] = "date-time";
    json_object const schema{
        {"title", "why"},
        {"type", "object"},
        {"required", {"subject", "verdict", "reasons", "checked_at"}},
        {"properties",
         {{"subject",
           {{"type", "object"},
            {"required", {"kind", "id"}},
            {"properties",
             {{"kind", {{"type", "string"}, {"enum", std::move(names)}}},
              {"id", text_schema("As it was asked for")}}}}},
          {"verdict",
           {{"type", "string"}, {"enum", json_array(std::begin(verdicts), std::end(verdicts))}}},
          {"reasons", {{"type", "array"}, {"description", listing()}, {"items", reason_schema()}}},
          {"checked_at", std::move(checked)}}}};
    return wire::to_text(schema);
}

}  // namespace

std::string_view word_of(why_verdict verdict) noexcept {
    return verdicts[static_cast<std::size_t>(verdict)];
}

std::span<why_code const> why_codes() noexcept {
    return codes;
}

std::span<why_kind const> why_kinds() noexcept {
    return kinds;
}

why_kind const* find_why_kind(std::string_view name) noexcept {
    auto const* const found = std::ranges::find(kinds, name, &why_kind::name);
    return found == std::end(kinds) ? nullptr : found;
}

why_code const* find_why_code(why_kind const& kind, std::string_view code) noexcept {
    for (auto const& each : codes)
        if (each.kind == kind.name && each.code == code) return &each;
    auto const* const also = find_why_kind(kind.also);
    return also == nullptr ? nullptr : find_why_code(*also, code);
}

std::string_view why_schema() {
    static std::string const text = make_schema();
    return text;
}

}  // namespace cxb::api
