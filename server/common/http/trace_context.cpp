#include "server/common/http/trace_context.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::server {
namespace {

// Unique, not secret: one system call per thread instead of several per request.
random_source& id_source() {
    thread_local seeded_random source{[] {
        std::uint64_t seed = 0;
        system_random().fill(std::as_writable_bytes(std::span(&seed, 1)));
        return seed;
    }()};
    return source;
}

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    id_source().fill(std::as_writable_bytes(std::span(raw)));
    if (raw.find_first_not_of('\0') == std::string::npos) raw.back() = 1;  // all zero is invalid
    return to_hex(raw);
}

bool is_lower_hex(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) noexcept {
    return text.find_first_not_of('0') == std::string_view::npos;
}

// version 2, trace 32, parent 16, flags 2 hex digits, dashes between; a later version may go on.
bool is_traceparent(std::string_view text) noexcept {
    if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
    auto const version = text.substr(0, 2);
    if (!is_lower_hex(version) || version == "ff") return false;
    if (text.size() > 55 && (version == "00" || text[55] != '-')) return false;
    auto const trace = text.substr(3, 32);
    auto const parent = text.substr(36, 16);
    return is_lower_hex(trace) && is_lower_hex(parent) && is_lower_hex(text.substr(53, 2)) &&
           !all_zero(trace) && !all_zero(parent);
}

bool is_request_id(std::string_view text) noexcept {
    if (text.empty() || text.size() > 64) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

}  // namespace

std::string trace_context::traceparent() const {
    return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

trace_context continue_trace(std::string_view traceparent) {
    trace_context out;
    out.span_id = random_hex(8);
    if (!is_traceparent(traceparent)) {
        out.trace_id = random_hex(16);
        return out;
    }
    out.trace_id = traceparent.substr(3, 32);
    out.parent_id = traceparent.substr(36, 16);
    auto const flags = traceparent[54];
    out.sampled = ((flags <= '9' ? flags - '0' : flags - 'a' + 10) & 1) != 0;
    return out;
}

std::string choose_request_id(std::string_view given, time_point now) {
    return is_request_id(given) ? std::string(given) : make_uuid7(now, id_source());
}

}  // namespace cxb::server
