#pragma once
/// @file
/// What LiveKit posts when something happens in a room (spec 10 §2.3), as far as we read it.
/// Unknown members are ignored; names in snake_case and whole numbers as text are read too.
/// Whether it really comes from LiveKit says `livekit/webhook.hpp`.
/// Thread-safety: plain values, pure functions.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::livekit {

/// What happened; the list grows.
enum class event_type {
    room_started,
    room_finished,
    participant_joined,
    participant_left,
    participant_connection_aborted,
    track_published,
    track_unpublished,
    egress_started,
    egress_updated,
    egress_ended,
    ingress_started,
    ingress_ended,
};

}  // namespace contract::livekit

template <>
struct enum_words<contract::livekit::event_type> {
    using e = contract::livekit::event_type;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::room_started, "room_started"},
        {e::room_finished, "room_finished"},
        {e::participant_joined, "participant_joined"},
        {e::participant_left, "participant_left"},
        {e::participant_connection_aborted, "participant_connection_aborted"},
        {e::track_published, "track_published"},
        {e::track_unpublished, "track_unpublished"},
        {e::egress_started, "egress_started"},
        {e::egress_updated, "egress_updated"},
        {e::egress_ended, "egress_ended"},
        {e::ingress_started, "ingress_started"},
        {e::ingress_ended, "ingress_ended"}};
};

namespace contract::livekit {

struct livekit_room {
    std::string sid;
    std::string name;
    std::string metadata;
    friend bool operator==(livekit_room const&, livekit_room const&) = default;
};
CXB_WIRE_DECLARE_PART(livekit_room);

/// | field      | absent means | meaning                                                      |
/// |------------|--------------|--------------------------------------------------------------|
/// | sid        | ""           |                                                              |
/// | identity   | ""           | name in the room, `sip_…` of a caller; personal              |
/// | name       | ""           | personal                                                     |
/// | state      | ""           | `ACTIVE`, …, or its number                                   |
/// | kind       | ""           | `SIP`, `STANDARD`, …, or its number: `is_sip`                |
/// | metadata   | ""           |                                                              |
/// | attributes | empty        | `sip.callID`, `sip.phoneNumber`, `sip.h.…`; personal         |
struct livekit_participant {
    std::string sid;
    std::string identity;
    std::string name;
    std::string state;
    std::string kind;
    std::string metadata;
    std::map<std::string, std::string> attributes;
    friend bool operator==(livekit_participant const&, livekit_participant const&) = default;
};
CXB_WIRE_DECLARE_PART(livekit_participant);

/// | field     | absent means | meaning                                                       |
/// |-----------|--------------|---------------------------------------------------------------|
/// | event     | required     | what happened                                                 |
/// | id        | none         | the same over repeats of one event                            |
/// | createdAt | unknown      | epoch seconds; alias created_at                               |
/// | room      | none         |                                                               |
/// | participant | none       |                                                               |
/// | track, egressInfo, ingressInfo | none | objects as LiveKit has them (aliases in snake_case) |
struct livekit_event {
    open_enum<event_type> event;
    std::optional<std::string> id;
    std::optional<std::int64_t> createdAt;
    std::optional<livekit_room> room;
    std::optional<livekit_participant> participant;
    std::optional<wire::raw_json> track;
    std::optional<wire::raw_json> egressInfo;
    std::optional<wire::raw_json> ingressInfo;
    friend bool operator==(livekit_event const&, livekit_event const&) = default;
};
CXB_WIRE_DECLARE(livekit_event);

/// A telephone, not a browser or a bot.
[[nodiscard]] bool is_sip(livekit_participant const& participant) noexcept;

}  // namespace contract::livekit
}  // namespace cxb::inline v1
CXB_EXPORT_END
