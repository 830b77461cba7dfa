#include "cxb/domain/result_merge.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cxb/base/limits.hpp"
#include "cxb/domain/call_status.hpp"
#include "cxb/wire/patterns.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

/// Members that say which result this is, and those with rules of their own.
constexpr std::array own_rule = {
    std::string_view{"session_id"}, std::string_view{"result_id"}, std::string_view{"result_seq"},
    std::string_view{"recording_access_token"}, std::string_view{"ext"}};

bool has_own_rule(std::string_view name) {
    return std::ranges::find(own_rule, name) != own_rule.end();
}

bool is_present(json_object const& object, std::string_view name) noexcept {
    auto const* value = object.if_contains(name);
    return value != nullptr && !value->is_null();
}

/// Stores may give whole numbers back as doubles; the canonical form does not care.
bool same_value(json_value const& a, json_value const& b) {
    return a == b || wire::to_canonical(a) == wire::to_canonical(b);
}

std::string_view effective_text(json_object const& stored, json_object const& payload,
                                std::string_view name) noexcept {
    return wire::text_at(is_present(payload, name) ? payload : stored, name);
}

bool has_recording(json_object const& members) noexcept {
    return !wire::text_at(members, "recording_key").empty() ||
           !wire::text_at(members, "recording_url").empty();
}

/// Given (and free), existing and minted token in the order that the decision asks for.
std::string chosen_token(json_object const& stored, result_payload const& payload,
                         merge_context const& context, bool existing_first) {
    auto given = wire::text_at(payload.members, "recording_access_token");
    if (context.token_taken || !matches(wire::patterns::recording_token, given)) given = {};
    auto const existing = wire::text_at(stored, "recording_access_token");
    // A link that somebody has closed must not be opened again by a worker that still names it.
    existing_first = existing_first || is_present(stored, "recording_token_renewed_at");
    for (auto const token : {existing_first ? existing : given, existing_first ? given : existing})
        if (!token.empty()) return std::string(token);
    bool const recorded = has_recording(stored) || has_recording(payload.members);
    return recorded ? context.fresh_token : std::string{};
}

/// Removes the largest members until the rest fits; tells which.
json_array cut_to_fit(json_object& members) {
    json_array dropped;
    auto bytes = wire::to_text(members).size();
    while (bytes > max_conflict_bytes && !members.empty()) {
        auto largest = members.begin();
        std::size_t most = 0;
        for (auto it = members.begin(); it != members.end(); ++it) {
            auto const size = wire::to_text(it->value()).size();
            if (size > most) {
                most = size;
                largest = it;
            }
        }
        dropped.emplace_back(largest->key());
        members.stable_erase(largest);
        bytes = wire::to_text(members).size();
    }
    return dropped;
}

json_array conflicts_of(json_object const& stored) {
    auto const* list = stored.if_contains("result_conflicts");
    return list != nullptr && list->is_array() ? list->get_array() : json_array{};
}

/// Identity of a result, as written into a conflict entry.
struct result_identity {
    std::string_view id;
    std::int64_t seq = 1;
    std::string_view hash;
};

json_array with_conflict(json_array list, std::string_view reason, result_identity const& whose,
                         json_object members, time_point now) {
    auto dropped = cut_to_fit(members);
    json_object entry{{"at", format_timestamp(now)}, {"reason", reason}};
    if (!whose.id.empty()) {
        entry["result_id"] = whose.id;
        entry["result_seq"] = whose.seq;
    }
    if (!whose.hash.empty()) entry["hash"] = whose.hash;
    entry["members"] = std::move(members);
    if (!dropped.empty()) entry["dropped"] = std::move(dropped);
    list.emplace_back(std::move(entry));
    while (list.size() > max_result_conflicts)
        list.erase(list.begin());
    return list;
}

/// A repeated minimal result is told once.
bool is_kept(json_array const& conflicts, std::string_view hash) {
    return std::ranges::any_of(conflicts, [&](json_value const& entry) {
        auto const* object = entry.if_object();
        return object != nullptr && wire::text_at(*object, "reason") == "kept_previous" &&
               wire::text_at(*object, "hash") == hash;
    });
}

result_identity identity_of(json_object const& members, std::string_view hash) {
    return {wire::text_at(members, "result_id"), wire::int_at(members, "result_seq", 1), hash};
}

std::optional<merge_decision> known(json_object const& stored, result_identity const& after) {
    auto const hash = wire::text_at(stored, "result_hash");
    auto const before = identity_of(stored, hash);
    bool const same_id = !after.id.empty() && after.id == before.id;
    if ((same_id && after.seq == before.seq) || (!hash.empty() && hash == after.hash))
        return merge_decision::duplicate;
    if (same_id && after.seq < before.seq) return merge_decision::stale;
    return std::nullopt;
}

merge_decision decide(json_object const& stored, result_payload const& payload, bool by_reaper) {
    if (auto const found = known(stored, identity_of(payload.members, payload.hash))) return *found;
    if (by_reaper) return merge_decision::stale;
    bool const full = !is_minimal(stored) && !wire::bool_at(stored, "result_missing");
    if (full && is_minimal(payload.members)) return merge_decision::kept_previous;
    return merge_decision::updated;
}

/// Lays the payload's unknown members over the stored ones, as long as they fit together.
void set_ext(json_object const& stored, json_value const* given, merge_outcome& out) {
    if (given == nullptr || !given->is_object() || given->get_object().empty()) return;
    json_object ext(out.set.storage());
    if (auto const* old = stored.if_contains("ext"); old != nullptr && old->is_object())
        ext = old->get_object();
    for (auto const& member : given->get_object())
        ext.insert_or_assign(member.key(), member.value());
    if (wire::to_text(ext).size() > limits::ext_json) {
        out.warnings.push_back({"/ext", "unknown members dropped: over 64 KiB with those stored"});
        return;
    }
    out.set["ext"] = std::move(ext);
}

