#pragma once
/// @file
/// The connections a client keeps on one event loop, by origin: who may open one, who waits, which
/// are kept for later. Knows nothing of HTTP.
///
/// Thread-safety: safe from any thread; a mutex held for a few instructions guards the books.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/net/byte_stream.hpp"
#include "src/net/loop_watch.hpp"

namespace cxb::inline v1 {
namespace net {

struct pool_limits {
    std::size_t max_connections = 16;
    std::size_t max_waiting = 100;
    std::chrono::milliseconds idle_limit{30000};
};

class connection_pool final : public std::enable_shared_from_this<connection_pool>,
                              public loop_watcher {
  public:
    using steady_point = std::chrono::steady_clock::time_point;

    /// The right to one connection of an origin. Move-only. `stream` is empty when a connection
    /// must be opened first; whatever is in it at the end is closed unless it was given back.
    class lease {
      public:
        lease() = default;
        lease(lease&& other) noexcept;
        lease& operator=(lease&&) = delete;
        ~lease();
        /// Ends the lease and keeps the connection for the next request.
        void give_back();
        std::unique_ptr<byte_stream> stream;
        bool reused = false;  ///< `stream` served a request before

      private:
        friend class connection_pool;
        lease(std::shared_ptr<connection_pool> owner, std::string origin);
        std::shared_ptr<connection_pool> owner_;
        std::string origin_;
    };

    /// A pool for connections of that event loop, which closes them when it goes, whoever goes
    /// first.
    static std::shared_ptr<connection_pool> create(boost::asio::execution_context& loop,
                                                   pool_limits limits);
    explicit connection_pool(pool_limits limits) : limits_(limits) {}
    void loop_ended() noexcept override;
    /// Its loop is gone; another one may live at the same address.
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    /// `fresh`: never a kept connection. Errors: `unavailable` (reason `pool_full`),
    /// `deadline_exceeded`, `cancelled`.
    boost::asio::awaitable<result<lease>> acquire(std::string origin, bool fresh,
                                                  steady_point deadline);

  private:
    struct kept {
        std::unique_ptr<byte_stream> stream;
        steady_point since;
    };
    struct waiter {
        explicit waiter(boost::asio::any_io_executor const& executor) : timer(executor) {}
        boost::asio::steady_timer timer;
        std::unique_ptr<byte_stream> stream;
        bool granted = false;
    };
    struct place {
        std::size_t open = 0;  // leased, granted or kept
        std::vector<kept> idle;
        std::deque<std::shared_ptr<waiter>> waiting;
    };
    class waiting_turn;

    std::unique_ptr<byte_stream> take_idle(place& at, bool fresh, steady_point now);
    void release(std::string const& origin, std::unique_ptr<byte_stream> stream);
    void sweep(steady_point now);

    pool_limits const limits_;
    std::mutex mutex_;
    std::unordered_map<std::string, place> places_;
    std::atomic<bool> is_over_ = false;
    steady_point swept_ = std::chrono::steady_clock::now();
};

}  // namespace net
}  // namespace cxb::inline v1
