#include "cxb/store/memory/memory_event_bus.hpp"

#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace store {

result<void> memory_event_bus::publish(std::string topic, json_object body) {
    if (!is_topic(topic)) return error{errc::invalid, "Not a topic"};
    if (wire::to_text(body).size() > limits::event_body)
        return error{errc::too_large, "Event is too large"};
    bus_message const message{std::move(topic), std::move(body)};
    std::lock_guard const lock(mutex_);
    if (closed_) return error{errc::unavailable, "The event bus is closed"};
    ++counters_.published;
    bool heard = false;
    for (auto const& [id, each] : entries_) {
        if (each.topic != message.topic) continue;
        heard = true;
        each.listener.on_message(message);
    }
    if (heard) ++counters_.received;
    return {};
}

int memory_event_bus::subscribe(std::string topic, bus_listener listener) {
    std::lock_guard const lock(mutex_);
    entries_.emplace(++last_, entry{std::move(topic), std::move(listener)});
    return last_;
}

void memory_event_bus::unsubscribe(int id) {
    std::lock_guard const lock(mutex_);
    entries_.erase(id);
}

bool memory_event_bus::connected() const {
    std::lock_guard const lock(mutex_);
    return !closed_;
}

bus_counters memory_event_bus::counters() const {
    std::lock_guard const lock(mutex_);
    return counters_;
}

void memory_event_bus::close() {
    std::lock_guard const lock(mutex_);
    closed_ = true;
}

}  // namespace store
}  // namespace cxb::inline v1
