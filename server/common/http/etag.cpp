#include "server/common/http/etag.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::server {
namespace {

// Calls `visit` for each entry of a tag list until it gives true.
template <class Visit>
bool any_tag(std::string_view list, Visit visit) {
    while (!list.empty()) {
        auto const comma = list.find(',');
        if (visit(trim(list.substr(0, comma)))) return true;
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return false;
}

}  // namespace

std::string version_etag(std::int64_t version) {
    return '"' + std::to_string(version) + '"';
}

result<void> check_if_match(request_context const& context, std::string_view current) {
    if (!context.request.headers.has("If-Match")) return {};
    bool const fits = any_tag(context.request.headers.get("If-Match"),
                              [current](auto tag) { return tag == "*" || tag == current; });
    if (fits) return {};
    return error{errc::precondition_failed, "The resource has changed"};
}

bool client_has(request_context const& context, std::string_view current) {
    return any_tag(context.request.headers.get("If-None-Match"), [current](auto tag) {
        if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
        return tag == "*" || tag == current;
    });
}

wire::http_response not_modified(std::string_view current) {
    wire::http_response out;
    out.status = 304;
    out.headers.add("ETag", std::string(current));
    return out;
}

}  // namespace cxb::server
