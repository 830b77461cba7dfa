#include "server/api/carriers/carrier_wanted.hpp"

namespace cxb::api {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

json_array numbers_of(json_object const& carrier, bool (*serves)(std::string_view)) {
    json_array out;
    auto const* dids = carrier.if_contains("dids");
    if (dids == nullptr || !dids->is_array()) return out;
    for (auto const& each : dids->get_array())
        if (each.is_object() && serves(wire::text_at(each.get_object(), "direction")))
            out.emplace_back(wire::text_at(each.get_object(), "number"));
    return out;
}

// The member, or what stands in for it while it is empty.
std::string_view text_or(json_object const& carrier, std::string_view name,
                         std::string_view legacy) {
    auto const own = wire::text_at(carrier, name);
    return own.empty() ? wire::text_at(carrier, legacy) : own;
}

json_array list_or(json_object const& carrier, std::string_view name, std::string_view legacy) {
    for (auto const one : {name, legacy})
        if (auto const* list = carrier.if_contains(one);
            list != nullptr && list->is_array() && !list->get_array().empty())
            return list->get_array();
    return {};
}

void add_credentials(json_object& trunk, json_object const& carrier, std::string_view direction) {
    std::string const base = std::string(direction) + "_auth_";
    trunk["auth_username"] = text_or(carrier, base + "username", "auth_username");
    trunk["auth_password"] = text_or(carrier, base + "password", "auth_password");
}

json_object named(livekit_kind const& kind, json_object const& carrier) {
    auto const id = wire::text_at(carrier, "_id");
    return {{"name", livekit_name(kind, id)},
            {"metadata", wire::to_text(json_object{{"cxb_carrier_id", id}})}};
}

std::string transport_word(std::string_view transport) {
    if (transport == "udp") return "SIP_TRANSPORT_UDP";
    if (transport == "tcp") return "SIP_TRANSPORT_TCP";
    if (transport == "tls") return "SIP_TRANSPORT_TLS";
    return "SIP_TRANSPORT_AUTO";
}

std::optional<json_object> wanted_inbound(json_object const& carrier) {
    auto numbers = numbers_of(carrier, &serves_inbound);
    if (numbers.empty()) return std::nullopt;
    json_object out = named(inbound_trunk, carrier);
    out["numbers"] = std::move(numbers);
    out["include_headers"] = "SIP_X_HEADERS";
    if (wire::text_at(carrier, "inbound_auth_mode") == "ip")
        out["allowed_addresses"] =
            list_or(carrier, "inbound_allowed_addresses", "allowed_addresses");
    else
        add_credentials(out, carrier, "inbound");
    return out;
}

std::optional<json_object> wanted_outbound(json_object const& carrier) {
    auto numbers = numbers_of(carrier, &serves_outbound);
    if (numbers.empty()) return std::nullopt;
    json_object out = named(outbound_trunk, carrier);
    out["address"] = wire::text_at(carrier, "sip_address");
    out["transport"] = transport_word(wire::text_at(carrier, "transport"));
    out["destination_country"] = wire::text_at(carrier, "destination_country");
    out["numbers"] = std::move(numbers);
    add_credentials(out, carrier, "outbound");
    return out;
}

std::optional<json_object> wanted_rule(json_object const& carrier) {
    if (numbers_of(carrier, &serves_inbound).empty()) return std::nullopt;
    json_object out = named(dispatch_rule, carrier);
    out["trunk_ids"] = json_array{wire::text_at(carrier, inbound_trunk.member)};
    out["rule"] = json_object{{"dispatch_rule_individual", {{"room_prefix", "call-"}}}};
    return out;
}

}  // namespace

bool serves_inbound(std::string_view direction) noexcept {
    return direction == "inbound" || direction == "both";
}

bool serves_outbound(std::string_view direction) noexcept {
    return direction == "outbound" || direction == "both";
}

std::string livekit_name(livekit_kind const& kind, std::string_view carrier_id) {
    return "cxb-" + std::string(carrier_id) + std::string(kind.suffix);
}

std::optional<json_object> wanted_object(livekit_kind const& kind, json_object const& carrier) {
    if (&kind == &inbound_trunk) return wanted_inbound(carrier);
    if (&kind == &outbound_trunk) return wanted_outbound(carrier);
    return wanted_rule(carrier);
}

}  // namespace cxb::api
