#include "server/api/calls/integration_log.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/domain/masking.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t max_entries = 50;
constexpr std::size_t max_excerpt = 2048;

// A JSON body is shown without its secrets; other bodies as they are, cut.
std::string excerpt(std::string_view body) {
    if (auto const parsed = wire::parse_json(body)) {
        std::string const shown =
            wire::to_text(domain::blank_document(*parsed, domain::log_secrets));
        return std::string(utf8_prefix(shown, max_excerpt));
    }
    if (!is_utf8(body)) return "<" + std::to_string(body.size()) + " bytes>";
    return std::string(utf8_prefix(body, max_excerpt));
}

}  // namespace

std::string masked_url(std::string_view url) {
    auto const mark = url.find('?');
    std::string out(url.substr(0, mark));
    if (mark == std::string_view::npos) return out;
    std::string_view rest = url.substr(mark + 1);
    char joint = '?';
    while (!rest.empty()) {
        std::string_view const pair = rest.substr(0, rest.find('&'));
        out.append(1, joint).append(pair.substr(0, pair.find('='))).append("=***");
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        joint = '&';
    }
    return out;
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
    if (!entry.request.empty()) out["request_excerpt"] = excerpt(entry.request);
    if (!entry.response.empty()) out["response_excerpt"] = excerpt(entry.response);
    if (!entry.job_id.empty()) out["job_id"] = entry.job_id;
    if (entry.next_attempt_at) out["next_attempt_at"] = format_timestamp(*entry.next_attempt_at);
    return out;
}

void log_into(store::update& call, integration_entry const& entry) {
    call.push("integration_log", wire::json_value(to_json(entry)), max_entries);
}

}  // namespace cxb::api
