#pragma once
/// @file
/// Told when an event loop goes: what belongs to its services (sockets, timers) must not outlive
/// them, but may be held by somebody who does.
///
/// Thread-safety: `watch_loop` from any thread while the loop lives; `loop_ended` is called once,
/// by the thread that destroys the loop, before anything of the loop is gone.

#include <boost/asio/execution_context.hpp>
#include <memory>

namespace cxb::inline v1 {
namespace net {

class loop_watcher {
  public:
    virtual ~loop_watcher() = default;
    /// Lets go of what belongs to the loop.
    virtual void loop_ended() noexcept = 0;
};

void watch_loop(boost::asio::execution_context& loop, std::weak_ptr<loop_watcher> watcher);

}  // namespace net
}  // namespace cxb::inline v1
