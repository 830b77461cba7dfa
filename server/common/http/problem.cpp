#include "server/common/http/problem.hpp"

#include <algorithm>
#include <array>

namespace cxb::server {
namespace {

using enum log_level;

// Indexed by errc; the order is that of the enumeration.
constexpr std::array<problem_row, 20> rows{{{400, info},     // malformed
                                            {422, info},     // invalid
                                            {415, info},     // unsupported_type
                                            {401, info},     // unauthenticated
                                            {403, info},     // forbidden
                                            {404, info},     // not_found
                                            {405, info},     // method_not_allowed
                                            {409, info},     // conflict
                                            {412, info},     // precondition_failed
                                            {413, info},     // too_large
                                            {431, info},     // header_too_large
                                            {429, info},     // rate_limited
                                            {429, info},     // at_capacity
                                            {503, warn},     // unavailable
                                            {504, warn},     // deadline_exceeded
                                            {502, warn},     // upstream_failed
                                            {500, error},    // corrupt_data
                                            {422, info},     // blocked
                                            {503, info},     // cancelled
                                            {500, error}}};  // internal
static_assert(rows.size() == static_cast<std::size_t>(errc::internal) + 1);

struct phrase {
    int status;
    std::string_view text;
};
constexpr phrase phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

wire::json_array errors_of(cxb::error const& cause) {
    wire::json_array out;
    for (auto const& one : cause.faults())
        out.push_back(wire::json_object{{"pointer", one.pointer}, {"reason", one.reason}});
    if (out.empty() && !cause.pointer().empty())
        out.push_back(wire::json_object{{"pointer", cause.pointer()}, {"reason", cause.detail()}});
    return out;
}

}  // namespace

errc code_for_status(int status) noexcept {
    if (status == rows[static_cast<std::size_t>(errc::at_capacity)].status)
        return errc::at_capacity;
    if (status == rows[static_cast<std::size_t>(errc::internal)].status) return errc::internal;
    auto const* const found = std::ranges::find(rows, status, &problem_row::status);
    return found != rows.end() ? static_cast<errc>(found - rows.begin()) : errc::upstream_failed;
}

problem_row const& problem_of(errc code) noexcept {
    return rows.at(static_cast<std::size_t>(code));
}

std::string_view phrase_of(int status) noexcept {
    for (auto const& known : phrases)
        if (known.status == status) return known.text;
    return "Unknown";
}

std::string problem_body(cxb::error const& cause, std::string_view request_id, int status) {
    if (status == 0) status = problem_of(cause.code()).status;
    wire::json_object body{{"type", "about:blank"},  {"title", phrase_of(status)},
                           {"status", status},       {"detail", cause.detail()},
                           {"code", cause.reason()}, {"request_id", request_id}};
    if (auto errors = errors_of(cause); !errors.empty()) body["errors"] = std::move(errors);
    for (auto const& [name, text] : cause.members())
        if (auto value = wire::parse_json(text)) body[name] = *std::move(value);
    return wire::to_text(body);
}

wire::http_response problem_response(cxb::error const& cause, std::string_view request_id,
                                     int status) {
    wire::http_response out;
    out.status = status == 0 ? problem_of(cause.code()).status : status;
    out.body = problem_body(cause, request_id, out.status);
    out.headers.add("Content-Type", "application/problem+json");
    if (auto const wait = cause.retry_after())
        out.headers.add("Retry-After", std::to_string(wait->count()));
    if (cause.code() == errc::unauthenticated) out.headers.add("WWW-Authenticate", "Bearer");
    return out;
}

cxb::error error_for_status(int status) {
    switch (status) {
        case 400:
            return cxb::error{errc::malformed, "The request cannot be read"};
        case 408:
            return cxb::error{errc::deadline_exceeded, "The request came too slowly"};
        case 413:
            return cxb::error{errc::too_large, "The body is too large"};
        case 431:
            return cxb::error{errc::header_too_large, "The headers are too large"};
        case 503:
            return cxb::error{errc::unavailable, "Too many connections"}.with_retry_after(
                seconds{1});
        default:
            return cxb::error{errc::internal};
    }
}

wire::http_response json_response(int status, wire::json_value const& body) {
    return json_response(status, wire::to_text(body));
}

wire::http_response json_response(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.add("Content-Type", std::string(json_type));
    out.body = std::move(body);
    return out;
}

wire::http_response json_response(int status, char const* body) {
    return json_response(status, std::string(body));
}

wire::http_response json_response(int status, std::shared_ptr<std::string const> body) {
    wire::http_response out;
    out.status = status;
    out.headers.add("Content-Type", std::string(json_type));
    out.shared = std::move(body);
    return out;
}

wire::http_response text_response(int status, std::string body, std::string_view type) {
    wire::http_response out;
    out.status = status;
    out.headers.add("Content-Type", std::string(type));
    out.body = std::move(body);
    return out;
}

wire::http_response no_content() {
    wire::http_response out;
    out.status = 204;
    return out;
}

wire::http_response deleted_response() {
    return json_response(200, R"({"status":"deleted"})");
}

}  // namespace cxb::server
