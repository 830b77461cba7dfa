#include "server/api/carriers/carrier_bodies.hpp"

#include <algorithm>

#include "cxb/domain/http_url.hpp"
#include "cxb/domain/ip_address.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/carriers/carrier_limits.hpp"

namespace cxb::api {
namespace {

using wire::field;
using wire::json_object;
using wire::json_value;

constexpr std::string_view transports[] = {"auto", "tcp", "udp", "tls"};
constexpr std::string_view auth_modes[] = {"credentials", "ip"};
constexpr std::string_view directions[] = {"inbound", "outbound", "both"};
constexpr std::string_view passwords[] = {"inbound_auth_password", "outbound_auth_password",
                                          "auth_password"};
// Of the document, but nobody's to see.
constexpr std::string_view machinery[] = {"_id", "lk_sync_holder", "lk_sync_until"};

bool is_password(std::string_view name) noexcept {
    return std::ranges::find(passwords, name) != std::end(passwords);
}

// `host` or `host:port`, judged by the rules of a URL's.
bool is_sip_address(std::string const& text) {
    if (text.find_first_of("/?#@\\ ") != std::string::npos) return false;
    return domain::parse_http_url("http://" + text).has_value() && !text.ends_with(':');
}

void check_addresses(std::vector<std::string> const& list, std::string const& name,
                     wire::fault_sink& sink) {
    for (std::size_t i = 0; i < list.size(); ++i)
        if (!domain::cidr::parse(list[i]))
            sink.add("/" + name + "/" + std::to_string(i), "must be an IP address or a CIDR block");
}

void check_carrier(carrier_body const& value, wire::fault_sink& sink) {
    if (!value.sip_address.empty() && !is_sip_address(value.sip_address))
        sink.add("/sip_address", "must be host or host:port, without sip:");
    if (!value.destination_country.empty() && (value.destination_country.size() != 2 ||
                                               !domain::is_phone_region(value.destination_country)))
        sink.add("/destination_country", "must be an ISO 3166 alpha-2 country");
    check_addresses(value.inbound_allowed_addresses, "inbound_allowed_addresses", sink);
    check_addresses(value.allowed_addresses, "allowed_addresses", sink);
    if (value.inbound_auth_mode == "ip" && value.inbound_allowed_addresses.empty() &&
        value.allowed_addresses.empty())
        sink.add("/inbound_allowed_addresses", "must not be empty with inbound_auth_mode ip");
}

// The members that `rows` name, as they would be stored after this request.
json_object laid_over(json_object const& sent, json_object const* stored,
                      std::span<wire::field_info const> rows) {
    json_object out;
    for (auto const& row : rows) {
        if (auto const* value = sent.if_contains(row.name)) {
            if (!value->is_null()) out[row.name] = *value;
        } else if (stored != nullptr) {
            if (auto const* kept = stored->if_contains(row.name)) out[row.name] = *kept;
        }
    }
    return out;
}

}  // namespace

constexpr wire::field_row did_rows[] = {
    field<&did_body::id>("id").max_bytes(did_id_bytes).doc("Made here; what is sent is ignored."),
    field<&did_body::number>("number")
        .required()
        .bytes(1, did_number_bytes)
        .doc("Telephone number; kept as E.164 when it is one, else as 3 to 15 digits."),
    field<&did_body::label>("label").max_bytes(did_label_bytes).doc("Name for people."),
    field<&did_body::direction>("direction").words(directions).doc("What it is used for."),
    field<&did_body::bot_id>("bot_id").max_bytes(did_id_bytes).doc("Bot that answers it."),
};
CXB_WIRE_TYPE(did_body, wire::table<did_body>("A number of a carrier.", did_rows))

constexpr wire::field_row carrier_rows[] = {
    field<&carrier_body::name>("name").required().bytes(1, carrier_name_bytes).doc("Unique name."),
    field<&carrier_body::sip_address>("sip_address")
        .required()
        .bytes(1, sip_address_bytes)
        .doc("host or host:port, without sip:."),
    field<&carrier_body::transport>("transport").words(transports).doc("Of outbound SIP."),
    field<&carrier_body::destination_country>("destination_country")
        .max_bytes(2)
        .doc("Where outbound calls end, ISO 3166 alpha-2."),
    field<&carrier_body::inbound_auth_mode>("inbound_auth_mode")
        .words(auth_modes)
        .doc("How incoming calls prove where they come from."),
    field<&carrier_body::inbound_auth_username>("inbound_auth_username").doc("Of incoming calls."),
    field<&carrier_body::inbound_auth_password>("inbound_auth_password")
        .secret()
        .doc("Of incoming calls."),
    field<&carrier_body::inbound_allowed_addresses>("inbound_allowed_addresses")
        .max_items(max_carrier_addresses)
        .doc("Where incoming calls come from: addresses or CIDR blocks."),
    field<&carrier_body::outbound_auth_username>("outbound_auth_username")
        .doc("Of outgoing calls."),
    field<&carrier_body::outbound_auth_password>("outbound_auth_password")
        .secret()
        .doc("Of outgoing calls."),
    field<&carrier_body::auth_username>("auth_username").doc("Stands in for both when empty."),
    field<&carrier_body::auth_password>("auth_password").secret().doc("Stands in for both."),
    field<&carrier_body::allowed_addresses>("allowed_addresses")
        .max_items(max_carrier_addresses)
        .doc("Stands in for inbound_allowed_addresses."),
    field<&carrier_body::outbound_cps>("outbound_cps").range(0.1, 100).doc("New calls a second."),
    field<&carrier_body::outbound_burst>("outbound_burst")
        .range(1, 1000)
        .doc("Calls that may start together."),
    field<&carrier_body::outbound_channels>("outbound_channels")
        .range(1, 500)
        .doc("Calls at once."),
    field<&carrier_body::enabled>("enabled").doc("False: look-ups and dialouts pass it over."),
    field<&carrier_body::dids>("dids").max_items(max_dids).doc("Its numbers."),
};
CXB_WIRE_TYPE(carrier_body,
              wire::table<carrier_body>("A carrier.", carrier_rows).check<check_carrier>())

constexpr wire::field_row view_rows[] = {
    field<&carrier_view::id>("id").doc("24 hex digits."),
    field<&carrier_view::version>("version").doc("Raised by every change."),
    field<&carrier_view::lk_inbound_trunk_id>("lk_inbound_trunk_id").doc("LiveKit's."),
    field<&carrier_view::lk_outbound_trunk_id>("lk_outbound_trunk_id").doc("LiveKit's."),
    field<&carrier_view::lk_dispatch_rule_id>("lk_dispatch_rule_id").doc("LiveKit's."),
    field<&carrier_view::lk_sync_status>("lk_sync_status").doc("pending, synced or error."),
    field<&carrier_view::lk_sync_error>("lk_sync_error").doc("Why the last try failed."),
    field<&carrier_view::lk_last_synced_at>("lk_last_synced_at").doc("Last success."),
    field<&carrier_view::created_by>("created_by").doc("Who made it."),
    field<&carrier_view::created_at>("created_at").doc("When it was made."),
    field<&carrier_view::updated_at>("updated_at").doc("When it was changed last."),
};
CXB_WIRE_TYPE(carrier_view, wire::table<carrier_view>("A carrier as it is shown.", view_rows)
                                .merge<carrier_body>())

bool carrier_secrets(domain::member_path path) noexcept {
    return path.size() == 1 && is_password(path[0]);
}

result<carrier_body> read_carrier(json_object const& sent, json_object const* stored) {
    json_object merged = laid_over(sent, stored, carrier_body_fields());
    std::vector<fault> faults;
    for (auto const name : passwords) {
        auto const* value = sent.if_contains(name);
        if (value == nullptr || !value->is_string()) continue;
        auto kept = domain::apply_masked(value->get_string(),
                                         stored ? wire::text_at(*stored, name) : std::string_view(),
                                         "/" + std::string(name));
        if (kept)
            merged[name] = *std::move(kept);
        else
            faults.push_back(kept.error().faults().front());
    }
    if (!faults.empty()) return invalid_document(std::move(faults));
    return parse_carrier_body(wire::to_text(merged));
}

result<did_body> read_did(json_object const& sent, json_object const* stored) {
    return parse_did_body(wire::to_text(laid_over(sent, stored, did_body_fields())));
}

json_object shown_carrier(json_object const& stored) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    json_value const masked = domain::mask_document(json_value(stored), &carrier_secrets);
    for (auto const& [name, value] : masked.get_object())
        if (std::ranges::find(machinery, std::string_view(name)) == std::end(machinery))
            out[name] = value;
    return out;
}

}  // namespace cxb::api
