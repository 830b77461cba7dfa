#include "cxb/contract/agent_desk/customer_disconnected.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {
namespace {

using wire::field;
using notice = customer_disconnected;

constexpr wire::field_row rows[] = {
    field<&notice::reason>("reason").doc("As the worker or carrier says."),
    field<&notice::timestamp>("timestamp").doc("When; absent: now."),
};
constexpr wire::field_row ack_rows[] = {
    field<&customer_disconnected_ack::status>("status").required().doc("State of the call."),
    field<&customer_disconnected_ack::call_id>("call_id").required().doc("As in the path."),
};

}  // namespace

CXB_WIRE_TYPE(customer_disconnected, wire::table<notice>("The caller is gone.", rows)
                                         .collect_unknown<&notice::ext>("ext", limits::ext_json))
CXB_WIRE_TYPE(customer_disconnected_ack,
              wire::table<customer_disconnected_ack>("It is known.", ack_rows))

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
