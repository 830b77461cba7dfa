#include "cxb/contract/runtime_config/request.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

namespace {

using wire::custom_field;
using wire::field;
namespace patterns = wire::patterns;
using flags = reserved_flags;
using request = config_request;

constexpr std::string_view own_prefix = "_cxb_";
constexpr std::string_view event_name = "connected_event";
constexpr auto any_size = static_cast<std::size_t>(-1);

constexpr wire::field_row flag_rows[] = {
    field<&flags::campaign_session_id>("_campaign_session_id")
        .pattern(patterns::session_id)
        .lenient()
        .doc("Replaces the generated session_id."),
    field<&flags::skip_prefetch>("_skip_prefetch")
        .from_text()
        .lenient()
        .doc("No live CRM pre-fetch for this call."),
    field<&flags::skip_post_push>("_skip_post_push")
        .from_text()
        .lenient()
        .doc("No CRM push after this call."),
    field<&flags::mock_crm>("_mock_crm")
        .object()
        .max_bytes(limits::connected_event)
        .from_text()
        .lenient()
        .personal()
        .doc("CRM data laid between connected_event and the live pre-fetch."),
    field<&flags::campaign_id>("_campaign_id").lenient().doc("Campaign this call belongs to."),
    field<&flags::campaign_call_id>("_campaign_call_id")
        .lenient()
        .doc("Row of the campaign this call works on."),
    field<&flags::campaign_attempt>("_campaign_attempt")
        .from_text()
        .lenient()
        .doc("Which attempt at that row."),
    field<&flags::campaign_run_number>("_campaign_run_number")
        .from_text()
        .lenient()
        .doc("Which run of the campaign."),
    field<&flags::sip_candidate_headers>("sip_candidate_headers")
        .object()
        .max_bytes(limits::connected_event)
        .from_text()
        .lenient()
        .personal()
        .doc("Raw SIP X-headers, filtered into sip_context."),
    field<&flags::cxb_test_call>("_cxb_test_call")
        .from_text()
        .lenient()
        .doc("A test call from the Console."),
    field<&flags::cxb_ignore_active_hours>("_cxb_ignore_active_hours")
        .from_text()
        .lenient()
        .doc("Call outside the bot's active hours too."),
    field<&flags::cxb_dial_id>("_cxb_dial_id").lenient().doc("The dial this call came from."),
};

std::string name_fault(std::string_view name) {
    if (name.empty()) return "name must not be empty";
    if (name.size() > limits::connected_event_key)
        return "name too long: at most " + std::to_string(limits::connected_event_key) + " bytes";
    bool const bad = std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '{' || c == '}';
    });
    return bad ? "name must not hold control characters or braces" : "";
}

void check_event(connected_event const& event, wire::fault_sink& sink) {
    if (event.variables.size() > limits::connected_event)
        return sink.add("",
                        "too long: at most " + std::to_string(limits::connected_event) + " bytes");
    auto const members = event.variables.to_object();
    if (members.size() > limits::connected_event_members)
        sink.add("",
                 "too many members: at most " + std::to_string(limits::connected_event_members));
    for (auto const& [key, value] : members) {
        std::string_view const name(key.data(), key.size());
        if (auto reason = name_fault(name); !reason.empty())
            sink.add(wire::append_pointer("", name), std::move(reason));
    }
}

// The member may be an object, or the same as JSON text; anything else reads as `{}`.
void read_event(connected_event& to, std::string_view text, wire::fault_sink& sink) {
    wire::json_value inner;
    if (text.starts_with('"')) {
        inner = wire::raw_json::trusted(std::string(text)).to_value();
        text = trim(std::string_view(inner.get_string()));
    }
    if (!text.starts_with('{')) return;
    auto event = parse_connected_event(text);
    if (event)
        to = *std::move(event);
    else if (event.error().code() != errc::malformed)
        sink.add(event.error());
}

void write_event(connected_event const& from, std::string& out) {
    serialize_to(from, out);
}

// Escapes at most double a text, which then is measured without them.
constexpr wire::field_row request_rows[] = {
    field<&request::caller_id>("caller_id").max_bytes(128).personal().doc("The far party."),
    field<&request::stream_id>("stream_id").max_bytes(128).doc("Key for a later CDR."),
    custom_field<&request::connected_event, read_event, write_event>("connected_event")
        .max_bytes(2 * limits::connected_event)
        .personal()
        .doc("Call variables and reserved members; what is no JSON object reads as {}."),
    field<&request::transport>("transport").doc("Through which door the call came."),
    field<&request::fetch_id>("fetch_id")
        .pattern(patterns::uuid)
        .doc("The same one within 10 minutes gives the same call."),
};

}  // namespace

CXB_WIRE_PART(reserved_flags, wire::table<reserved_flags>("Members that steer a call.", flag_rows))

namespace {

// All members of connected_event are those of its flags, and the unknown ones.
constexpr wire::table<connected_event> event_table =
    wire::table<connected_event>("Call variables and reserved members, flat.")
        .merge<&connected_event::flags>()
        .keep_unknown<&connected_event::variables>(any_size)
        .drop_prefix(own_prefix)
        .check<check_event>();

}  // namespace

CXB_WIRE_TYPE(connected_event, event_table)
CXB_WIRE_TYPE(config_request,
              wire::table<config_request>("What a Core sends to fetch a config.", request_rows))

wire::query_list to_query(config_request const& from) {
    wire::query_list out;
    auto const put = [&](char const* name, std::string const& value) {
        if (!value.empty()) out.add(name, value);
    };
    put("caller_id", from.caller_id);
    put("stream_id", from.stream_id);
    if (from.connected_event != connected_event{})
        put("connected_event", serialize(from.connected_event));
    if (from.transport) put("transport", from.transport->text());
    if (from.fetch_id) put("fetch_id", *from.fetch_id);
    return out;
}

result<config_request> from_query(wire::query_list const& query, wire::parse_options options) {
    wire::json_object members;
    std::vector<fault> faults;
    for (auto const& row : config_request_fields()) {
        auto const value = query.get(row.name);
        if (!value || value->empty()) continue;
        if (is_utf8(*value))
            members[row.name] = *value;
        else if (row.name != event_name)  // what cannot be read of that one counts as nothing
            faults.push_back({"/" + std::string(row.name), "must be UTF-8"});
    }
    auto read = parse_config_request(members, options);
    if (faults.empty()) return read;
    if (!read) {
        auto const cause = read.error();
        faults.insert(faults.end(), cause.faults().begin(), cause.faults().end());
    }
    return invalid_document(std::move(faults));
}

std::string stringify_value(wire::json_value const& value) {
    if (value.is_null()) return {};
    if (auto const* text = value.if_string()) return {text->data(), text->size()};
    return wire::to_text(value);
}

wire::json_object stringify_variables(wire::json_object const& variables) {
    wire::json_object out;
    out.reserve(variables.size());
    for (auto const& [name, value] : variables)
        out.emplace(name, stringify_value(value));
    return out;
}

bool is_reserved(std::string_view name) {
    if (name.starts_with(own_prefix)) return true;
    auto const rows = wire_table(wire::tag<reserved_flags>{}).fields();
    return std::any_of(rows.begin(), rows.end(), [&](auto const& row) { return row.name == name; });
}

std::vector<std::string> strip_reserved(wire::json_object& variables) {
    std::vector<std::string> names;
    for (auto const& [key, value] : variables) {
        std::string_view const name(key.data(), key.size());
        if (is_reserved(name)) names.emplace_back(name);
    }
    for (auto const& name : names)
        variables.erase(name);
    return names;
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
