#include "src/net/http_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "cxb/base/http_date.hpp"

namespace cxb::inline v1 {
namespace net {
namespace {

constexpr auto phrases = std::to_array<std::pair<int, std::string_view>>({
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
});

std::string_view phrase_of(int status) {
    auto const* found = std::lower_bound(phrases.begin(), phrases.end(), status,
                                         [](auto const& row, int key) { return row.first < key; });
    return found != phrases.end() && found->first == status ? found->second : "Unknown";
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                   std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || c == '\t';
    });
}

bool is_usable(wire::header_list::item const& header) {
    return is_token(header.first) && is_field_value(header.second);
}

void add_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 24> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end);
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

// Formatting a date costs more than the rest of a head: once a second per thread is enough.
std::string_view http_date() {
    thread_local seconds at{0};
    thread_local std::string text;
    auto const now = real_clock().now();
    auto const second = std::chrono::floor<seconds>(now.time_since_epoch());
    if (second != at) {
        text = format_http_date(now);
        at = second;
    }
    return text;
}

bool server_owns(std::string_view name) {
    switch (name.size()) {
        case 4:
            return iequals(name, "Date");
        case 10:
            return iequals(name, "Connection") || iequals(name, "Keep-Alive");
        case 14:
            return iequals(name, "Content-Length");
        case 17:
            return iequals(name, "Transfer-Encoding");
        default:
            return false;
    }
}

bool client_owns(std::string_view name) {
    return server_owns(name) || iequals(name, "Host");
}

body_framing framing_of(wire::http_response const& response, answer_form const& form) {
    int const status = response.status;
    if (status < 200 || status == 204 || status == 304) return body_framing::none;
    if (!response.stream || response.stream->length) return body_framing::fixed;
    return form.http10 ? body_framing::until_close : body_framing::chunked;
}

void add_length(std::string& out, wire::http_response const& response, bool to_head) {
    std::uint64_t const length =
        response.stream ? *response.stream->length : response.bytes().size();
    out += "Content-Length: ";
    auto const stated = response.headers.get("Content-Length");
    bool const digits = !stated.empty() && std::all_of(stated.begin(), stated.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    if (to_head && length == 0 && digits) {
        out += stated;
    } else {
        add_number(out, length);
    }
    out += "\r\n";
}

}  // namespace

body_framing write_response_head(std::string& out, wire::http_response const& response,
                                 answer_form& form) {
    out.clear();
    auto const framing = framing_of(response, form);
    if (framing == body_framing::until_close) form.keep_alive = false;
    out += "HTTP/1.1 ";
    add_number(out, static_cast<std::uint64_t>(response.status));
    out.append(1, ' ').append(phrase_of(response.status)).append("\r\n");
    for (auto const& header : response.headers.items()) {
        if (server_owns(header.first) || !is_usable(header)) continue;
        add_line(out, header.first, header.second);
    }
    add_line(out, "Date", http_date());
    if (framing == body_framing::fixed) add_length(out, response, form.to_head);
    if (framing == body_framing::chunked) out += "Transfer-Encoding: chunked\r\n";
    if (!form.keep_alive) {
        out += "Connection: close\r\n";
    } else if (form.http10) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
    return form.to_head ? body_framing::none : framing;
}

result<void> write_request_head(std::string& out, wire::http_request const& request,
                                std::string_view target, std::string_view authority,
                                std::uint64_t body_size) {
    if (!is_token(request.method)) return error{errc::invalid, "Request method is not usable"};
    out.clear();
    out.append(request.method).append(1, ' ').append(target).append(" HTTP/1.1\r\n");
    add_line(out, "Host", authority);
    for (auto const& header : request.headers.items()) {
        if (client_owns(header.first)) continue;
        if (!is_usable(header)) {
            return error{errc::invalid, "Request header holds characters that are not allowed"};
        }
        add_line(out, header.first, header.second);
    }
    if (!request.headers.has("User-Agent")) {
        add_line(out, "User-Agent", std::string("cxb/") + version_string);
    }
    bool const has_body = body_size != 0 || request.method == "POST" || request.method == "PUT" ||
                          request.method == "PATCH";
    if (has_body) {
        out += "Content-Length: ";
        add_number(out, body_size);
        out += "\r\n";
    }
    out += "\r\n";
    return {};
}

void write_chunk_size(std::string& out, std::size_t size) {
    out.clear();
    add_number(out, size, 16);
    out += "\r\n";
}

}  // namespace net
}  // namespace cxb::inline v1
