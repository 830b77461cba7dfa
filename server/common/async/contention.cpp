#include "server/common/async/contention.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::server {

namespace asio = boost::asio;

asio::awaitable<void> contention_pause(int attempt, random_source& random) {
    constexpr int most_doublings = 10;
    auto const bound = std::min<std::int64_t>(1LL << std::clamp(attempt, 0, most_doublings),
                                              longest_contention_pause.count());
    std::chrono::microseconds const wait{random.below(static_cast<std::uint64_t>(bound) * 1000)};
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace cxb::server
