#pragma once
/// @file
/// The event bus over Redis PUBLISH and SUBSCRIBE. Publishing goes through the pool; hearing has a
/// connection and a thread of its own.
///
/// Channels are `{prefix}:{db}:{topic}`: Redis's databases do not part channels. The hearing link
/// sends a PING every half second and is given up after 1.5 s without an answer, so a Redis that
/// stands still is noticed; each time it hears a topic anew, `on_missed` is told.

#include <memory>

#include "cxb/store/event_bus.hpp"
#include "cxb/store/redis/redis_pool.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class redis_event_bus final : public event_bus {
  public:
    /// Errors: `unavailable` when the machine has no file descriptor left.
    [[nodiscard]] static result<std::unique_ptr<redis_event_bus>> open(
        std::shared_ptr<redis_pool> pool);
    ~redis_event_bus() override;

    result<void> publish(std::string topic, json_object body) override;
    int subscribe(std::string topic, bus_listener listener) override;
    void unsubscribe(int id) override;
    [[nodiscard]] bool connected() const override;
    [[nodiscard]] bus_counters counters() const override;
    void close() override;

  private:
    struct hearing;
    explicit redis_event_bus(std::unique_ptr<hearing> inside);
    std::unique_ptr<hearing> inside_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
