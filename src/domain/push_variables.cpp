#include "cxb/domain/push_variables.hpp"

#include <array>
#include <cmath>
#include <optional>

#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/call_status.hpp"
#include "cxb/domain/call_variables.hpp"
#include "cxb/domain/system_variables.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

// Names that every push may use, whatever the analysis found.
constexpr std::array<std::string_view, 8> analysis_names{
    "DISPOSITION",     "SUB_DISPOSITION",    "CALLING_REMARKS",
    "SUMMARY",         "callback_requested", "callback_preferred_time_text",
    "callback_reason", "callback_confidence"};
constexpr std::array<std::string_view, 4> qc_names{"empathy_score", "compliance_score",
                                                   "overall_score", "remarks"};
constexpr std::array<std::string_view, 6> transfer_names{
    "transfer_destination", "transfer_target", "transfer_reason",
    "transfer_method",      "transfer_at",     "transfer_failed_reason"};

std::string text_of(wire::json_object const& call, std::string_view name) {
    auto const* value = call.if_contains(name);
    return value == nullptr ? std::string{} : value_as_text(*value);
}

wire::json_object object_of(wire::json_object const& call, std::string_view name) {
    auto const* value = call.if_contains(name);
    auto const* object = value == nullptr ? nullptr : value->if_object();
    return object == nullptr ? wire::json_object{} : *object;
}

template <std::size_t Count>
wire::json_object seeded(std::array<std::string_view, Count> const& names,
                         wire::json_object const& values) {
    wire::json_object out;
    for (auto const name : names)
        out.emplace(name, "");
    overlay(out, values);
    return out;
}

void add_absent(wire::json_object& into, wire::json_object const& values) {
    for (auto const& member : values)
        into.emplace(member.key(), member.value());
}

// sip_header_<name> for the headers that the bot asked for when the call began.
wire::json_object sip_header_texts(wire::json_object const& call,
                                   wire::json_value const& sip_header_config) {
    auto const headers = object_of(object_of(call, "sip_context"), "headers");
    wire::json_object out =
        select_sip_headers(headers, sip_header_rules(sip_header_config)).variables;
    for (auto const& member : headers)
        out.emplace("sip_header_" + sip_variable_name(member.key()), member.value());
    return out;
}

wire::json_object call_of(wire::json_object const& call, push_context const& context) {
    wire::json_object out = object_of(call, "connected_event");
    for (auto const* name : {"caller_id", "stream_id", "session_id"})
        out.emplace(name, text_of(call, name));
    add_absent(out, sip_header_texts(call, context.sip_header_config));
    out.emplace("sip_headers_json", wire::to_text(object_of(call, "sip_headers_raw")));
    return out;
}

std::optional<time_point> time_of(wire::json_object const& call, std::string_view name) {
    auto const read = parse_timestamp(wire::text_at(call, name));
    return read ? std::optional{*read} : std::nullopt;
}

struct call_times {
    std::optional<time_point> start;
    std::optional<time_point> answer;
    std::optional<time_point> end;
};

bool answers_at_start(std::string_view transport) {
    return transport == "websocket" || transport == "exotel";
}

call_times times_of(wire::json_object const& call) {
    call_times out{time_of(call, "call_start_time"), time_of(call, "call_answer_time"),
                   time_of(call, "call_end_time")};
    if (!out.start) out.start = time_of(call, "created_at");
    if (!out.answer && answers_at_start(wire::text_at(call, "transport"))) out.answer = out.start;
    double const duration = wire::number_at(call, "call_duration_seconds", -1);
    if (!out.end && out.start && duration >= 0)
        out.end = *out.start + milliseconds{std::llround(duration * 1000)};
    return out;
}

void add_time(wire::json_object& result, std::string const& name, std::optional<time_point> at,
              time_zone const& zone) {
    auto const local = at ? std::optional{zone.at(*at)} : std::nullopt;
    result.emplace(name, local ? format_local(*local) : "");
    result.emplace(name + "_iso", local ? format_local_iso(*local) : "");
}

wire::json_array const& transcript_of(wire::json_object const& call) {
    static wire::json_array const none;
    auto const* value = call.if_contains("transcript");
    auto const* list = value == nullptr ? nullptr : value->if_array();
    return list == nullptr ? none : *list;
}

std::string indented_item(wire::json_value const& item) {
    std::string out;
    for (auto const* name : {"role", "content", "timestamp"}) {
        auto const* object = item.if_object();
        auto const* value = object == nullptr ? nullptr : object->if_contains(name);
        bool const always = std::string_view(name) != "timestamp";
        if (!always && (value == nullptr || value->is_null())) continue;
        out.append(out.empty() ? "" : ",\n").append("    \"").append(name).append("\": ");
        out.append(value == nullptr ? "\"\"" : wire::to_text(*value));
    }
    return "  {\n" + out + "\n  }";
}

