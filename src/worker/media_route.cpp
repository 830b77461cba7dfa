#include "cxb/worker/media_route.hpp"

#include <algorithm>
#include <cctype>

#include "cxb/contract/shared_secret/websocket_token.hpp"
#include "cxb/worker/call_start.hpp"

namespace cxb::inline v1 {
namespace worker {

using contract::runtime_config::transport_kind;

namespace {

constexpr int upgrade_required = 426;
constexpr std::size_t longest_id = 128;
constexpr std::string_view prefixes[] = {"/ws/", "/exotel/"};

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= longest_id &&
           std::ranges::all_of(text, [](char const c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' ||
                      c == ':' || c == '-';
           });
}

result<void> check_token(std::string_view query_text, std::string_view bot_id,
                         contract::shared_secret::keyring const& keys) {
    auto const query = wire::query_list::parse(query_text);
    auto const token = query ? query->get("t").value_or("") : std::string_view();
    return contract::shared_secret::verify_websocket_token(token, bot_id, keys);
}

}  // namespace

std::optional<media_place> media_route(std::string_view path) {
    for (auto const prefix : prefixes) {
        if (!path.starts_with(prefix)) continue;
        auto const id = path.substr(prefix.size());
        if (!is_id(id)) return std::nullopt;
        bool const dialler = prefix == prefixes[0];
        return media_place{dialler ? transport_kind::websocket : transport_kind::exotel,
                           std::string(id)};
    }
    return std::nullopt;
}

head_verdict judge_upgrade(media_place const& place, wire::http_request const& request, bool token,
                           contract::shared_secret::keyring const& keys) {
    head_verdict out;
    auto const request_id = request.headers.get("X-Request-Id");
    if (request.method != "GET") {
        out.refuse = core_route_refusal(request.path);
    } else if (auto const good =
                   token ? check_token(request.query_text, place.bot_id, keys) : result<void>{};
               !good) {
        out.refuse = start_refusal(good.error(), request_id);
    } else if (asks_for_socket(request)) {
        out.socket.emplace();
    } else {
        out.refuse = start_refusal(error{errc::invalid, "This path speaks WebSocket"}, request_id);
        out.refuse->status = upgrade_required;
        out.refuse->headers.set("Upgrade", "websocket");
    }
    return out;
}

}  // namespace worker
}  // namespace cxb::inline v1
