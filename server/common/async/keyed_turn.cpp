#include "server/common/async/keyed_turn.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::server {

namespace asio = boost::asio;

asio::awaitable<keyed_turn::hold> keyed_turn::take(std::string key) {
    auto executor = co_await asio::this_coro::executor;
    std::shared_ptr<waiter> mine;
    {
        std::scoped_lock const lock(mutex_);
        auto [at, first] = queues_.try_emplace(key);
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
    co_return hold(*this, std::move(key));
}

void keyed_turn::release(std::string const& key) {
    std::shared_ptr<waiter> next;
    {
        std::scoped_lock const lock(mutex_);
        auto const at = queues_.find(key);
        if (at->second.empty()) {
            queues_.erase(at);
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
    std::scoped_lock const lock(mutex_);
    return queues_.size();
}

}  // namespace cxb::server