// Two-space indent, as CRMs have always received it.
std::string indented_transcript(wire::json_array const& items) {
    if (items.empty()) return "[]";
    std::string out = "[\n";
    for (auto const& item : items) {
        if (out.size() > 2) out.append(",\n");
        out.append(indented_item(item));
    }
    return out.append("\n]");
}

std::string_view speaker_of(std::string_view role) {
    if (role == "assistant") return "Bot";
    if (role == "user") return "Customer";
    return role == "agent" ? "Agent" : "";
}

std::string spoken_transcript(wire::json_array const& items) {
    std::string out;
    for (auto const& item : items) {
        auto const* object = item.if_object();
        if (object == nullptr) continue;
        auto const speaker = speaker_of(wire::text_at(*object, "role"));
        if (speaker.empty()) continue;
        out.append(out.empty() ? "" : "\n").append(speaker).append(": ");
        out.append(wire::text_at(*object, "content"));
    }
    return out;
}

wire::json_object result_of(wire::json_object const& call, push_context const& context) {
    wire::json_object out;
    out.emplace("call_id", text_of(call, "session_id"));
    for (auto const* name :
         {"bot_id", "bot_name", "caller_id", "from_number", "call_direction", "status"})
        out.emplace(name, text_of(call, name));
    out.emplace("recording_url", recording_link(call, context.base_url));
    out.emplace("call_duration_seconds", text_of(call, "call_duration_seconds"));
    out.emplace("disconnected_by", text_of(call, "disconnected_by"));
    out.emplace("disposition", coarse_label(wire::text_at(call, "disconnected_by")));
    auto const times = times_of(call);
    add_time(out, "call_start_time", times.start, context.zone);
    add_time(out, "call_answer_time", times.answer, context.zone);
    add_time(out, "call_end_time", times.end, context.zone);
    auto const& transcript = transcript_of(call);
    out.emplace("transcript", indented_transcript(transcript));
    out.emplace("transcript_text", spoken_transcript(transcript));
    out.emplace("was_transferred", wire::bool_at(call, "was_transferred") ? "yes" : "no");
    for (auto const name : transfer_names)
        out.emplace(name, text_of(call, name));
    return out;
}

}  // namespace

template_variables push_variables::view() const noexcept {
    template_variables out;
    out.call = &call;
    out.crm = &crm;
    out.system = &system;
    out.result = &result;
    out.analysis = &analysis;
    out.qc = &qc;
    return out;
}

push_variables build_push_variables(wire::json_object const& call, push_context const& context) {
    push_variables out;
    out.call = call_of(call, context);
    out.crm = object_of(call, "crm_data");
    out.result = result_of(call, context);
    out.analysis = seeded(analysis_names, object_of(call, "post_call_analysis"));
    out.qc = seeded(qc_names, object_of(call, "qc_analysis"));
    out.system = system_variables(context.now, context.zone);
    return out;
}

wire::json_object render_push_body(wire::json_object const& key_mapper,
                                   push_variables const& variables, wire::json_object const& call) {
    if (key_mapper.empty()) return default_push_body(variables, call);
    auto const view = variables.view();
    wire::json_object out;
    out.reserve(key_mapper.size());
    for (auto const& member : key_mapper)
        out.emplace(member.key(), render_json(member.value(), view, unresolved_policy::empty));
    return out;
}

wire::json_object default_push_body(push_variables const& variables,
                                    wire::json_object const& call) {
    wire::json_object out;
    for (auto const* name : {"call_id", "bot_id", "status", "disposition", "disconnected_by",
                             "call_duration_seconds", "caller_id", "recording_url", "transcript"})
        out.emplace(name, variables.result.at(name));
    out.emplace("analysis", object_of(call, "post_call_analysis"));
    out.emplace("qc", object_of(call, "qc_analysis"));
    return out;
}

std::string push_fields_text(wire::json_object const& fields) {
    wire::query_list query;
    for (auto const& member : fields)
        query.add(std::string(member.key()), value_as_text(member.value()));
    return query.to_text();
}

std::string recording_link(wire::json_object const& call, std::string_view base_url) {
    auto const key = wire::text_at(call, "recording_key");
    if (key.empty()) return std::string(wire::text_at(call, "recording_url"));
    auto const token = wire::text_at(call, "recording_access_token");
    return token.empty() ? std::string{} : contract::recording_token::public_url(base_url, token);
}

}  // namespace domain
}  // namespace cxb::inline v1
