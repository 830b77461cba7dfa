#pragma once
/// @file
/// The coroutine side of a queued operation: waiting for an engine thread.
///
/// The coroutine arms the operation, an engine thread does the work and calls `finish` exactly
/// once; the coroutine goes on, on its own executor. Cancelling the coroutine, or its deadline,
/// lets it go on at once: an operation that has not begun is skipped, one that runs is completed
/// unseen.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store::engine {

/// Why a wait came to its end.
enum class wait_end { finished, cancelled, expired };

class pending_operation : public std::enable_shared_from_this<pending_operation> {
  public:
    using steady_time = std::chrono::steady_clock::time_point;

    pending_operation() = default;
    pending_operation(pending_operation const&) = delete;
    pending_operation& operator=(pending_operation const&) = delete;
    virtual ~pending_operation() = default;

    /// Engine thread: replaces whatever outcome there is.
    virtual void fail(error cause) = 0;

    /// Engine thread, once: lets the coroutine go on.
    void finish();
    /// Is nobody waiting any more?
    [[nodiscard]] bool abandoned();
    /// Engine thread: true when the work is to be done, somebody still waits for it.
    [[nodiscard]] bool begin();
    [[nodiscard]] bool begun();
    /// The wait ends at this moment at the latest. To be set before `wait`.
    void set_deadline(steady_time at) { deadline_ = at; }
    [[nodiscard]] std::optional<steady_time> deadline() const { return deadline_; }
    /// Queues an operation whose coroutine goes on at that executor, or tells why it cannot.
    using enqueue_fn = std::function<result<void>(std::shared_ptr<pending_operation>,
                                                  boost::asio::any_io_executor const&)>;
    /// Suspends until `finish`; `enqueue` is called once the operation is armed.
    [[nodiscard]] static boost::asio::awaitable<wait_end> wait(
        std::shared_ptr<pending_operation> self, enqueue_fn enqueue);

    std::size_t bytes = 0;  ///< rough size, for the bounds of queues and groups

  private:
    template <class Handler>
    void arm(Handler handler);
    void give_up(wait_end why);
    [[nodiscard]] wait_end ended();
    [[nodiscard]] std::function<void()> take_resume();

    std::mutex mutex_;
    std::function<void()> resume_;         // guarded by mutex_; empty once used
    wait_end ended_ = wait_end::finished;  // guarded by mutex_
    bool begun_ = false;                   // guarded by mutex_
    std::optional<steady_time> deadline_;
};

}  // namespace store::engine
}  // namespace cxb::inline v1
CXB_EXPORT_END
