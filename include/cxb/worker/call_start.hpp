#pragma once
/// @file
/// The four ways a call is started at a Core (spec 10 §6, §7), read into one value, and the form
/// of their refusals. Used by `worker_host` and by whatever stands in front of several workers.
///
/// | route                 | contract                          | transport word    |
/// |-----------------------|-----------------------------------|-------------------|
/// | POST /attach          | attach/attach_request.hpp         | attach            |
/// | POST /livekit/dialout | dialout/core_dialout_request.hpp  | livekit_outbound  |
/// | POST /livekit/dispatch| dispatch/dispatch_request.hpp     | livekit_inbound   |
/// | POST /livekit/widget  | widget/widget_request.hpp         | widget            |
///
/// Calls of the media WebSockets (`media_route`) have the same value, filled from their handshake.
/// Thread-safety: value types and pure functions.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// A start request, valid by itself.
struct call_start {
    contract::runtime_config::transport_kind transport =
        contract::runtime_config::transport_kind::attach;
    std::string bot_id;            ///< "" on dispatch until the number was looked up
    std::string room_name;         ///< "" on dialout: made from the call_id
    std::string caller_id;         ///< the far party
    std::string from_number;       ///< "" unknown
    std::string dialed_number;     ///< dispatch only
    std::string config_url;        ///< "" = the worker's own
    std::string call_id;           ///< wished (`dial_id`, dispatch `call_id`), "" = any
    std::string campaign_call_id;  ///< dialler lease
    std::string stream_id;         ///< media WebSockets: key for a later CDR
    /// Media WebSockets: what the peer says; else it follows from the transport.
    std::optional<contract::call_results::call_direction> direction;
    wire::json_object connected_event;  ///< reserved members included
    std::vector<std::string> ignored;   ///< unknown members, for `X-CXB-Ignored-Fields`
};

/// The transport behind a path; empty for any other path.
[[nodiscard]] std::optional<contract::runtime_config::transport_kind> start_route(
    std::string_view path) noexcept;

/// Methods of a Core's path as `Allow` lists them; "" for a path a Core does not have.
[[nodiscard]] std::string_view core_methods(std::string_view path) noexcept;

/// 404 for a path a Core does not have, else 405 with `Allow`.
[[nodiscard]] wire::http_response core_route_refusal(std::string_view path);

/// Reads and checks a body. `config_hosts` empty = any host. Errors: `malformed`, `too_large`,
/// `invalid` with all faults (a `config_url` of another host: `/config_url`).
[[nodiscard]] result<call_start> parse_call_start(
    contract::runtime_config::transport_kind transport, std::string_view body,
    std::span<std::string const> config_hosts);

/// HTTP status of an error of these routes.
[[nodiscard]] int start_status(error const& cause) noexcept;

/// `application/problem+json` with the member `error` equal to `detail`.
[[nodiscard]] wire::http_response start_refusal(error const& cause, std::string_view request_id);

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
