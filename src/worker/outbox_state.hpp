#pragma once
// The shared insides of a result_outbox: bookkeeping, recovery and the carrying out of the
// schedule's actions. Everything but the atomics belongs to the executor of `run`.

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <set>

#include "cxb/worker/result_outbox.hpp"

namespace cxb::inline v1 {
namespace worker {

struct result_outbox::state : std::enable_shared_from_this<result_outbox::state> {
    state(options given, outbox_directory opened);

    // --- recovery (outbox_recovery.cpp) ---
    void recover();
    void rescan();
    void adopt_siblings();
    void bury_leftover(call_journal const& journal);
    void set_aside_torn_journals();
    bool take_in(std::string const& name);

    // --- bookkeeping ---
    void account(std::string const& name, outbox_header const& header);
    void forget(std::string const& name);
    void publish();
    void note(bool is_error, std::string const& text) const;
    [[nodiscard]] time_point now() const { return settings.time->now(); }
    /// What the schedule takes for the time: that of the start, carried on by the steady clock. A
    /// step of the wall clock neither holds up what waits nor ends what is young.
    [[nodiscard]] time_point schedule_now() const;
    [[nodiscard]] outbox_added added(std::string const& name, outbox_header const& header) const;

    // --- delivery ---
    void step(outbox_event const& event);
    void carry_out(outbox_action const& action);
    void bury(outbox_bury const& action);
    void delivered(outbox_delivered const& action);
    [[nodiscard]] boost::asio::awaitable<void> send(std::string name);
    void settle(outbox_header const& header, outbox_outcome outcome);
    void unreadable(std::string const& name);
    void notify();
    /// Does `run` go on, so that waiting for deliveries makes sense?
    [[nodiscard]] bool delivers() const noexcept;

    options settings;
    outbox_directory directory;
    outbox_schedule schedule;
    std::map<std::string, outbox_header> known;
    std::map<std::string, std::string> responses;  ///< bodies of 2xx answers until settled
    std::uint64_t bytes = 0;
    std::uint64_t dead_total = 0;
    std::uint64_t delivered_total = 0;
    bool stopping = false;
    bool scan_wanted = false;
    bool woken = false;    ///< `run` was called since it last looked around
    time_point next_scan;  ///< by `schedule_now`
    time_point const start_wall;
    std::chrono::nanoseconds const start_steady;
    boost::asio::steady_timer* timer = nullptr;  ///< that of `run`, while it goes on
    std::size_t sending = 0;                     ///< requests in flight
    std::set<boost::asio::steady_timer*> flushers;

    std::atomic<bool> is_full{false};
    std::atomic<bool> is_refused{false};
    std::atomic<std::uint64_t> entry_count{0};
    std::atomic<std::uint64_t> byte_count{0};
    std::atomic<std::uint64_t> dead_count{0};
    std::atomic<std::uint64_t> delivered_count{0};
    std::atomic<std::int64_t> oldest_ms{0};  ///< creation of the oldest entry; 0 none
    boost::asio::thread_pool disk_thread{1};
};

}  // namespace worker
}  // namespace cxb::inline v1
