#include "cxb/contract/livekit/livekit_event.hpp"

#include "cxb/contract/livekit/webhook.hpp"

namespace cxb::inline v1 {
namespace contract::livekit {
namespace {

using wire::field;
using participant = livekit_participant;

constexpr wire::field_row room_rows[] = {
    field<&livekit_room::sid>("sid").doc("Id of the room."),
    field<&livekit_room::name>("name").doc("Its name."),
    field<&livekit_room::metadata>("metadata").max_bytes(webhook_body).doc("Its metadata."),
};
constexpr wire::field_row participant_rows[] = {
    field<&participant::sid>("sid").doc("Id of the participant."),
    field<&participant::identity>("identity").personal().doc("Name in the room."),
    field<&participant::name>("name").personal().doc("Name shown to people."),
    field<&participant::state>("state").or_integer().doc("ACTIVE, ... or its number."),
    field<&participant::kind>("kind").or_integer().doc("SIP, STANDARD, ... or its number."),
    field<&participant::metadata>("metadata")
        .max_bytes(webhook_body)
        .personal()
        .doc("Kept at the participant."),
    field<&participant::attributes>("attributes")
        .max_bytes(webhook_body)
        .personal()
        .doc("Kept at the participant."),
};
constexpr wire::field_row rows[] = {
    field<&livekit_event::event>("event").required().doc("What happened."),
    field<&livekit_event::id>("id").doc("The same over repeats."),
    field<&livekit_event::createdAt>("createdAt")
        .alias("created_at")
        .from_text()
        .lenient()
        .doc("When, in epoch seconds."),
    field<&livekit_event::room>("room").doc("Where."),
    field<&livekit_event::participant>("participant").personal().doc("Who."),
    field<&livekit_event::track>("track").object().max_bytes(webhook_body).doc("What was sent."),
    field<&livekit_event::egressInfo>("egressInfo")
        .alias("egress_info")
        .object()
        .max_bytes(webhook_body)
        .doc("A recording."),
    field<&livekit_event::ingressInfo>("ingressInfo")
        .alias("ingress_info")
        .object()
        .max_bytes(webhook_body)
        .doc("A stream from outside."),
};

}  // namespace

CXB_WIRE_PART(livekit_room, wire::table<livekit_room>("A room of LiveKit.", room_rows))
CXB_WIRE_PART(livekit_participant,
              wire::table<participant>("Somebody in a room.", participant_rows))
CXB_WIRE_TYPE(livekit_event, wire::table<livekit_event>("Something happened in a room.", rows))

bool is_sip(livekit_participant const& participant) noexcept {
    return participant.kind == "SIP" || participant.kind == "3";
}

}  // namespace contract::livekit
}  // namespace cxb::inline v1
