#include "server/api/widget/widget_calls.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/contract/livekit/access_token.hpp"
#include "cxb/contract/widget/widget_request.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/fleet/call_handover.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

namespace livekit = contract::livekit;

constexpr std::size_t room_bytes = 6;  // 12 hex digits

result<std::string> visitor_token(api_services const& api, std::string const& room) {
    auto const& own = api.settings->livekit;
    auto made = livekit::mint_token(own.api_key, own.api_secret,
                                    livekit::widget_user(room, *api.random), api.time->now());
    if (made) return made;
    return error{errc::internal, "The token could not be made"}.with_note({made.error().detail()});
}

}  // namespace

std::string random_hex(random_source& random, std::size_t bytes) {
    std::string raw(bytes, '\0');
    random.fill(std::as_writable_bytes(std::span{raw}));
    return to_hex(raw);
}

store::async<widget_token> start_widget_call(api_services const& api, bot_ptr bot,
                                             std::string caller_id) {
    CXB_CO_CHECK(check_bot_takes_calls(*bot, api.time->now()));
    auto const& server_url = api.settings->livekit.url;
    if (server_url.empty()) co_return error{errc::unavailable, "LiveKit not configured"};
    contract::widget::widget_request request;
    request.bot_id = bot->id;
    request.room_name = "widget-" + bot->id + "-" + random_hex(*api.random, room_bytes);
    if (!caller_id.empty()) request.caller_id = std::move(caller_id);
    CXB_CO_TRY(auto token, visitor_token(api, request.room_name));
    if (!api.handover->has_hosts())
        co_return error{errc::unavailable, "No fleet servers configured"};
    handover_order order{widget_handover,
                         contract::widget::serialize(request),
                         api.settings->fleet.widget_timeout,
                         {}};
    CXB_CO_TRY(auto const got, co_await api.handover->place(std::move(order)));
    if (got.end == handover_end::none_free)
        co_return error{errc::unavailable, "No healthy fleet server available"};
    if (!got.accepted()) co_return error{errc::unavailable, "The call could not be handed over"};
    co_return widget_token{server_url, std::move(token), {}};
}

}  // namespace cxb::api
