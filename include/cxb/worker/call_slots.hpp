#pragma once
/// @file
/// The slots of a worker: how many calls it may run at once, and which it runs (spec 10 §11.1).
///
/// A call holds a `slot` from before its answer until its result is durable; the slot frees itself.
/// Only ids are kept, never call data. A worker normally has one slot, so that a wedged worker
/// costs one call.
///
/// Thread-safety: every member of `call_slots` may be called from any thread; a `slot` belongs to
/// one holder at a time and may be released on any thread, also after its `call_slots` is gone.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// What a fleet report says of a worker.
struct occupancy {
    std::size_t calls = 0;
    std::size_t max = 0;  ///< = `calls` while draining, so that sums over workers stay valid
    bool draining = false;
    friend bool operator==(occupancy const&, occupancy const&) = default;
};

class call_slots {
    struct state;

  public:
    /// Right to run one call. Move-only; destruction or `release` frees it, once.
    class slot {
      public:
        slot() = default;
        slot(slot&& other) noexcept;
        slot& operator=(slot&& other) noexcept;
        ~slot();
        [[nodiscard]] std::string const& call_id() const noexcept { return call_id_; }
        [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }
        void release() noexcept;

      private:
        friend class call_slots;
        slot(std::shared_ptr<state> owner, std::string call_id);
        std::shared_ptr<state> state_;
        std::string call_id_;
    };

    /// `max` ≥ 1 (`MAX_CONCURRENT_CALLS`). `on_change` is told every new occupancy, outside the
    /// lock, on the thread that caused it.
    explicit call_slots(std::size_t max = 1, std::function<void(occupancy)> on_change = {});

    /// Takes a slot for a call. Errors, in this order of checking:
    /// `unavailable` (reason `draining`), `conflict` (reason `already_exists`: the id holds a
    /// slot now), `at_capacity` (detail `At capacity`).
    [[nodiscard]] result<slot> acquire(std::string call_id);

    [[nodiscard]] std::size_t calls() const;
    /// Slots there are; while draining the number of running calls.
    [[nodiscard]] std::size_t max() const;
    [[nodiscard]] bool draining() const;
    [[nodiscard]] occupancy now() const;
    /// Ids of the running calls, sorted.
    [[nodiscard]] std::vector<std::string> call_ids() const;

    /// No new calls from now on; running ones go on. Repeating it changes nothing.
    void drain();
    /// Takes calls again.
    void undrain();

    /// Waits until no call runs. False when `deadline` passed first. Resumes on the awaiting
    /// coroutine's executor.
    [[nodiscard]] boost::asio::awaitable<bool> wait_idle(
        std::chrono::steady_clock::time_point deadline);

  private:
    std::shared_ptr<state> state_;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
