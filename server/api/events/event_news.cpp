#include "server/api/events/event_news.hpp"

#include <algorithm>

#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using store::write_kind;
using wire::json_object;
using wire::json_value;

struct known_type {
    std::string_view type;
    std::string_view topic;
};
constexpr known_type types[] = {
    {"call.created", "calls"},
    {"call.updated", "calls"},
    {"push.updated", "calls"},
    {"fleet.status", "fleet"},
    {"job.dead", "jobs"},
    {"settings.changed", "settings"},
    {"campaign.updated", "campaigns"},
    {"knowledge.document", "knowledge"},
};

// Ids and states of a call: words and flags only.
constexpr std::string_view told_members[] = {
    "bot_id",         "campaign_id", "status",          "disconnected_by", "call_type",
    "call_direction", "is_test",     "was_transferred", "has_recording",   "redacted_at"};
constexpr std::size_t longest_word = 128;

bool is_told(std::string_view name) noexcept {
    return std::ranges::find(told_members, name) != std::end(told_members);
}

bool is_word(json_value const& value) noexcept {
    auto const* text = value.if_string();
    return value.is_bool() || (text != nullptr && text->size() <= longest_word);
}

std::string_view text_of(store::filter const& where, std::string_view field) {
    for (auto const& one : where.all)
        if (one.field == field && one.op == store::compare::eq && one.value.is_string())
            return one.value.get_string();
    for (auto const& branch : where.any)
        if (auto const found = text_of(branch, field); !found.empty()) return found;
    return {};
}

// A write of a call, whether it makes it or changes it.
struct call_write {
    store::write const& what;

    [[nodiscard]] bool makes() const { return what.kind == write_kind::insert; }
    [[nodiscard]] std::string_view session() const {
        return makes() ? wire::text_at(what.document, "session_id")
                       : text_of(what.where, "session_id");
    }
    // The text that is written there, "" for none.
    [[nodiscard]] std::string_view written(std::string_view name) const {
        if (makes()) return wire::text_at(what.document, name);
        for (auto const& one : what.changes.changes())
            if (one.what == store::change::kind::set && one.path == name && one.value.is_string())
                return one.value.get_string();
        return {};
    }
    void states_into(json_object& data) const {
        auto const add = [&data](std::string_view name, json_value const& value) {
            if (is_told(name) && is_word(value)) data[name] = value;
        };
        for (auto const& member : what.document)
            add(member.key(), member.value());
        for (auto const& one : what.changes.changes())
            if (one.what == store::change::kind::set) add(one.path, one.value);
    }
    // Which push the new `push_state` is about: the one written, or the one it is bound to.
    [[nodiscard]] std::string_view push() const {
        auto const fresh = written("push_job");
        return fresh.empty() ? text_of(what.where, "push_job") : fresh;
    }
};

event_news* known_call(std::vector<event_news>& out, std::string_view session) {
    auto const at = std::ranges::find_if(out, [&](event_news const& one) {
        return one.type.starts_with("call.") && wire::text_at(one.data, "session_id") == session;
    });
    return at == out.end() ? nullptr : &*at;
}

void tell_call(std::vector<event_news>& out, call_write const& call, std::string_view session) {
    auto* known = known_call(out, session);
    if (known == nullptr)
        known = &out.emplace_back(
            event_news{call.makes() ? "call.created" : "call.updated", {{"session_id", session}}});
    call.states_into(known->data);
}

void tell_push(std::vector<event_news>& out, call_write const& call, std::string_view session) {
    auto const state = call.written("push_state");
    if (state.empty() || state == "none") return;
    json_object data{{"session_id", session}, {"push_state", state}};
    if (auto const job = call.push(); !job.empty()) data["job_id"] = job;
    out.push_back({"push.updated", std::move(data)});
}

}  // namespace

std::string_view topic_of(std::string_view type) noexcept {
    auto const at = std::ranges::find(types, type, &known_type::type);
    return at == std::end(types) ? std::string_view{} : at->topic;
}

std::vector<event_news> news_of(store::batch const& writes) {
    std::vector<event_news> out;
    for (auto const& one : writes.writes()) {
        if (one.into != &model::calls || one.kind == write_kind::remove) continue;
        call_write const call{one};
        std::string const session(call.session());
        if (session.empty()) continue;
        tell_call(out, call, session);
        tell_push(out, call, session);
    }
    return out;
}

std::optional<event_news> news_of_job(json_object const& row) {
    if (wire::text_at(row, "state") != server::job_state::dead) return std::nullopt;
    event_news out{"job.dead", {{"job_id", wire::text_at(row, "_id")}}};
    for (auto const name : {"kind", "session_id", "bot_id"})
        if (auto const text = wire::text_at(row, name); !text.empty()) out.data[name] = text;
    out.data["attempts"] = wire::int_at(row, "attempts");
    return out;
}

}  // namespace cxb::api
