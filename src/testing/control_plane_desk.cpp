#include "src/testing/control_plane_desk.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/agent_desk/enqueue_ack.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace desk = contract::agent_desk;

namespace {

constexpr std::string_view waiting_word = "waiting";
constexpr std::string_view active_word = "active";

wire::parse_options whole_body() {
    wire::parse_options out;
    out.max_bytes = limits::enqueue_body;
    return out;
}

// The caller is gone: nobody is left to speak to, or an agent has to finish the call.
void lose_customer(desk_entry& entry) {
    if (entry.status == waiting_word) entry.status = "ended";
    if (entry.status == active_word) entry.status = "wrap_up";
}

bool is_repeat(desk::desk_turn const& known, desk::desk_turn const& turn) {
    if (known.id && turn.id) return known.id == turn.id;
    return known.role == turn.role && known.timestamp == turn.timestamp &&
           known.content == turn.content;
}

result<std::string> take_events(desk_entry& entry, std::string_view body) {
    CXB_TRY(auto posted, desk::parse_desk_events(body, whole_body()));
    desk::desk_events_ack ack;
    for (auto& event : posted.events) {
        bool const known = event.id && std::ranges::any_of(entry.events, [&](auto const& other) {
                               return other.id == event.id;
                           });
        if (known) {
            ++ack.duplicates;
            continue;
        }
        ++ack.stored;
        if (event.type.text() == "agent_joined" && entry.status == waiting_word)
            entry.status = active_word;
        if (event.type.text() == "customer_left") lose_customer(entry);
        entry.events.push_back(std::move(event));
    }
    return serialize(ack);
}

result<std::string> take_turns(desk_entry& entry, std::string_view body) {
    CXB_TRY(auto posted, desk::parse_desk_transcript(body, whole_body()));
    if (posted.mode == desk::transcript_mode::replace) entry.turns.clear();
    desk::desk_transcript_ack ack;
    for (auto& turn : posted.turns) {
        if (std::ranges::any_of(entry.turns,
                                [&](auto const& known) { return is_repeat(known, turn); })) {
            ++ack.duplicates;
        } else if (turn.final) {
            ++ack.stored;
            entry.turns.push_back(std::move(turn));
        }
    }
    return serialize(ack);
}

result<std::string> take_recording(desk_entry& entry, std::string_view body) {
    CXB_TRY(auto posted, desk::parse_desk_recording(body, whole_body()));
    if (!posted.recording_access_token && entry.recording)
        posted.recording_access_token = entry.recording->recording_access_token;
    if (!posted.recording_access_token)
        posted.recording_access_token = contract::recording_token::generate(system_random());
    desk::desk_recording_ack ack;
    ack.recording_access_token = *posted.recording_access_token;
    entry.recording = std::move(posted);
    return serialize(ack);
}

result<std::string> take_disconnection(desk_entry& entry, std::string_view body) {
    CXB_TRY(auto posted, desk::parse_customer_disconnected(body, whole_body()));
    if (!entry.disconnected) entry.disconnected = std::move(posted);
    lose_customer(entry);
    desk::customer_disconnected_ack ack;
    ack.status = entry.status;
    ack.call_id = entry.request.call_id;
    return serialize(ack);
}

struct update_row {
    std::string_view what;
    result<std::string> (*take)(desk_entry& entry, std::string_view body);
};
constexpr update_row updates[] = {{"events", take_events},
                                  {"transcript", take_turns},
                                  {"recording", take_recording},
                                  {"customer-disconnected", take_disconnection}};

}  // namespace

result<std::string> control_plane_desk::enqueue(std::string_view body) {
    CXB_TRY(auto request, desk::parse_enqueue_request(body, whole_body()));
    auto const call_id = request.call_id;
    if (auto const* const known = find(call_id)) {
        if (known->request.room == request.room) return answer_of(*known, true);
        return error{errc::conflict, "The call waits in another room"}.with_reason(
            "call_id_reused");
    }
    bool const handed = std::ranges::any_of(entries_, [&](auto const& one) {
        return parent_of(one.second.request) == parent_of(request);
    });
    if (handed)
        return error{errc::conflict, "The bot's call was handed off before"}.with_reason(
            "parent_already_handed_off");
    desk_entry entry;
    entry.request = std::move(request);
    entry.session_id = make_uuid7(time_.now(), system_random());
    entry.status = waiting_word;
    entry.enqueued_at = time_.now();
    arrivals_.push_back(call_id);
    return answer_of(entries_.emplace(call_id, std::move(entry)).first->second, false);
}

std::string control_plane_desk::answer_of(desk_entry const& entry, bool duplicate) const {
    desk::enqueue_ack ack;
    ack.status = entry.status;
    ack.call_id = entry.request.call_id;
    ack.session_id = entry.session_id;
    auto const queue = waiting();
    auto const place = std::ranges::find(queue, ack.call_id);
    if (place != queue.end()) ack.position = static_cast<int>(place - queue.begin()) + 1;
    ack.waiting_timeout_seconds = conditions.waiting_timeout;
    ack.deadline_at = entry.enqueued_at + conditions.waiting_timeout;
    ack.eligible_available = conditions.eligible_available;
    ack.duplicate = duplicate;
    ack.transcribe = conditions.transcribe;
    return serialize(ack);
}

result<std::string> control_plane_desk::update(std::string_view call_id, std::string_view what,
                                               std::string_view body) {
    auto const entry = entries_.find(call_id);
    if (entry == entries_.end()) return error{errc::not_found, "No such call at the desk"};
    auto const row = std::ranges::find(updates, what, &update_row::what);
    if (row == std::end(updates)) return error{errc::not_found, "Not Found"};
    return row->take(entry->second, body);
}

desk_entry const* control_plane_desk::find(std::string_view call_id) const {
    auto const found = entries_.find(call_id);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> control_plane_desk::waiting() const {
    std::vector<std::string> out;
    auto const priority = [this](std::string const& id) { return find(id)->request.priority; };
    for (auto const& id : arrivals_) {
        if (find(id)->status != waiting_word) continue;
        auto const lower = [&](std::string const& other) { return priority(other) < priority(id); };
        out.insert(std::ranges::find_if(out, lower), id);
    }
    return out;
}

}  // namespace testing
}  // namespace cxb::inline v1
