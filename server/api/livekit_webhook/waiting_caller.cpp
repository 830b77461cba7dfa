#include "server/api/livekit_webhook/waiting_caller.hpp"

#include "cxb/base/encoding.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace livekit = contract::livekit;
namespace model = server::model;

constexpr std::string_view inbound_rooms = "call-";
constexpr std::string_view caller_identities[] = {"sip_", "sip-"};
constexpr std::string_view nobodys_number = "unknown";

std::string attribute(livekit::livekit_participant const& who, char const* name) {
    auto const found = who.attributes.find(name);
    return found == who.attributes.end() ? std::string() : std::string(trim(found->second));
}

std::string number_in(std::string_view identity) {
    for (auto const prefix : caller_identities)
        if (identity.starts_with(prefix)) return std::string(identity.substr(prefix.size()));
    return {};
}

bool takes_calls(wire::json_object const& did) {
    return wire::text_at(did, "direction") != "outbound" && !wire::text_at(did, "number").empty();
}

}  // namespace

std::optional<waiting_caller> waiting_caller_of(livekit::livekit_event const& event) {
    if (event.event != livekit::event_type::participant_joined) return {};
    if (!event.participant || !livekit::is_sip(*event.participant)) return {};
    if (!event.room || !event.room->name.starts_with(inbound_rooms)) return {};
    auto const& who = *event.participant;
    waiting_caller out;
    out.room = event.room->name;
    out.caller_number = attribute(who, "sip.phoneNumber");
    if (out.caller_number.empty()) out.caller_number = number_in(who.identity);
    out.dialed_number = attribute(who, "sip.calledNumber");
    if (out.dialed_number.empty()) out.dialed_number = attribute(who, "sip.trunkPhoneNumber");
    out.trunk_id = attribute(who, "sip.trunkID");
    if (auto id = attribute(who, "sip.callID"); wire::matches(wire::patterns::call_id, id))
        out.call_id = std::move(id);
    return out;
}

store::async<std::string> number_of_trunk(store::document_store& store, std::string trunk_id) {
    if (trunk_id.empty()) co_return std::string();
    auto by_trunk = store::all_of({store::eq("lk_inbound_trunk_id", wire::json_value(trunk_id))});
    CXB_CO_TRY(auto const carrier, co_await store.find_one(model::carriers, std::move(by_trunk)));
    if (!carrier) co_return std::string();
    auto const* const dids = carrier->if_contains("dids");
    if (dids == nullptr || !dids->is_array()) co_return std::string();
    for (auto const& each : dids->get_array())
        if (each.is_object() && takes_calls(each.get_object()))
            co_return std::string(wire::text_at(each.get_object(), "number"));
    co_return std::string();
}

contract::dispatch::dispatch_request dispatch_of(waiting_caller const& caller) {
    contract::dispatch::dispatch_request out;
    out.room_name = caller.room;
    out.caller_number = caller.caller_number;
    out.dialed_number = caller.dialed_number;
    if (out.dialed_number.empty()) out.dialed_number = nobodys_number;
    out.call_id = caller.call_id;
    return out;
}

}  // namespace cxb::api
