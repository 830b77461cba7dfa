#pragma once
/// @file
/// What a CRM push can say about a finished call: the namespaces of its templates, and the body
/// its key map makes of them (spec 21 §3.2).
///
/// Input is the stored `calls` document (members of spec 10 §4.1 and 20 §8). Missing values are "".
/// | namespace  | from                                                                      |
/// |------------|---------------------------------------------------------------------------|
/// | call.*     | connected_event; where absent caller_id, stream_id, session_id,           |
/// |            | sip_header_<name>, sip_headers_json                                       |
/// | crm.*      | crm_data                                                                  |
/// | result.*   | facts of the call as texts, list below                                    |
/// | analysis.* | post_call_analysis over eight names that are always there                 |
/// | qc.*       | qc_analysis over four names that are always there                         |
/// | system.*   | date and time of the first attempt, bot zone                              |
///
/// `result.*`: call_id, bot_id, bot_name, caller_id, from_number, call_direction, status,
/// recording_url, call_duration_seconds, disconnected_by, disposition (coarse label),
/// call_start_time, call_answer_time, call_end_time (`YYYY-MM-DD HH:MM:SS`, bot zone) and each with
/// `_iso` (RFC 3339), transcript (indented JSON), transcript_text, was_transferred (yes, no),
/// transfer_destination, transfer_target, transfer_reason, transfer_method, transfer_at,
/// transfer_failed_reason.
///
/// Thread-safety: value types and pure functions.

#include <string>
#include <string_view>

#include "cxb/domain/template_text.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// What besides the call decides the values.
struct push_context {
    time_zone zone;        ///< of the bot
    std::string base_url;  ///< of public recording links, without path
    time_point now;        ///< time of the first attempt
    /// The bot's `sip_header_config`: gives `sip_header_<name>` its configured names. Null: names
    /// made from the headers.
    wire::json_value sip_header_config;
};

/// Owns all six namespaces.
struct push_variables {
    wire::json_object call;
    wire::json_object crm;
    wire::json_object result;
    wire::json_object analysis;
    wire::json_object qc;
    wire::json_object system;
    /// Borrowed: valid while this object lives and does not move.
    [[nodiscard]] template_variables view() const noexcept;
};

[[nodiscard]] push_variables build_push_variables(wire::json_object const& call,
                                                  push_context const& context);

/// The body fields, in the order of the key map: templates rendered to texts (unresolved ""),
/// non-text values walked with the texts inside rendered. An empty map gives `default_push_body`.
[[nodiscard]] wire::json_object render_push_body(wire::json_object const& key_mapper,
                                                 push_variables const& variables,
                                                 wire::json_object const& call);

/// `{call_id, bot_id, status, disposition, disconnected_by, call_duration_seconds, caller_id,
/// recording_url, transcript, analysis, qc}`: texts of the namespace result; analysis and qc are
/// the stored objects, `{}` without one.
[[nodiscard]] wire::json_object default_push_body(push_variables const& variables,
                                                  wire::json_object const& call);

/// The fields as `a=1&b=2`, percent-encoded, values as text: for `format: form` and for GET.
[[nodiscard]] std::string push_fields_text(wire::json_object const& fields);

/// Link to a call's recording: the public one when key and token exist, else the stored
/// recording_url only if no key exists, else "".
[[nodiscard]] std::string recording_link(wire::json_object const& call, std::string_view base_url);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
