#pragma once
/// @file
/// Back-pressure per target host (spec 21 §3.3): at most 8 pushes in flight per host and process;
/// ten transport failures in a row pause the host for 60 s. The pause is stored in `push_hosts`, so
/// other processes keep it too.
///
/// Who finds no place is told when to come again: behind those who were told so before, at the pace
/// of the host's last answers, and the more of them there are, the closer: one each 10 ms when the
/// first ones are told to wait a minute. If all came back after a second, a host that hangs would
/// cost a claim for each waiting job and second, and those for other hosts would wait for it.
/// Thread-safety: usable from all event loops.

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// How it went for who had a place: the host answered, it did not, or it was not asked after all.
enum class host_word : std::uint8_t { answered, silent, not_asked };

class host_gate {
  public:
    static constexpr int max_in_flight = 8;
    static constexpr int failures_to_pause = 10;
    static constexpr seconds pause{60};
    static constexpr seconds full_wait{1};            ///< who finds no place waits so long at least
    static constexpr seconds paced_for{60};           ///< so far ahead at the pace of the host,
    static constexpr milliseconds crowd_spacing{10};  ///< further away at this one
    static constexpr std::size_t max_known = 1000;    ///< hosts whose pace is remembered

    host_gate(store::document_store& store, clock const& time) : store_(store), time_(time) {}

    /// Until when the host is paused, as the store has it; empty: it is not.
    static store::async<std::optional<time_point>> paused_until(store::document_store& store,
                                                                std::string host, time_point now);
    /// Takes a place; empty: free to send. A moment: put the job back until then.
    store::async<std::optional<time_point>> enter(std::string host);
    /// Gives the place back and notes how it went, and how long it took if the host was asked.
    store::async<void> leave(std::string host, host_word word, milliseconds took);
    /// Hosts of which something is remembered.
    [[nodiscard]] std::size_t known_hosts() const;

  private:
    using nanoseconds = std::chrono::nanoseconds;
    struct place_count {
        int taken = 0;
        nanoseconds filled_at{0};  ///< steady; when the last place was taken
        nanoseconds pace{0};       ///< how long an exchange takes, by the last ones
        nanoseconds next_turn{0};  ///< steady; of the next one who finds no place
    };
    [[nodiscard]] time_point turn_at(place_count& host, std::optional<time_point> paused) const;
    [[nodiscard]] place_count& known(std::string const& host);
    /// True: the host has recovered, and what was noted of it can go.
    [[nodiscard]] bool give_back(std::string const& host, host_word word, milliseconds took);

    store::document_store& store_;
    clock const& time_;
    mutable std::mutex mutex_;
    std::map<std::string, place_count> hosts_;
    std::set<std::string> noted_;  ///< hosts that have a row: only these need a write on success
};

}  // namespace cxb::api
