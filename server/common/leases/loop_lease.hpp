#pragma once
/// @file
/// The right of one process to run a loop that only one may run at a time (spec 20 §1 "loop"): a
/// row of `system_runtime` with holder, end and fence.
///
/// | member      | type      | meaning                                                           |
/// |-------------|-----------|-------------------------------------------------------------------|
/// | _id         | text      | the loop's name                                                   |
/// | owner       | text      | who holds or held it last                                         |
/// | lease_until | timestamp | after it anybody may take it; renewed while the holder lives      |
/// | fence       | integer   | raised by each taking; writes of the loop are bound to it         |
/// | written_at  | timestamp | last write of the loop                                            |
///
/// Two things keep a former holder (paused, cut off, slow) from harm:
/// - by its own steady clock a lease ends a tenth of its length early, counted from before it was
///   asked for: `held` says no, and the loop stops before its next write;
/// - should it write all the same, every write is one transaction with the condition that the row
///   still carries its fence; it is refused and changes nothing.
/// Clocks of the machines may differ: the first rule then only protects less, the second not.
///
/// ```cpp
/// loop_lease lease(store, time, {.name = "clean_up", .owner = instance});
/// if (co_await lease.keep()) ... co_await lease.commit(writes);      // every third of its length
/// ```
/// Failures besides those of the store: `precondition_failed` `lease_lost`.
/// Thread-safety: one executor; `held`, `fence` and `options` from any thread, for who watches.

#include <atomic>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::server {

inline constexpr seconds loop_lease_length{90};
/// Rows that one transaction of `remove` takes away at most.
inline constexpr std::size_t leased_removals = 200;

struct lease_options {
    std::string name;
    std::string owner;
    milliseconds length{loop_lease_length};
};

/// What `keep` found.
enum class lease_change {
    none,   ///< held by somebody else
    taken,  ///< ours since now
    kept,   ///< ours still
    lost,   ///< was ours, is somebody else's
};

class loop_lease {
  public:
    /// Store and clock must outlive the lease. The collection `system_runtime` is there.
    loop_lease(store::document_store& store, clock const& time, lease_options options)
        : store_(store), time_(time), options_(std::move(options)) {}
    loop_lease(loop_lease const&) = delete;
    loop_lease& operator=(loop_lease const&) = delete;

    /// Takes the lease when it is free or has ended, renews it when it is ours. To be called each
    /// third of its length.
    store::async<lease_change> keep();
    /// May the loop act, by our own clock?
    [[nodiscard]] bool held() const;
    /// Of the lease as far as we know it ours, from 1 up; 0 while it is not.
    [[nodiscard]] std::int64_t fence() const noexcept { return fence_; }
    [[nodiscard]] time_point until() const noexcept { return until_; }
    [[nodiscard]] lease_options const& options() const noexcept { return options_; }

    /// Writes under the fence; the outcome is that of the writes given.
    store::async<store::commit_outcome> commit(store::batch writes);
    /// Removes up to `leased_removals` documents under the fence, those with the lowest values of
    /// the field that `where` bounds above first. Gives how many were found.
    store::async<std::size_t> remove(store::collection const& from, store::filter where);
    /// Lets others take it at once. It is not taken again, and a `keep` that is under way gives
    /// back what it got.
    store::async<void> release();

  private:
    store::async<lease_change> take();
    store::async<void> bring_back(time_point now);
    store::async<lease_change> renew();
    store::async<void> give_back(std::int64_t fence);
    [[nodiscard]] store::filter carries(std::int64_t fence) const;
    [[nodiscard]] store::filter ours() const;
    void hold(std::chrono::nanoseconds asked);

    store::document_store& store_;
    clock const& time_;
    lease_options options_;
    std::atomic<std::int64_t> fence_{0};
    bool over_ = false;  // released
    std::atomic<std::chrono::nanoseconds> valid_until_{std::chrono::nanoseconds{0}};
    time_point until_{};
};

}  // namespace cxb::server
