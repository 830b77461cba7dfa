#pragma once
/// @file
/// Threads for work that blocks (password hashing, disk, blocking drivers), behind a bounded
/// queue, awaited from any event loop.
///
/// ```cpp
/// blocking_pool hashing({.threads = 2, .queue = 32});
/// result<std::string> hash = co_await hashing.submit([=] { return hash_password(password); });
/// ```
/// A full queue gives `unavailable` with retry_after 1 s at once, a closed pool `unavailable`. What
/// the work throws is rethrown to the awaiting coroutine, which resumes on its own executor.
///
/// Ownership: the work is moved into the pool and destroyed on a pool thread. Thread-safety: usable
/// from any thread. Destruction runs what is queued and joins; close the pool before the event
/// loops that await it are destroyed.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"

namespace cxb::server {

struct blocking_pool_options {
    std::size_t threads = 2;
    std::size_t queue = 64;  ///< jobs waiting beside the running ones
};

class blocking_pool {
  public:
    explicit blocking_pool(blocking_pool_options options);
    ~blocking_pool();
    blocking_pool(blocking_pool const&) = delete;
    blocking_pool& operator=(blocking_pool const&) = delete;

    /// Runs `work` on a pool thread. It returns a value, nothing, or a `result`, which is passed
    /// through flat.
    template <class Work>
    [[nodiscard]] auto submit(Work work) {
        return await_work<flat<std::invoke_result_t<Work&>>>(*this, std::move(work));
    }

    /// Fire and forget; false when the queue is full or the pool closed.
    bool try_post(std::function<void()> job);
    /// Jobs waiting; for metrics.
    [[nodiscard]] std::size_t waiting() const;
    /// Runs what is queued, then joins. May be repeated.
    void close();

  private:
    template <class T>
    struct flat_of {
        using type = T;
    };
    template <class T>
    struct flat_of<result<T>> {
        using type = T;
    };
    template <class T>
    using flat = typename flat_of<T>::type;

    template <class T, class Work>
    static result<T> call(Work& work) {
        using raw = std::invoke_result_t<Work&>;
        if constexpr (std::is_void_v<raw>) {
            work();
            return {};
        } else {
            return work();
        }
    }

    template <class T, class Work>
    static boost::asio::awaitable<result<T>> await_work(blocking_pool& pool, Work work) {
        auto start = [&pool](auto handler, Work job) {
            auto const executor = boost::asio::prefer(
                boost::asio::any_io_executor(boost::asio::get_associated_executor(handler)),
                boost::asio::execution::outstanding_work.tracked);
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            auto deliver = [executor, shared](std::exception_ptr const& thrown,
                                              std::optional<result<T>> value) {
                boost::asio::post(executor, [shared, thrown, value = std::move(value)]() mutable {
                    std::move (*shared)(thrown, std::move(value));
                });
            };
            auto body = std::make_shared<Work>(std::move(job));
            bool const queued = pool.try_post([deliver, body] {
                std::optional<result<T>> value;
                std::exception_ptr thrown;
                try {
                    value.emplace(call<T>(*body));
                } catch (...) {
                    thrown = std::current_exception();
                }
                deliver(thrown, std::move(value));
            });
            if (!queued) deliver(nullptr, std::optional<result<T>>(queue_full()));
        };
        auto value = co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<> const,
                                                          void(std::exception_ptr,
                                                               std::optional<result<T>>)>(
            start, boost::asio::use_awaitable, std::move(work));
        co_return *std::move(value);
    }

    [[nodiscard]] static error queue_full();

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace cxb::server
