#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "cxb/base/ids.hpp"
#include "src/worker/host_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;

head_verdict worker_host::state::judge_socket(media_place const& place,
                                              wire::http_request const& request) const {
    auto out = judge_upgrade(place, request, options.socket_token, *options.keys());
    if (out.socket) out.socket = options.sockets;
    return out;
}

asio::awaitable<void> worker_host::serve(wire::http_request request,
                                         std::shared_ptr<media_socket> socket) {
    auto const executor = co_await asio::this_coro::executor;
    auto const self = state_;
    auto place = media_route(request.path);
    if (!place) co_return;
    auto const leg = std::make_shared<socket_leg>(
        std::move(socket), media_protocol::make(place->transport, self->options.media), self->time,
        executor);
    asio::co_spawn(executor, self->take_socket_call(leg, *std::move(place)), asio::detached);
    co_await leg->pump();
}

asio::awaitable<void> worker_host::state::take_socket_call(std::shared_ptr<socket_leg> leg,
                                                           media_place place) {
    auto const self = shared_from_this();
    auto const call = std::make_shared<live_call>();
    call->call_id = make_uuid7(time.now(), random);
    auto slot = take_slot(place.transport, call->call_id);
    if (!slot) co_return leg->refuse(close_code::policy, "At capacity");
    call->start.transport = place.transport;
    call->start.bot_id = std::move(place.bot_id);
    call->start.config_url = options.config_url;
    call->since = time.now();
    call->results_to = rc::results_url(call->start.config_url);
    call->control = std::make_shared<call_control>();
    call->leg = leg;
    calls[call->call_id] = call;
    call->control->on_stop(
        [&](std::string code, std::string) { leg->refuse(close_code::internal, std::move(code)); });
    auto party = co_await leg->started();
    call->control->on_stop({});
    if (party) {
        call->start.stream_id = std::move(party->stream_id);
        call->start.caller_id = std::move(party->caller_id);
        call->start.dialed_number = std::move(party->did);
        call->start.direction = party->direction;
        call->start.connected_event = std::move(party->variables);
        auto const ready = co_await make_ready(*call);
        if (ready) co_return co_await run_call(*std::move(slot), call);
        leg->refuse(close_code::internal, "Call journal cannot be written");
    } else {
        note(false, "media handshake not completed");
    }
    calls.erase(call->call_id);
}

}  // namespace worker
}  // namespace cxb::inline v1
