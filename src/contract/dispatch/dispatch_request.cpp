#include "cxb/contract/dispatch/dispatch_request.hpp"

namespace cxb::inline v1 {
namespace contract::dispatch {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&dispatch_request::room_name>("room_name")
        .required()
        .bytes(1, limits::text)
        .doc("Room the caller waits in."),
    field<&dispatch_request::caller_number>("caller_number")
        .required()
        .personal()
        .doc("Who calls; empty for a withheld number."),
    field<&dispatch_request::dialed_number>("dialed_number")
        .required()
        .bytes(1, limits::text)
        .doc("The number that was called; decides the bot."),
    field<&dispatch_request::call_id>("call_id")
        .pattern(wire::patterns::call_id)
        .doc("Id the call shall have."),
};

}  // namespace

CXB_WIRE_TYPE(dispatch_request,
              wire::table<dispatch_request>("An inbound caller waits in a room.", rows))

}  // namespace contract::dispatch
}  // namespace cxb::inline v1
