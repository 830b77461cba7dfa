#include "cxb/contract/agent_desk/enqueue_ack.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&enqueue_ack::status>("status")
        .required()
        .bytes(1, limits::open_word)
        .doc("State of the waiting call."),
    field<&enqueue_ack::call_id>("call_id").required().doc("As in the request."),
    field<&enqueue_ack::session_id>("session_id").doc("The desk's record of the call."),
    field<&enqueue_ack::position>("position").min(0).doc("Place in the queue; 1 is next."),
    field<&enqueue_ack::waiting_timeout_seconds>("waiting_timeout_seconds")
        .min(0)
        .doc("How long the caller may wait in all."),
    field<&enqueue_ack::deadline_at>("deadline_at").doc("When that is over."),
    field<&enqueue_ack::eligible_available>("eligible_available")
        .min(0)
        .doc("Agents who could take the call now."),
    field<&enqueue_ack::duplicate>("duplicate").doc("It was there already."),
    field<&enqueue_ack::transcribe>("transcribe").doc("Stay in the room and transcribe."),
};

}  // namespace

CXB_WIRE_TYPE(enqueue_ack, wire::table<enqueue_ack>("A caller waits for an agent.", rows))

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
