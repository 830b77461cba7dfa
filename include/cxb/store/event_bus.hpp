#pragma once
/// @file
/// Short news between the processes of one installation: "this bot has changed". Adapters:
/// in-process (embedded default) and Redis.
///
/// The bus is a hint, never the only holder of a fact: whoever listens can find the same out from
/// the document store, only later (spec 20 §4, §8).
///
/// Guarantees of every adapter (conformance suite `tests/store`):
/// - a message reaches each subscription of its topic at most once, also that of its publisher;
/// - messages of different publishers, or of one publisher under load, may change places;
/// - when messages may have been lost (connection made or made again, queue full on the way), every
///   subscription is told `on_missed`, after the moment from which it hears again: it then reloads
///   what it keeps.
///
/// | errc of publish | meaning                            | what to do                          |
/// |-----------------|------------------------------------|-------------------------------------|
/// | invalid         | not a topic                        | a bug                               |
/// | too_large       | body over `limits::event_body`     | a bug: send an id, not a document   |
/// | unavailable     | nobody hears (away, queue full)    | go on: others find out by polling   |
///
/// Ownership: listeners are kept until `unsubscribe`. Thread-safety: all members from any thread.
/// Listeners run on a thread of the bus, one at a time, must return at once and must not call the
/// bus.
///
/// ```cpp
/// auto const id = bus.subscribe("bots", {.on_message = [&](auto const& m) { queue(m.body); },
///                                        .on_missed = [&] { queue_full_reload(); }});
/// bus.publish("bots", {{"id", bot_id}, {"version", 7}});
/// ```

#include <cstdint>
#include <functional>
#include <string>

#include "cxb/store/document_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

struct bus_message {
    std::string topic;  ///< `[a-z0-9_.-]{1,64}`
    json_object body;
};

/// `on_missed` may be empty.
struct bus_listener {
    std::function<void(bus_message const&)> on_message;
    std::function<void()> on_missed;
};

/// Totals since the start; for `/metrics`.
struct bus_counters {
    std::uint64_t published = 0;  ///< taken for sending
    std::uint64_t received = 0;   ///< handed to at least one listener
    std::uint64_t missed = 0;     ///< times the listeners were told to reload
    std::uint64_t lost = 0;       ///< not sent, or received and unreadable
};

class event_bus {
  public:
    event_bus() = default;
    event_bus(event_bus const&) = delete;
    event_bus& operator=(event_bus const&) = delete;
    virtual ~event_bus() = default;

    /// Never waits. Success means taken for sending, not heard.
    virtual result<void> publish(std::string topic, json_object body) = 0;
    /// Hears from a moment soon after the call; adapters with a connection tell `on_missed` then.
    /// Returns an id for `unsubscribe`.
    virtual int subscribe(std::string topic, bus_listener listener) = 0;
    /// Once it returned, the listener is not called any more. Never from within a listener.
    virtual void unsubscribe(int id) = 0;
    /// Does the bus hear others now? For `/ready`.
    [[nodiscard]] virtual bool connected() const = 0;
    [[nodiscard]] virtual bus_counters counters() const = 0;
    /// Sends no more, tells nobody any more, ends its threads. May be repeated.
    virtual void close() = 0;
};

/// The rule for topics.
[[nodiscard]] bool is_topic(std::string_view topic) noexcept;

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
