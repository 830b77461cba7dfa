#pragma once
/// @file
/// What a Core sends to fetch the config of a call (spec 10 §3.1): `GET {config_url}/{bot_id}`
/// with a query, or POST with the same members as JSON.
///
/// `config_request`
/// | member          | absent means | bounds           | meaning                                 |
/// |-----------------|--------------|------------------|-----------------------------------------|
/// | caller_id       | ""           | ≤ 128, personal  | the far party                           |
/// | stream_id       | ""           | ≤ 128            | key for a later CDR                     |
/// | connected_event | `{}`         | 64 KiB, personal | flags and variables; `{}` if no object  |
/// | transport       | unknown      | open word        | lets the API set the direction          |
/// | fetch_id        | none         | UUID             | the same one gives the same call, so    |
/// |                 |              |                  | that a GET that creates can be repeated |
///
/// `connected_event` is one flat object on the wire: `reserved_flags` under their names with `_`,
/// everything else is `variables` (≤ 200 members, names of 1–128 bytes without control characters
/// or braces). A reserved member that came through a text-only body is read back: booleans from
/// true, "true", 1, "1", integers from digits, objects from JSON text; what cannot be read counts
/// as absent. Unknown `_cxb_` members are dropped.
///
/// Errors: those of every wire type (`malformed`, `too_large`, `invalid` with faults).
/// Thread-safety: value types and pure functions. Example: examples/cpp/fetch_config.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

namespace contract::runtime_config {

/// Through which door the call came.
enum class transport_kind {
    websocket,
    exotel,
    livekit_inbound,
    livekit_outbound,
    attach,
    widget,
    sip
};

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::transport_kind> {
    using enum contract::runtime_config::transport_kind;
    static constexpr std::pair<contract::runtime_config::transport_kind, std::string_view> words[] =
        {{websocket, "websocket"},
         {exotel, "exotel"},
         {livekit_inbound, "livekit_inbound"},
         {livekit_outbound, "livekit_outbound"},
         {attach, "attach"},
         {widget, "widget"},
         {sip, "sip"}};
};

namespace contract::runtime_config {

/// Members of connected_event that steer the call and never become variables. Trusted only from
/// us: whoever takes connected_event from outside calls `strip_reserved` first.
struct reserved_flags {
    std::optional<std::string> campaign_session_id;  ///< replaces the generated session_id
    std::optional<bool> skip_prefetch;
    std::optional<bool> skip_post_push;
    std::optional<wire::raw_json> mock_crm;  ///< object laid over connected_event
    std::optional<std::string> campaign_id;
    std::optional<std::string> campaign_call_id;
    std::optional<std::int64_t> campaign_attempt;
    std::optional<std::int64_t> campaign_run_number;
    std::optional<wire::raw_json> sip_candidate_headers;  ///< object: raw SIP X-headers
    std::optional<bool> cxb_test_call;
    std::optional<bool> cxb_ignore_active_hours;
    std::optional<std::string> cxb_dial_id;
    friend bool operator==(reserved_flags const&, reserved_flags const&) = default;
};

struct connected_event {
    reserved_flags flags;
    wire::raw_json variables = wire::raw_json::object();
    friend bool operator==(connected_event const&, connected_event const&) = default;
};

struct config_request {
    std::string caller_id;
    std::string stream_id;
    contract::runtime_config::connected_event connected_event;
    std::optional<open_enum<transport_kind>> transport;
    std::optional<std::string> fetch_id;
    friend bool operator==(config_request const&, config_request const&) = default;
};

CXB_WIRE_DECLARE_PART(reserved_flags);
CXB_WIRE_DECLARE(connected_event);
CXB_WIRE_DECLARE(config_request);

/// The request as query parameters; empty members are left out.
[[nodiscard]] wire::query_list to_query(config_request const& request);

/// Reads the parameters named above, others are ignored; an empty one counts as absent and of a
/// repeated one the first counts. Errors: `invalid`, pointers are `/` and the parameter's name.
[[nodiscard]] result<config_request> from_query(wire::query_list const& query,
                                                wire::parse_options options = {});

/// One value as text: a string as it is, `true`/`false`, the shortest number, null → "", object
/// and array → compact JSON.
[[nodiscard]] std::string stringify_value(wire::json_value const& value);

/// Every member as text, in order (spec 10 §3.1, §6). Callers include `cxb/wire/json.hpp`.
[[nodiscard]] wire::json_object stringify_variables(wire::json_object const& variables);

/// Is this a reserved member's name (also any `_cxb_…`)?
[[nodiscard]] bool is_reserved(std::string_view name);

/// Removes the reserved members and gives their names, for `X-CXB-Ignored-Fields`.
std::vector<std::string> strip_reserved(wire::json_object& variables);

}  // namespace contract::runtime_config

}  // namespace cxb::inline v1
CXB_EXPORT_END
