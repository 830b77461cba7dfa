#include "cxb/contract/agent_desk/desk_transcript.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {
namespace {

using wire::field;

constexpr std::size_t max_turns = 200;

constexpr wire::field_row turn_rows[] = {
    field<&desk_turn::id>("id").doc("By which repeats are told."),
    field<&desk_turn::final>("final").doc("False: shown, and not stored."),
};
constexpr wire::field_row rows[] = {
    field<&desk_transcript::turns>("turns")
        .alias("transcript")
        .max_items(max_turns)
        .tolerant()
        .personal()
        .doc("What was said, in speaking order."),
    field<&desk_transcript::mode>("mode").doc("What becomes of the turns that are there."),
};
constexpr wire::field_row ack_rows[] = {
    field<&desk_transcript_ack::status>("status").doc("ok."),
    field<&desk_transcript_ack::stored>("stored").min(0).doc("Turns that were new."),
    field<&desk_transcript_ack::duplicates>("duplicates").min(0).doc("Turns known before."),
    field<&desk_transcript_ack::tips>("tips")
        .object()
        .max_bytes(limits::item_json)
        .personal()
        .doc("Cards for the agent."),
};

}  // namespace

CXB_WIRE_PART(desk_turn, wire::table<desk_turn>("Something said at the desk.", turn_rows)
                             .merge<call_results::transcript_item>()
                             .keep_unknown<&desk_turn::unknown>(limits::item_json))
CXB_WIRE_TYPE(desk_transcript, wire::table<desk_transcript>("More of a conversation.", rows)
                                   .collect_unknown<&desk_transcript::ext>("ext", limits::ext_json))
CXB_WIRE_TYPE(desk_transcript_ack, wire::table<desk_transcript_ack>("It was stored.", ack_rows))

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
