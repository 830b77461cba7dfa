#pragma once
/// @file
/// Events of a call at the desk: `POST …/calls/{id}/events` (spec 10 §10). The body is one event
/// item of call results (spec 10 §4.2), or `{"events":[…]}` with at most 100; both are read into
/// the list, and the list is what is written.
///
/// `agent_joined`, `agent_left` and `customer_left` act on the call, all others are only stored;
/// repeats are told by `id`. Unknown members are kept: those of an item in place, those beside
/// `events` under `ext`. Thread-safety: plain values, pure functions.

#include <string>
#include <vector>

#include "cxb/contract/call_results/items.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

struct desk_events {
    std::vector<call_results::event_item> events;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(desk_events const&, desk_events const&) = default;
};
/// The parsers read both forms; pointers of faults are those of the form that was sent.
CXB_WIRE_DECLARE(desk_events);

/// The answer.
struct desk_events_ack {
    std::string status = "ok";
    int stored = 0;
    int duplicates = 0;
    friend bool operator==(desk_events_ack const&, desk_events_ack const&) = default;
};
CXB_WIRE_DECLARE(desk_events_ack);

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
