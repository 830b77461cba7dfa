#pragma once
// What calls of a fake Core do: wait for their end, or play back what they hear.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <mutex>
#include <vector>

#include "cxb/worker/call_handler.hpp"

namespace cxb::inline v1 {
namespace testing {

class short_calls final : public worker::call_handler {
  public:
    // `held`: told of every call that begins to wait for `release`.
    short_calls(std::chrono::milliseconds length, std::function<void()> held)
        : length_(length), held_(std::move(held)) {}

    boost::asio::awaitable<result<worker::call_end>> run(worker::call_context call) override;

    void hold();
    void release();
    [[nodiscard]] std::size_t waiting() const;
    // Timers belong to the loop they wait on: before that goes.
    void forget();

  private:
    using timer = std::shared_ptr<boost::asio::steady_timer>;
    boost::asio::awaitable<std::string> wait(std::shared_ptr<worker::call_control> control);
    bool keep(timer const& one);

    std::chrono::milliseconds length_;
    std::function<void()> held_;
    mutable std::mutex mutex_;
    bool holding_ = false;
    std::vector<timer> timers_;
};

}  // namespace testing
}  // namespace cxb::inline v1
