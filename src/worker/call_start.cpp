#include "cxb/worker/call_start.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/attach/attach_request.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/widget/widget_request.hpp"
#include "cxb/domain/http_url.hpp"
#include "cxb/domain/phone_number.hpp"
#include "cxb/worker/media_route.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace rc = contract::runtime_config;
using rc::transport_kind;

namespace {

struct status_row {
    errc code;
    int status;
    std::string_view title;
};
constexpr status_row statuses[] = {{errc::malformed, 400, "Bad Request"},
                                   {errc::forbidden, 403, "Forbidden"},
                                   {errc::not_found, 404, "Not Found"},
                                   {errc::method_not_allowed, 405, "Method Not Allowed"},
                                   {errc::conflict, 409, "Conflict"},
                                   {errc::too_large, 413, "Content Too Large"},
                                   {errc::unsupported_type, 415, "Unsupported Media Type"},
                                   {errc::invalid, 422, "Unprocessable Content"},
                                   {errc::at_capacity, 429, "Too Many Requests"},
                                   {errc::upstream_failed, 502, "Bad Gateway"},
                                   {errc::unavailable, 503, "Service Unavailable"},
                                   {errc::deadline_exceeded, 504, "Gateway Timeout"},
                                   {errc::internal, 500, "Internal Server Error"}};

status_row const& row_of(errc code) noexcept {
    auto const* const found = std::ranges::find(statuses, code, &status_row::code);
    return found != std::end(statuses) ? *found : std::end(statuses)[-1];
}

result<wire::json_object> event_object(std::optional<wire::raw_json> const& event) {
    if (!event || event->is_null()) return wire::json_object{};
    if (event->size() > limits::connected_event)
        return invalid_member("/connected_event", "too large");
    if (!event->is_object()) return invalid_member("/connected_event", "expected object");
    return event->to_object();
}

result<call_start> from_attach(std::string_view body, wire::parse_options how) {
    CXB_TRY(auto request, contract::attach::parse_attach_request(body, how));
    call_start out;
    CXB_TRY(out.connected_event, event_object(request.connected_event));
    out.bot_id = std::move(request.bot_id);
    out.room_name = std::move(request.room_name);
    out.caller_id = request.to_number.value_or("");
    out.from_number = request.from_number.value_or("");
    out.config_url = request.config_url.value_or("");
    out.campaign_call_id = request.campaign_call_id.value_or("");
    return out;
}

result<call_start> from_dialout(std::string_view body, wire::parse_options how) {
    CXB_TRY(auto request, contract::dialout::parse_core_dialout_request(body, how));
    call_start out;
    CXB_TRY(out.connected_event, event_object(request.connected_event));
    out.bot_id = std::move(request.bot_id);
    out.caller_id = domain::normalise_dialout_number(request.to_number);
    out.from_number = request.from_number.value_or("");
    out.config_url = request.config_url.value_or("");
    out.call_id = request.dial_id.value_or("");
    return out;
}

result<call_start> from_dispatch(std::string_view body, wire::parse_options how) {
    CXB_TRY(auto request, contract::dispatch::parse_dispatch_request(body, how));
    call_start out;
    out.room_name = std::move(request.room_name);
    out.caller_id = std::move(request.caller_number);
    out.dialed_number = std::move(request.dialed_number);
    out.call_id = request.call_id.value_or("");
    return out;
}

result<call_start> from_widget(std::string_view body, wire::parse_options how) {
    CXB_TRY(auto request, contract::widget::parse_widget_request(body, how));
    call_start out;
    out.bot_id = std::move(request.bot_id);
    out.room_name = std::move(request.room_name);
    out.caller_id = std::move(request.caller_id);
    return out;
}

result<call_start> read_body(transport_kind transport, std::string_view body,
                             std::vector<std::string>& ignored) {
    wire::parse_options how;
    how.max_bytes = limits::call_start_body;
    how.ignored = &ignored;
    switch (transport) {
        case transport_kind::attach:
            return from_attach(body, how);
        case transport_kind::livekit_outbound:
            return from_dialout(body, how);
        case transport_kind::livekit_inbound:
            return from_dispatch(body, how);
        default:
            return from_widget(body, how);
    }
}

constexpr std::string_view recordings_prefix = "/recordings/";
constexpr std::string_view calls_prefix = "/calls/";
constexpr std::string_view end_suffix = "/end";

}  // namespace

std::string_view core_methods(std::string_view path) noexcept {
    constexpr std::string_view readable[] = {"/health", "/health/fleet", "/ready", "/metrics",
                                             "/calls"};
    bool const ends_call = path.starts_with(calls_prefix) && path.ends_with(end_suffix) &&
                           path.size() > calls_prefix.size() + end_suffix.size();
    if (start_route(path) || ends_call || path == "/drain" || path == "/undrain") return "POST";
    if (path.starts_with(recordings_prefix) ||
        std::ranges::find(readable, path) != std::end(readable))
        return "GET, HEAD";
    if (media_route(path)) return "GET";
    return "";
}

wire::http_response core_route_refusal(std::string_view path) {
    auto const methods = core_methods(path);
    if (methods.empty()) return start_refusal(error{errc::not_found, "Not Found"}, "");
    auto out = start_refusal(error{errc::method_not_allowed, "Method Not Allowed"}, "");
    out.headers.set("Allow", std::string(methods));
    return out;
}

std::optional<transport_kind> start_route(std::string_view path) noexcept {
    if (path == "/attach") return transport_kind::attach;
    if (path == "/livekit/dialout") return transport_kind::livekit_outbound;
    if (path == "/livekit/dispatch") return transport_kind::livekit_inbound;
    if (path == "/livekit/widget") return transport_kind::widget;
    return std::nullopt;
}

result<call_start> parse_call_start(transport_kind transport, std::string_view body,
                                    std::span<std::string const> config_hosts) {
    std::vector<std::string> ignored;
    CXB_TRY(auto out, read_body(transport, body, ignored));
    out.transport = transport;
    out.ignored = std::move(ignored);
    if (out.config_url.empty()) return out;
    auto const url = domain::parse_http_url(out.config_url);
    if (!url) return invalid_member("/config_url", "not an absolute http(s) URL");
    bool const known =
        config_hosts.empty() || std::ranges::any_of(config_hosts, [&](std::string const& host) {
            return iequals(host, url->host);
        });
    if (!known) return invalid_member("/config_url", "host not allowed");
    return out;
}

int start_status(error const& cause) noexcept {
    return row_of(cause.code()).status;
}

wire::http_response start_refusal(error const& cause, std::string_view request_id) {
    auto const& row = row_of(cause.code());
    wire::json_object body{{"type", "about:blank"},   {"title", row.title},
                           {"status", row.status},    {"detail", cause.detail()},
                           {"error", cause.detail()}, {"code", cause.reason()}};
    if (!request_id.empty()) body["request_id"] = request_id;
    if (!cause.faults().empty()) {
        wire::json_array faults;
        for (auto const& one : cause.faults())
            faults.push_back(wire::json_object{{"pointer", one.pointer}, {"reason", one.reason}});
        body["errors"] = std::move(faults);
    }
    wire::http_response out;
    out.status = row.status;
    out.headers.set("Content-Type", "application/problem+json");
    if (cause.retry_after())
        out.headers.set("Retry-After", std::to_string(cause.retry_after()->count()));
    out.body = wire::to_text(body);
    return out;
}

}  // namespace worker
}  // namespace cxb::inline v1
