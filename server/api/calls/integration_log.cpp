#include "server/api/calls/integration_log.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/domain/masking.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t max_entries = 50;
constexpr std::size_t max_excerpt = 2048;

// JSON shows its members without their secrets, other text stays as it is.
std::string blanked(std::string_view text) {
    auto const parsed = wire::parse_json(text);
    if (!parsed) return std::string(text);
    return wire::to_text(domain::blank_document(*parsed, domain::log_secrets));
}

// `a=1&b=2` with what `shown(name, value)` makes of each value.
template <class Shown>
std::string pairs_as(std::string_view pairs, Shown const& shown) {
    std::string out;
    while (!pairs.empty()) {
        std::string_view const pair = pairs.substr(0, pairs.find('&'));
        std::string_view const name = pair.substr(0, pair.find('='));
        std::string_view const value = pair.substr(std::min(pair.size(), name.size() + 1));
        out.append(out.empty() ? "" : "&").append(name).append("=").append(shown(name, value));
        pairs.remove_prefix(std::min(pairs.size(), pair.size() + 1));
    }
    return out;
}

// A member that is no text was sent as JSON: its members have names of their own.
std::string shown_field(std::string_view name, std::string_view value) {
    auto const plain_name = percent_decode(name);
    auto const plain = percent_decode(value);
    if (!plain_name || !plain) return "***";
    std::string_view const step = *plain_name;
    if (domain::log_secrets({&step, 1})) return "***";
    bool const nested = plain->starts_with('{') || plain->starts_with('[');
    return nested ? blanked(*plain) : std::string(value);
}

std::string excerpt(std::string_view body, bool form = false) {
    if (!is_utf8(body)) return "<" + std::to_string(body.size()) + " bytes>";
    return std::string(
        utf8_prefix(form ? pairs_as(body, &shown_field) : blanked(body), max_excerpt));
}

}  // namespace

std::string masked_url(std::string_view url) {
    auto const mark = url.find('?');
    std::string out(url.substr(0, mark));
    if (mark == std::string_view::npos || mark + 1 == url.size()) return out;
    return out.append("?").append(pairs_as(url.substr(mark + 1), [](auto, auto) { return "***"; }));
}

wire::json_object to_json(integration_entry const& entry) {
    wire::json_object out{{"at", format_timestamp(entry.at)},
                          {"kind", entry.kind},
                          {"attempt", entry.attempt},
                          {"method", entry.method},
                          {"url", masked_url(entry.url)},
                          {"status", entry.status},
                          {"ok", entry.ok},
                          {"ms", entry.took.count()}};
    if (!entry.error.empty()) out["error"] = entry.error;
    if (!entry.request.empty()) out["request_excerpt"] = excerpt(entry.request, entry.form);
    if (!entry.response.empty()) out["response_excerpt"] = excerpt(entry.response);
    if (!entry.job_id.empty()) out["job_id"] = entry.job_id;
    if (entry.next_attempt_at) out["next_attempt_at"] = format_timestamp(*entry.next_attempt_at);
    return out;
}

void log_into(store::update& call, integration_entry const& entry) {
    call.push("integration_log", wire::json_value(to_json(entry)), max_entries);
}

}  // namespace cxb::api
