#pragma once
/// @file
/// The threads a process serves on: one `io_context` each, so that whatever starts on a loop stays
/// on it and needs no locks (DESIGN: execution).
///
/// ```cpp
/// net::event_loops loops(settings.threads);
/// net::http_server server(loops, handler, options);   // server.start(), loops.start(), ...
/// loops.spawn(0, run_jobs(...));
/// ```
/// All signals are blocked in the loop threads; the main thread receives them.
/// An exception that leaves a coroutine or a callback is a bug: it goes to `on_exception`, which
/// by default ends the process; the loop goes on if the hook returns.
/// Thread-safety: every member may be called from any thread, `stop` not from a loop thread.
/// Destruction order: clients and servers first, then the loops.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace net {

class event_loops {
  public:
    /// `threads` 0 = one per processor.
    explicit event_loops(std::size_t threads = 0,
                         std::function<void(std::exception_ptr)> on_exception = {});
    /// Stops if still running; coroutines that wait on a loop are destroyed.
    ~event_loops();
    event_loops(event_loops const&) = delete;
    event_loops& operator=(event_loops const&) = delete;

    /// Starts the threads and returns. Work posted earlier runs then.
    void start();
    /// Stops all loops, unfinished work is left, and joins the threads. May be repeated.
    void stop();
    /// Destroys the coroutines that wait on the stopped loops, as the destructor does; for who has
    /// objects that these still use as they end. Close first what resumes them from other threads
    /// (stores, pools); what is posted afterwards is destroyed by the destructor. The loops cannot
    /// be started again.
    void let_go();

    [[nodiscard]] std::size_t size() const noexcept;
    /// Executor of loop `index % size()`.
    [[nodiscard]] boost::asio::any_io_executor executor(std::size_t index) const;
    /// Executors in turn, to spread independent work.
    [[nodiscard]] boost::asio::any_io_executor next() const;
    /// Starts a coroutine on loop `index % size()`; nobody waits for it.
    void spawn(std::size_t index, boost::asio::awaitable<void> work) const;
    /// Runs a coroutine on loop 0 and waits for its end on the calling (not a loop's) thread.
    /// Rethrows what it throws.
    void run_and_wait(boost::asio::awaitable<void> work) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
