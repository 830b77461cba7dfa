#include "cxb/contract/lookup/numbers.hpp"

namespace cxb::inline v1 {
namespace contract::lookup {
namespace {

using wire::field;

constexpr wire::field_row did_rows[] = {
    field<&did_binding::bot_id>("bot_id").required().doc("Bot that answers the number."),
    field<&did_binding::carrier_id>("carrier_id").doc("Carrier the number belongs to."),
    field<&did_binding::did_id>("did_id").doc("Id of the number itself."),
};

constexpr wire::field_row trunk_rows[] = {
    field<&outbound_trunk::trunk_id>("trunk_id").required().doc("Trunk of the room server."),
    field<&outbound_trunk::number>("number").doc("Number to show."),
    field<&outbound_trunk::carrier_id>("carrier_id").doc("Carrier of the trunk."),
    field<&outbound_trunk::outbound_cps>("outbound_cps").min(0).doc("New calls a second."),
    field<&outbound_trunk::outbound_burst>("outbound_burst")
        .min(0)
        .doc("Calls that may start together."),
    field<&outbound_trunk::outbound_channels>("outbound_channels").min(0).doc("Calls at once."),
};

}  // namespace

CXB_WIRE_TYPE(did_binding, wire::table<did_binding>("The bot of a dialled number.", did_rows))
CXB_WIRE_TYPE(outbound_trunk, wire::table<outbound_trunk>("The way out for a number.", trunk_rows))

}  // namespace contract::lookup
}  // namespace cxb::inline v1
