#include "server/api/livekit_webhook/livekit_webhook_routes.hpp"

#include <array>

#include "cxb/contract/livekit/webhook.hpp"
#include "server/api/fleet/call_handover.hpp"
#include "server/api/livekit_webhook/event_claim.hpp"
#include "server/api/livekit_webhook/waiting_caller.hpp"
#include "server/api/services.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/openapi/schema_text.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::handler_result;
using server::request_context;
namespace livekit = contract::livekit;

wire::http_response fine() {
    return server::json_response(200, R"({"ok":true})");
}

// The caller talks to a bot (409: since an earlier try, whose answer was lost), or the worker has
// let him go: nobody is left to be dispatched.
bool is_settled(int status) noexcept {
    return status == 200 || status == 404 || status == 409 || status == 429;
}

wire::http_response relayed(wire::http_response const& answer) {
    wire::http_response out;
    out.status = answer.status;
    auto const type = answer.headers.get("Content-Type");
    out.headers.set("Content-Type", std::string(type.empty() ? server::json_type : type));
    out.body = std::string(answer.bytes());
    return out;
}

handler_result dispatch(api_services& api, waiting_caller caller) {
    if (!api.handover->has_hosts()) co_return error{errc::unavailable, "No fleet"};
    if (caller.dialed_number.empty()) {
        CXB_CO_TRY(caller.dialed_number, co_await number_of_trunk(*api.store, caller.trunk_id));
    }
    handover_order order{dispatch_handover,
                         contract::dispatch::serialize(dispatch_of(caller)),
                         api.settings->fleet.dispatch_timeout,
                         {}};
    CXB_CO_TRY(auto const got, co_await api.handover->place(std::move(order)));
    switch (got.end) {
        case handover_end::answered:
            co_return relayed(got.answer);
        case handover_end::none_free:
            co_return error{errc::unavailable, "No healthy fleet"};
        case handover_end::secret_refused:
            co_return error{errc::upstream_failed, "Fleet rejected the core secret"};
        default:
            co_return error{errc::upstream_failed, "Fleet unreachable"};
    }
}

// Repeats that come meanwhile wait here for what becomes of the first one.
handler_result dispatch_once(api_services& api, std::string event_id, waiting_caller caller) {
    auto const turn = co_await api.turns->take("livekit " + event_id);
    CXB_CO_TRY(auto const claim,
               co_await claim_event(*api.store, std::move(event_id), api.time->now()));
    if (claim.state == event_state::done) co_return fine();
    if (claim.state == event_state::busy)
        co_return error{errc::unavailable, "The event is being handled"}.with_retry_after(
            seconds{1});
    auto outcome = co_await dispatch(api, std::move(caller));
    // A row that cannot be written ends by itself; what became of the call is told all the same.
    auto const noted = outcome && is_settled(outcome->status)
                           ? co_await keep_claim(*api.store, claim, api.time->now())
                           : co_await drop_claim(*api.store, claim);
    if (!noted) api.log->error("livekit event not settled", {{"cause", noted.error()}});
    co_return outcome;
}

handler_result post_webhook(request_context& context) {
    auto& api = context.service<api_services>();
    auto const& own = api.settings->livekit;
    if (own.api_key.empty() || own.api_secret.empty())
        co_return error{errc::unavailable, "LiveKit not configured"};
    std::array const keys{livekit::api_credentials{own.api_key, own.api_secret}};
    CXB_CO_TRY(
        auto const event,
        livekit::verify_webhook(context.request.body, context.request.headers.get("Authorization"),
                                keys, context.now()));
    auto caller = waiting_caller_of(event);
    if (!caller) co_return fine();
    if (event.id.value_or("").empty()) co_return co_await dispatch(api, *std::move(caller));
    co_return co_await dispatch_once(api, *event.id, *std::move(caller));
}

// What a worker says of a call it took is relayed as it is.
std::string_view webhook_answer_schema() {
    static std::string const text =
        server::object_schema("livekit_webhook_answer", "ok? boolean, status? string");
    return text;
}

constexpr server::route_error webhook_errors[] = {
    {401, "unauthenticated", "no token, or not one that our LiveKit server made for this body"},
    {404, "not_found", "the worker found no bot for the number and let the caller go"},
    {409, "already_exists", "the call runs already at that worker"},
    {429, "at_capacity", "the worker was full and let the caller go; not tried elsewhere"},
    {502, "upstream_failed", "no worker host could be reached, or it did not answer in time"},
    {503, "unavailable", "no LiveKit key, no fleet, no free host, or the event is being handled"},
};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/livekit/webhook",
     .who = server::access::signed_link,
     .handler = &post_webhook,
     .summary = "What the LiveKit server tells; an inbound caller is given to a worker",
     .body_limit = livekit::webhook_body,
     .content_types = livekit::webhook_content_types,
     .request_schema = &livekit::livekit_event_schema,
     .response_schema = &webhook_answer_schema,
     // One server tells of all rooms, and what is refused it sends again.
     .rate = server::rate_class::none,
     .deadline = server::no_deadline,
     .doc = {.description =
                 "LiveKit signs each event in its Authorization header. When a telephone caller "
                 "joins a room whose name begins with call-, the call is handed to the worker "
                 "host with the most free slots, and that worker's answer is relayed; of all "
                 "other events nothing follows. An event id leads to one hand-over within 24 "
                 "hours: a repeat is answered with ok.",
             .request_example =
                 R"({"event":"participant_joined","id":"EV_7JTLzqQ4ZAbH","createdAt":1767323045,)"
                 R"("room":{"sid":"RM_a1","name":"call-_+919876543210_x1"},"participant":)"
                 R"({"sid":"PA_a1","identity":"sip_+919876543210","kind":"SIP","attributes":)"
                 R"({"sip.phoneNumber":"+919876543210","sip.calledNumber":"+911140000001",)"
                 R"("sip.trunkID":"ST_a1","sip.callID":"SCL_a1"}}})",
             .response_example = R"({"status":"accepted","call_id":"SCL_a1"})",
             .errors = webhook_errors}},
};

}  // namespace

std::span<server::route const> livekit_webhook_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
