#include "server/common/async/keyed_turn.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::server {

namespace asio = boost::asio;

asio::awaitable<keyed_turn::hold> keyed_turn::take(std::string key) {
    auto executor = co_await asio::this_coro::executor;
    std::weak_ptr<state> owner = state_;
    std::shared_ptr<waiter> mine;
    {
        std::scoped_lock const lock(state_->mutex);
        auto [at, first] = state_->queues.try_emplace(key);
        if (!first) {
            mine = std::make_shared<waiter>(executor);
            at->second.push_back(mine);
        }
    }
    if (mine) {
        mine->timer.expires_at(asio::steady_timer::time_point::max());
        while (!mine->granted)
            co_await mine->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return hold(std::move(owner), std::move(key));
}

void keyed_turn::release(state& owner, std::string const& key) {
    std::shared_ptr<waiter> next;
    {
        std::scoped_lock const lock(owner.mutex);
        auto const at = owner.queues.find(key);
        if (at->second.empty()) {
            owner.queues.erase(at);
            return;
        }
        next = std::move(at->second.front());
        at->second.pop_front();
    }
    asio::post(next->timer.get_executor(), [next] {
        next->granted = true;
        next->timer.cancel();
    });
}

std::size_t keyed_turn::size() const {
    std::scoped_lock const lock(state_->mutex);
    return state_->queues.size();
}

}  // namespace cxb::server
