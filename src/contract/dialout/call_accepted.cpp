#include "cxb/contract/dialout/call_accepted.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&call_accepted::status>("status").doc("Always accepted."),
    field<&call_accepted::call_id>("call_id").required().doc("The worker's id of the call."),
    field<&call_accepted::room_name>("room_name").doc("Room the call takes place in."),
    field<&call_accepted::session_id>("session_id").doc("Session the call will have."),
};

}  // namespace

CXB_WIRE_TYPE(call_accepted, wire::table<call_accepted>("The call has been taken on.", rows))

}  // namespace contract::dialout
}  // namespace cxb::inline v1
