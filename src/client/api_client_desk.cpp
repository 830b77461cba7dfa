#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "src/client/api_client_state.hpp"

namespace cxb::inline v1 {
namespace client {

namespace desk = contract::agent_desk;

namespace {

// A repeat after a lost answer is recognised by these.
template <class Items>
void give_ids(Items& items, exchange_point const& point) {
    for (auto& item : items)
        if (!item.id || item.id->empty()) item.id = make_uuid7(point.time().now(), point.random());
}

std::string desk_url(exchange_point const& point, std::string base, std::string_view path) {
    base = point.url_or(std::move(base), "/api/v1/agent-desk");
    while (base.ends_with('/'))
        base.pop_back();
    return base.append(path);
}

template <class Ack, class Body>
async<Ack> update(exchange_point& point, desk_update_params<Body> params, std::string_view what,
                  call_options how, result<Ack> (*parse)(std::string_view, wire::parse_options)) {
    if (params.call_id.empty()) co_return invalid_member("/call_id", "must not be empty");
    CXB_CO_CHECK(validate(params.body));
    auto const path = "/calls/" + percent_encode(params.call_id) + std::string(what);
    auto plan = secret_post(desk_url(point, std::move(params.desk_url), path),
                            serialize(params.body), repeat_rule::not_final);
    co_return co_await ask<Ack>(point, std::move(plan), std::move(how), parse);
}

}  // namespace

async<desk::enqueue_ack> api_client::enqueue(enqueue_params params, call_options how) {
    CXB_CO_CHECK(desk::validate(params.request));
    auto plan = secret_post(desk_url(state_->point, std::move(params.desk_url), "/enqueue"),
                            desk::serialize(params.request), repeat_rule::not_final);
    co_return co_await ask<desk::enqueue_ack>(state_->point, std::move(plan), std::move(how),
                                              &desk::parse_enqueue_ack);
}

async<desk::desk_events_ack> api_client::post_desk_events(
    desk_update_params<desk::desk_events> params, call_options how) {
    give_ids(params.body.events, state_->point);
    return update<desk::desk_events_ack>(state_->point, std::move(params), "/events",
                                         std::move(how), &desk::parse_desk_events_ack);
}

async<desk::desk_transcript_ack> api_client::post_desk_transcript(
    desk_update_params<desk::desk_transcript> params, call_options how) {
    if (params.body.mode == desk::transcript_mode::append)
        give_ids(params.body.turns, state_->point);
    return update<desk::desk_transcript_ack>(state_->point, std::move(params), "/transcript",
                                             std::move(how), &desk::parse_desk_transcript_ack);
}

async<desk::desk_recording_ack> api_client::post_desk_recording(
    desk_update_params<desk::desk_recording> params, call_options how) {
    return update<desk::desk_recording_ack>(state_->point, std::move(params), "/recording",
                                            std::move(how), &desk::parse_desk_recording_ack);
}

async<desk::customer_disconnected_ack> api_client::post_customer_disconnected(
    desk_update_params<desk::customer_disconnected> params, call_options how) {
    return update<desk::customer_disconnected_ack>(state_->point, std::move(params),
                                                   "/customer-disconnected", std::move(how),
                                                   &desk::parse_customer_disconnected_ack);
}

}  // namespace client
}  // namespace cxb::inline v1
