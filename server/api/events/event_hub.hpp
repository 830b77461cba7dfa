#pragma once
/// @file
/// Brings news to the listeners of this process (spec 21 §10): those of its own commits at once,
/// those of other processes by the event bus (topic `events`).
///
/// ```cpp
/// hub.tell({"call.updated", {{"session_id", id}}});        // after a commit
/// CXB_CO_TRY(auto const listener, hub.listen(executor, user, wanted));
/// auto const got = co_await listener->next(15s);           // up to `behind` texts
/// ```
/// Each process numbers what its listeners hear: `{generation}.{seq}`, the generation is made at
/// its start. What was told lately is kept, so a listener that comes back names the last id it saw
/// and misses nothing; where that id is unknown (too long ago, another process, a restart) it is
/// told `snapshot_needed` first and reads anew what it shows. Everybody is told the same when the
/// bus says that news of other processes may have been lost.
///
/// Bounds (`event_bounds`), all of one process:
/// | name           | default | what happens there                                             |
/// |----------------|---------|----------------------------------------------------------------|
/// | kept_events    | 10,000  | the oldest is forgotten                                        |
/// | kept_bytes     | 4 MiB   | the same                                                       |
/// | kept_for       | 10 min  | the same                                                       |
/// | behind         | 256     | a listener with more waiting is ended                          |
/// | streams        | 500     | one more is `unavailable`, reason `too_many_streams`           |
/// | user_streams   | 10      | one more of a user is `rate_limited`, the same reason          |
/// | heartbeat      | 15 s    | `: hb` is sent, and whether the user may still listen is asked |
///
/// News are hints: at most once, order between processes is not promised.
/// Thread-safety: all members from any thread; a listener belongs to its executor.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/event_bus.hpp"
#include "server/api/events/event_news.hpp"
#include "server/api/events/event_tickets.hpp"

namespace cxb::api {

struct event_bounds {
    std::size_t kept_events = 10'000;
    std::size_t kept_bytes = 4 * limits::mib;
    std::chrono::minutes kept_for{10};
    std::size_t behind = 256;
    std::size_t streams = 500;
    std::size_t user_streams = 10;
    milliseconds heartbeat{15'000};
};

/// What somebody wants to hear. No topics: all. `last_id` as `Last-Event-ID` says it, "" = none.
struct event_wish {
    std::set<std::string, std::less<>> topics;
    std::string last_id;
};

/// Topic of the event bus.
inline constexpr char const* events_bus_topic = "events";

/// Why `event_listener::next` came back.
enum class listening { goes_on, too_slow, over };

struct heard_events {
    listening how = listening::goes_on;
    std::vector<std::shared_ptr<std::string const>> texts;  ///< blocks of `text/event-stream`
};

struct event_hub_state;
struct event_place;

/// One stream. Its end gives its place back.
class event_listener {
  public:
    event_listener(std::shared_ptr<event_hub_state> hub, std::shared_ptr<event_place> place,
                   std::string greeting)
        : hub_(std::move(hub)), place_(std::move(place)), greeting_(std::move(greeting)) {}
    event_listener(event_listener const&) = delete;
    event_listener& operator=(event_listener const&) = delete;
    ~event_listener();

    /// Waits for news, at most so long. `too_slow`: it was ended; `over`: the process stops, or
    /// `end` was called.
    boost::asio::awaitable<heard_events> next(milliseconds at_most);
    /// Nobody hears any more: what waits in `next` comes back, and nothing is kept for it.
    void end();
    /// The block that gives the reader its place: what came before it is known or asked for.
    [[nodiscard]] std::string const& greeting() const noexcept { return greeting_; }

  private:
    std::shared_ptr<event_hub_state> hub_;
    std::shared_ptr<event_place> place_;
    std::string greeting_;
};

class event_hub {
  public:
    /// `rows` holds the tickets. All must outlive the hub. `instance` names this process in its
    /// news.
    event_hub(store::event_bus& bus, store::document_store& rows, clock const& time,
              random_source& random, std::string instance, event_bounds bounds = {});
    ~event_hub();
    event_hub(event_hub const&) = delete;
    event_hub& operator=(event_hub const&) = delete;

    /// Committed here: to the listeners of this process now, to the others by the bus.
    void tell(event_news news);
    /// What each process finds out by itself: to the listeners of this one.
    void tell_here(event_news news);

    /// Errors: those of the bounds.
    [[nodiscard]] result<std::shared_ptr<event_listener>> listen(
        boost::asio::any_io_executor const& executor, std::string user, event_wish const& wish);
    [[nodiscard]] bool has_listener(std::string_view topic) const;
    [[nodiscard]] std::size_t streams() const;
    [[nodiscard]] event_bounds const& bounds() const noexcept;
    [[nodiscard]] event_tickets& tickets() noexcept { return tickets_; }
    /// Ends all streams and takes no more.
    void close();

  private:
    store::event_bus& bus_;
    event_tickets tickets_;
    std::string instance_;
    std::shared_ptr<event_hub_state> state_;
    int bus_id_ = 0;
};

}  // namespace cxb::api
