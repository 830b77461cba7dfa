#pragma once
/// @file
/// SIGTERM and SIGINT: the first asks for a graceful stop, the second ends the process at once
/// with 130. SIGHUP: read secrets and certificates again. SIGPIPE is ignored.
///
/// ```cpp
/// asio::io_context main_loop;
/// stop_signals signals(main_loop.get_executor(), {.stop = [&] { ... }, .reload = [&] { ... }});
/// main_loop.run();
/// ```
/// Callbacks run on the executor given. `release()` lets its loop end. One object per process.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace cxb::server {

struct signal_actions {
    std::function<void()> stop;    ///< first SIGTERM or SIGINT
    std::function<void()> reload;  ///< each SIGHUP; may be empty
    /// Second SIGTERM or SIGINT; empty: `_exit(130)`. Tests set it.
    std::function<void()> stop_now;
};

class stop_signals {
  public:
    stop_signals(boost::asio::any_io_executor const& on, signal_actions actions);
    ~stop_signals();
    stop_signals(stop_signals const&) = delete;
    stop_signals& operator=(stop_signals const&) = delete;
    /// Stops waiting for signals; call on the executor.
    void release();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace cxb::server