/// The member taken out of the object, null when it has none.
json_value taken(json_object& members, std::string_view name) {
    auto const at = members.find(name);
    if (at == members.end()) return {};
    json_value value = std::move(at->value());
    members.stable_erase(at);
    return value;
}

/// Everything that `stored` and `updated` have in common.
void set_members(json_object const& stored, result_payload& payload, merge_outcome& out) {
    auto& members = payload.members;
    auto const status = status_of(effective_text(stored, members, "disconnected_by"));
    for (auto const& member : members) {
        if (has_own_rule(member.key())) continue;
        auto const* old = stored.if_contains(member.key());
        if (old == nullptr || !same_value(*old, member.value()))
            out.changed.emplace_back(member.key());
    }
    for (auto const& name : payload.cleared)
        if (stored.contains(name)) out.unset.push_back(name);
    auto const ext = taken(members, "ext");
    auto const seq = wire::int_at(members, "result_seq", 1);
    json_value id = taken(members, "result_id");
    for (auto const name : own_rule)
        if (auto const at = members.find(name); at != members.end()) members.stable_erase(at);
    out.set = std::move(members);
    set_ext(stored, &ext, out);
    if (!id.is_null()) {
        out.set["result_id"] = std::move(id);
        out.set["result_seq"] = seq;
    }
    out.set["result_hash"] = payload.hash;
    out.set["status"] = word_of(status);
}

void set_facts(json_object const& stored, merge_context const& context, std::string const& token,
               merge_outcome& out) {
    auto const now = format_timestamp(context.now);
    out.set["updated_at"] = now;
    if (!is_present(stored, "completed_at")) out.set["completed_at"] = now;
    if (context.by_reaper) out.set["result_missing"] = true;
    if (!context.by_reaper && stored.contains("result_missing"))
        out.unset.emplace_back("result_missing");
    if (!token.empty() && token != wire::text_at(stored, "recording_access_token"))
        out.set["recording_access_token"] = token;
}

void store_first(json_object const* stored, result_payload& payload, merge_context const& context,
                 merge_outcome& out) {
    json_object const nothing;
    auto const& before = stored != nullptr ? *stored : nothing;
    std::string const session(payload.session_id());
    auto const token = chosen_token(before, payload, context, false);
    out.effect_round = 1;
    set_members(before, payload, out);
    set_facts(before, context, token, out);
    if (stored != nullptr) return;
    out.insert = true;
    out.set["session_id"] = session;
    out.set["orphan_result"] = true;
    out.set["created_at"] = format_timestamp(context.now);
}

void update(json_object const& stored, result_payload& payload, merge_context const& context,
            merge_outcome& out) {
    bool const reaped = wire::bool_at(stored, "result_missing");
    bool const completes = (reaped || is_minimal(stored)) && !is_minimal(payload.members);
    auto const token = chosen_token(stored, payload, context, true);
    out.effect_round = completes ? 2 : 0;
    out.call_updated = !completes;
    set_members(stored, payload, out);
    set_facts(stored, context, token, out);
    if (completes) return;
    json_object replaced;
    for (auto const& name : out.changed)
        if (is_present(stored, name)) replaced[name] = stored.at(name);
    if (replaced.empty()) return;
    auto const whose = identity_of(stored, wire::text_at(stored, "result_hash"));
    out.set["result_conflicts"] =
        with_conflict(conflicts_of(stored), "replaced", whose, std::move(replaced), context.now);
}

void keep_previous(json_object const& stored, result_payload const& payload,
                   merge_context const& context, merge_outcome& out) {
    auto conflicts = conflicts_of(stored);
    if (is_kept(conflicts, payload.hash)) return;
    json_object members = payload.members;
    members.stable_erase("recording_access_token");
    out.set["result_conflicts"] =
        with_conflict(std::move(conflicts), "kept_previous",
                      identity_of(payload.members, payload.hash), std::move(members), context.now);
    out.set["updated_at"] = format_timestamp(context.now);
}

}  // namespace

bool has_result(json_object const& call) noexcept {
    return !wire::text_at(call, "result_hash").empty() || is_present(call, "completed_at");
}

bool is_minimal(json_object const& members) noexcept {
    if (wire::number_at(members, "call_duration_seconds") > 0) return false;
    auto const* transcript = members.if_contains("transcript");
    if (transcript != nullptr && transcript->is_array() && !transcript->get_array().empty())
        return false;
    return !has_recording(members);
}

std::optional<merge_decision> known_already(json_object const& stored,
                                            posted_result const& posted) {
    if (!has_result(stored)) return std::nullopt;
    auto const& value = posted.value;
    auto const id = value.result_id ? std::string_view(*value.result_id) : std::string_view{};
    return known(stored, {id, value.result_seq, posted.hash});
}

merge_outcome merge_result(json_object const* stored, result_payload payload,
                           merge_context const& context) {
    merge_outcome out{
        .set = json_object(payload.members.storage()), .unset = {}, .changed = {}, .warnings = {}};
    if (stored == nullptr || !has_result(*stored)) {
        out.decision = merge_decision::stored;
        store_first(stored, payload, context, out);
        return out;
    }
    out.decision = decide(*stored, payload, context.by_reaper);
    if (out.decision == merge_decision::updated) update(*stored, payload, context, out);
    if (out.decision == merge_decision::kept_previous)
        keep_previous(*stored, payload, context, out);
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
