#pragma once
/// @file
/// When which entry of a result outbox is sent: the decisions of spec 10 §11.4 as a machine
/// without I/O.
///
/// The owner tells it what happened (`step(now, event)`) and carries out the actions that come
/// back; `next_timer()` says when to step again with `outbox_tick`. Failure counts live here, in
/// memory only: a new machine holds everything due at once.
///
/// | rule           | value                                                                       |
/// |----------------|-----------------------------------------------------------------------------|
/// | order          | oldest first, 4 at once, one at a time per session                          |
/// | wait, failure n| 1, 2, 5, 10, 30, 60, 120, then 300 s, each × random(0.8, 1.2)              |
/// | Retry-After    | a longer one (≤ 600 s) wins, also over the probe's cap                    |
/// | probe          | oldest entry of an origin failing by network or 5xx: waits ≤ 5 s          |
/// | recovery       | first success of such an origin: its waiting entries due in random(0, 5 s)  |
/// | 400 409 413 415 422 | dead at once (`refused`)                                               |
/// | 401 403        | wait ≥ 60 s, `config_refused()`, never dead for it                        |
/// | other 3xx, 4xx | retried 24 h from the first such answer, then dead (`gave_up`)              |
/// | expiry         | `expires_at` passed: dead (`expired`)                                       |
/// | class handoff  | waits 0.2, 0.5, 1, 2, 4 s without jitter, 6 tries; any 4xx is final         |
///
/// Thread-safety: one thread at a time.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/base/random.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// What an entry is for; decides its patience.
enum class outbox_class {
    result,       ///< a call result: 7 days
    handoff,      ///< desk enqueue while the caller holds: 15 s
    desk_update,  ///< desk events, transcripts, customer-disconnected: 1 h
};

}  // namespace worker

template <>
struct enum_words<worker::outbox_class> {
    static constexpr std::pair<worker::outbox_class, std::string_view> words[] = {
        {worker::outbox_class::result, "result"},
        {worker::outbox_class::handoff, "handoff"},
        {worker::outbox_class::desk_update, "desk_update"}};
};

namespace worker {

/// How long after its creation an entry of that class expires.
[[nodiscard]] std::chrono::milliseconds lifetime_of(outbox_class kind) noexcept;

/// Event: an entry lies in `new` and wants to be sent. `name` orders by age.
struct outbox_added {
    std::string name;
    outbox_class kind = outbox_class::result;
    std::string session_id;  ///< "": not bound to a session
    std::string origin;      ///< scheme, host and port of its URL
    time_point expires_at;
};

/// Event: an entry vanished without our doing (taken away, dropped by an operator).
struct outbox_removed {
    std::string name;
};

/// Event: a `send` ended. `status` 0 means no answer (refused, reset, timed out).
struct outbox_answered {
    std::string name;
    int status = 0;
    std::optional<std::chrono::seconds> retry_after;
    std::string detail;               ///< for the reason file
    std::vector<std::string> errors;  ///< `pointer: reason` texts of a 422
};

/// Event: a timer rang.
struct outbox_tick {};

using outbox_event = std::variant<outbox_added, outbox_removed, outbox_answered, outbox_tick>;

/// Action: send this entry now and report with `outbox_answered`.
struct outbox_send {
    std::string name;
    friend bool operator==(outbox_send const&, outbox_send const&) = default;
};

/// Action: the peer has it; unlink.
struct outbox_delivered {
    std::string name;
    int status = 200;
    friend bool operator==(outbox_delivered const&, outbox_delivered const&) = default;
};

/// Action: move it to `dead` with this reason.
struct outbox_bury {
    std::string name;
    std::string reason;  ///< refused, gave_up, expired
    int status = 0;
    std::string detail;
    std::vector<std::string> errors;
    friend bool operator==(outbox_bury const&, outbox_bury const&) = default;
};

using outbox_action = std::variant<outbox_send, outbox_delivered, outbox_bury>;

class outbox_schedule {
  public:
    static constexpr std::size_t at_once = 4;

    /// `random` draws the jitter; it must outlive the schedule.
    explicit outbox_schedule(random_source& random) : random_(random) {}

    /// Takes one event and gives what is to be done now, in order. Events about unknown names are
    /// ignored, so reports that come late do no harm.
    [[nodiscard]] std::vector<outbox_action> step(time_point now, outbox_event const& event);

    /// When to step again with a tick; empty: only another event changes anything.
    [[nodiscard]] std::optional<time_point> next_timer() const;

    /// Some origin that still has entries answered 401 or 403 last (`/ready`: config_refused).
    [[nodiscard]] bool config_refused() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] std::size_t in_flight() const noexcept { return flying_; }
    [[nodiscard]] bool contains(std::string const& name) const { return entries_.contains(name); }

  private:
    enum class failure { none, unreachable, other };
    struct entry {
        outbox_class kind = outbox_class::result;
        std::string session_id;
        std::string origin;
        time_point expires_at;
        time_point due;
        time_point failed_at;
        time_point not_before;  ///< binding wait: Retry-After, 401/403
        std::optional<time_point> misrouted_since;
        int failures = 0;
        failure last = failure::none;
        bool flying = false;
    };
    struct origin_state {
        std::size_t entries = 0;
        bool failing = false;
        bool refused = false;
    };
    using actions = std::vector<outbox_action>;
    using iterator = std::map<std::string, entry>::iterator;

    void add(time_point now, outbox_added const& event);
    void erase(iterator at);
    void answered(time_point now, outbox_answered const& event, actions& out);
    void succeeded(time_point now, iterator at, int status, actions& out);
    void failed(time_point now, iterator at, outbox_answered const& event, actions& out);
    void bury(iterator at, std::string reason, outbox_answered const& event, actions& out);
    void wait(time_point now, entry& e, outbox_answered const& event);
    void cap_probes();
    void expire(time_point now, actions& out);
    void launch(time_point now, actions& out);
    [[nodiscard]] bool session_busy(entry const& e) const;
    [[nodiscard]] std::chrono::milliseconds backoff(entry const& e);

    random_source& random_;
    std::map<std::string, entry> entries_;
    std::map<std::string, origin_state> origins_;
    std::map<std::string, std::size_t> flying_sessions_;
    std::size_t flying_ = 0;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
