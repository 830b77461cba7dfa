#include "server/common/http/cors.hpp"

#include <algorithm>

namespace cxb::server {
namespace {

constexpr std::string_view exposed =
    "X-Request-Id, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    "Idempotent-Replayed, Content-Disposition, X-CXB-Ignored-Fields";
constexpr std::string_view accepted =
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-API-Key, "
    "X-Request-Id, traceparent";

}  // namespace

bool cors_rules::allowed(std::string_view origin) const noexcept {
    return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void cors_rules::add_headers(wire::http_request const& request, bool any_origin,
                             wire::header_list& answer) const {
    if (any_origin) {
        answer.set("Access-Control-Allow-Origin", "*");
        return;
    }
    if (origins_.empty()) return;
    // Caches must not hand an answer for one origin to another.
    answer.add("Vary", "Origin");
    auto const origin = request.headers.get("Origin");
    if (origin.empty() || !allowed(origin)) return;
    answer.set("Access-Control-Allow-Origin", std::string(origin));
    answer.set("Access-Control-Expose-Headers", std::string(exposed));
}

void cors_rules::add_preflight(wire::http_request const& request, bool any_origin,
                               std::string const& allow, wire::header_list& answer) const {
    auto const origin = request.headers.get("Origin");
    if (origin.empty() || !(any_origin || allowed(origin))) return;
    if (!request.headers.has("Access-Control-Request-Method")) return;
    answer.set("Access-Control-Allow-Methods", allow);
    answer.set("Access-Control-Allow-Headers", std::string(accepted));
    answer.set("Access-Control-Max-Age", "600");
}

}  // namespace cxb::server
