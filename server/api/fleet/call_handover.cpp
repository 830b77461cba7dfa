#include "server/api/fleet/call_handover.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;

constexpr std::size_t max_hosts = 3;
constexpr seconds beyond_one_host{10};

// Shared by a hand-over and the coroutine that keeps its reservation; both on one executor.
struct renewal {
    explicit renewal(asio::any_io_executor const& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool over = false;
    void end() {
        over = true;
        timer.cancel();
    }
};

// Keeps a reservation alive while the hand-over runs. The end may come while a renewal is being
// written, when no wait is there to be cancelled.
asio::awaitable<void> keep_alive(fleet_service& fleet, reserved_host held,
                                 std::shared_ptr<renewal> state) {
    for (;;) {
        state->timer.expires_after(domain::reservation_renewal);
        co_await state->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (state->over) co_return;
        // A failed renewal only shortens the hold; the hand-over itself goes on.
        (void)co_await fleet.renew(held);
        if (state->over) co_return;
    }
}

bool goes_on(handover_kind const& kind, int status) noexcept {
    return (status == 429 && kind.busy_goes_on) || (status == 503 && kind.closed_goes_on);
}

}  // namespace

asio::awaitable<result<wire::http_response>> call_handover::ask(handover_order const& order,
                                                                reserved_host held,
                                                                milliseconds at_most) {
    auto const executor = co_await asio::this_coro::executor;
    client::outgoing_request request{held.url + std::string(order.kind.path), {}, {}};
    request.message.method = "POST";
    request.message.headers.set("Content-Type", "application/json");
    contract::shared_secret::add_headers(request.message.headers, *core_.keys());
    request.message.body = order.body;
    client::transport_options how;
    how.total = std::min(order.timeout, at_most);
    how.max_response_bytes = limits::health_body;
    auto const began = time_.steady();
    auto const alive = std::make_shared<renewal>(executor);
    asio::co_spawn(executor, keep_alive(fleet_, held, alive), asio::detached);
    auto answer = co_await hosts_.send(std::move(request), how);
    alive->end();
    auto const took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    if (order.tried) order.tried({held.url, answer ? answer->status : 0, took});
    co_return answer;
}

store::async<handover_outcome> call_handover::place(handover_order order) {
    auto const give_up = time_.steady() + order.timeout + beyond_one_host;
    std::set<std::string> tried;
    handover_outcome out;
    while (tried.size() < max_hosts && time_.steady() < give_up) {
        auto const held = co_await fleet_.reserve(tried);
        if (tried.empty()) {
            CXB_CO_CHECK(held);
            if (!*held) co_return handover_outcome{handover_end::none_free, {}};
        }
        if (!held || !*held) break;
        reserved_host const& host = **held;
        tried.insert(host.url);
        CXB_FAIL_POINT("dialout.reserved");
        auto const left = std::chrono::duration_cast<milliseconds>(give_up - time_.steady());
        auto answer = co_await ask(order, host, left);
        CXB_FAIL_POINT("dialout.posted");
        // A hold that cannot be changed ends by itself; what the host did decides.
        if (answer && answer->status == 200)
            (void)co_await fleet_.accept(host);
        else
            (void)co_await fleet_.release(host);
        if (!answer) {
            if (answer.error().request_sent() == sent_state::no) continue;
            co_return handover_outcome{handover_end::in_doubt, {}};
        }
        if (answer->status == 403) {
            log_.error("fleet rejected the core secret", {{"host", server::plain(host.url)}});
            co_return handover_outcome{handover_end::secret_refused, {}};
        }
        bool const next = goes_on(order.kind, answer->status);
        out = {handover_end::answered, *std::move(answer)};
        if (!next) co_return out;
    }
    co_return out;
}

}  // namespace cxb::api
