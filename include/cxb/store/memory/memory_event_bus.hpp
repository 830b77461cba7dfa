#pragma once
/// @file
/// The event bus of one process: listeners are called by the publisher's own thread, so nothing is
/// ever missed.
///
/// Listeners are called one at a time and must not call the bus. After `close` publishing fails
/// with `unavailable`. Thread-safety: any thread.

#include <map>
#include <mutex>

#include "cxb/store/event_bus.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class memory_event_bus final : public event_bus {
  public:
    result<void> publish(std::string topic, json_object body) override;
    int subscribe(std::string topic, bus_listener listener) override;
    void unsubscribe(int id) override;
    [[nodiscard]] bool connected() const override;
    [[nodiscard]] bus_counters counters() const override;
    void close() override;

  private:
    struct entry {
        std::string topic;
        bus_listener listener;
    };
    mutable std::mutex mutex_;  // also held while listeners run: they are called one at a time
    std::map<int, entry> entries_;
    bus_counters counters_;
    int last_ = 0;
    bool closed_ = false;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
