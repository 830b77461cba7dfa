#include "cxb/contract/cdr/cdr.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::cdr {
namespace {

using wire::field;
using record = contract::cdr::cdr;

constexpr wire::field_row rows[] = {
    field<&record::streamId>("streamId")
        .max_bytes(limits::cdr_body)
        .null_kept()
        .doc("The call it belongs to: text or integer."),
    field<&record::stream_id>("stream_id")
        .max_bytes(limits::cdr_body)
        .null_kept()
        .doc("The same, read when streamId gives none."),
    field<&record::talktime>("talktime")
        .max_bytes(limits::cdr_body)
        .null_kept()
        .doc("How long people spoke, as the dialler counts."),
    field<&record::call_status>("call_status")
        .max_bytes(limits::cdr_body)
        .null_kept()
        .doc("The dialler's word for the outcome."),
    field<&record::recording_filename>("recording_filename")
        .max_bytes(limits::cdr_body)
        .null_kept()
        .doc("The dialler's own recording."),
};

constexpr wire::field_row ack_rows[] = {
    field<&cdr_ack::status>("status").required().doc("ok, not_found or ignored."),
    field<&cdr_ack::reason>("reason").doc("Why it was ignored."),
    field<&cdr_ack::stream_id>("stream_id").max_bytes(limits::cdr_body).doc("The call's key."),
};

std::string key_text(std::optional<wire::raw_json> const& member) {
    if (!member) return {};
    auto const value = member->to_value();
    if (value.is_string()) return std::string(value.get_string());
    bool const whole = member->text().find_first_not_of("-0123456789") == std::string::npos;
    return whole ? member->text() : std::string{};
}

void set_if_present(wire::json_object& out, std::string_view name,
                    std::optional<wire::raw_json> const& member) {
    if (member && !member->is_null()) out[name] = member->to_value();
}

}  // namespace

CXB_WIRE_TYPE(cdr, wire::table<record>("Call detail record of a dialler.", rows)
                       .keep_unknown<&record::others>(limits::cdr_body))
CXB_WIRE_TYPE(cdr_ack, wire::table<cdr_ack>("What became of a record.", ack_rows))

std::string stream_key(cdr const& value) {
    auto key = key_text(value.streamId);
    return key.empty() ? key_text(value.stream_id) : key;
}

wire::json_object stored_members(cdr const& value) {
    wire::json_object out;
    out["cdr"] = wire::to_object(value);
    set_if_present(out, "cdr_talktime", value.talktime);
    set_if_present(out, "cdr_call_status", value.call_status);
    set_if_present(out, "cdr_recording_url", value.recording_filename);
    return out;
}

cdr_ack make_cdr_ack(cdr_status status, std::string stream_id) {
    if (status == cdr_status::ignored) return {"ignored", "no streamId", std::nullopt};
    return {status == cdr_status::ok ? "ok" : "not_found", std::nullopt, std::move(stream_id)};
}

}  // namespace contract::cdr
}  // namespace cxb::inline v1
