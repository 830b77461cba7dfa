#pragma once
/// @file
/// Waiting for work no longer than a given time.
///
/// ```cpp
/// auto const done = co_await in_time(store.commit(std::move(writes)), seconds{1});
/// if (!done) ...                                          // too late; it goes on by itself
/// ```
/// Work that is late is not cut off: it goes on on the caller's executor, and what comes of it is
/// dropped, also an exception. So it owns, or is outlived by, what it uses. An exception that
/// comes in time is passed on. The time is real time.
/// Thread-safety: the executor of the caller runs one thing at a time, as event loops do.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>

namespace cxb::server {

/// What work and its waiter share.
template <class T>
struct timed_work {
    explicit timed_work(boost::asio::any_io_executor const& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    std::optional<T> outcome;
    std::exception_ptr thrown;
    bool ended = false;
};

template <class T>
boost::asio::awaitable<void> run_work(std::shared_ptr<timed_work<T>> shared,
                                      boost::asio::awaitable<T> work) {
    shared->outcome.emplace(co_await std::move(work));
}

/// What `work` gives, or nothing when it has not ended after `at_most`.
template <class T>
boost::asio::awaitable<std::optional<T>> in_time(boost::asio::awaitable<T> work,
                                                 std::chrono::nanoseconds at_most) {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const shared = std::make_shared<timed_work<T>>(executor);
    shared->timer.expires_after(at_most);
    boost::asio::co_spawn(executor, run_work(shared, std::move(work)),
                          [shared](std::exception_ptr const& thrown) {
                              shared->thrown = thrown;
                              shared->ended = true;
                              shared->timer.cancel();
                          });
    if (!shared->ended)
        co_await shared->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (shared->thrown) std::rethrow_exception(shared->thrown);
    co_return std::move(shared->outcome);
}

}  // namespace cxb::server
