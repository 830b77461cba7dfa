#include "server/api/bots/web_origin.hpp"

#include "cxb/domain/http_url.hpp"

namespace cxb::api {

std::optional<std::string> web_origin(std::string_view text) {
    auto const url = domain::parse_http_url(text);
    if (!url || url->target != "/" || text.find('#') != text.npos) return std::nullopt;
    return url->origin();
}

}  // namespace cxb::api
