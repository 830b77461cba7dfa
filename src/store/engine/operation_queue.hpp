#pragma once
/// @file
/// A bounded queue of operations between event loops and engine threads. Thread-safe.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store::engine {

struct queue_limits {
    std::size_t count;
    std::size_t bytes;
};

/// `Operation` has a member `bytes`.
template <class Operation>
class operation_queue {
  public:
    explicit operation_queue(queue_limits limits) : limits_(limits) {}

    /// Errors: `unavailable` when full (`retry_after` 1 s) or closed. One operation larger than
    /// the byte limit is let into an empty queue.
    [[nodiscard]] result<void> push(std::shared_ptr<Operation> added) {
        {
            std::lock_guard const lock(mutex_);
            CXB_CHECK(add(std::move(added)));
            if (waiting_.size() < enough_) return {};
            woken();
        }
        ready_.notify_one();
        return {};
    }

    /// The same from an event loop (`from`) that may have more to push. True: the taker sleeps, and
    /// the caller owes it a `wake` as soon as what was ready on the loop has run; others of that
    /// loop owe none. It is woken at once where waiting would not be short: another loop pushes,
    /// much is queued, or the first one waits for `patience`. For queues with one taker.
    [[nodiscard]] result<bool> push_from(void const* from, std::shared_ptr<Operation> added) {
        {
            std::lock_guard const lock(mutex_);
            CXB_CHECK(add(std::move(added)));
            if (!asleep_ || waiting_.size() < enough_) return false;
            if (enough_ == 1 && bytes_ <= patient_bytes) {
                auto const now = std::chrono::steady_clock::now();
                if (owed_by_ == nullptr) {
                    owed_by_ = from;
                    owed_since_ = now;
                    return true;
                }
                if (owed_by_ == from && now < owed_since_ + patience) return false;
            }
            woken();
        }
        ready_.notify_one();
        return false;
    }

    /// What `push_from` asked for.
    void wake() {
        {
            std::lock_guard const lock(mutex_);
            if (owed_by_ == nullptr) return;
            woken();
        }
        ready_.notify_one();
    }

    /// Waits for work and takes the oldest operations within the limits, at least one. Empty: the
    /// queue is closed and drained.
    [[nodiscard]] std::vector<std::shared_ptr<Operation>> pop(queue_limits group) {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        std::vector<std::shared_ptr<Operation>> taken;
        std::size_t bytes = 0;
        while (!waiting_.empty() && taken.size() < group.count) {
            auto& next = waiting_.front();
            if (!taken.empty() && bytes + next->bytes > group.bytes) break;
            bytes += next->bytes;
            bytes_ -= next->bytes;
            taken.push_back(std::move(next));
            waiting_.pop_front();
        }
        return taken;
    }

    /// Waits until so many operations are queued, the moment comes or the queue is closed; gives
    /// how many are queued. For queues with one taker, which is not woken before.
    [[nodiscard]] std::size_t wait_for(std::size_t count,
                                       std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        enough_ = count;
        asleep_ = true;
        ready_.wait_until(lock, until, [&] { return closed_ || waiting_.size() >= count; });
        woken();
        enough_ = 1;
        return waiting_.size();
    }

    [[nodiscard]] bool closed() const {
        std::lock_guard const lock(mutex_);
        return closed_;
    }

    /// Lets nothing more in; what is queued may still be taken.
    void close() {
        {
            std::lock_guard const lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
    }

    [[nodiscard]] std::size_t depth() const {
        std::lock_guard const lock(mutex_);
        return waiting_.size();
    }

  private:
    static constexpr std::chrono::microseconds patience{200};
    static constexpr std::size_t patient_bytes = std::size_t{256} * 1024;

    result<void> add(std::shared_ptr<Operation> added) {
        if (closed_)
            return error{errc::unavailable, "Store is closed"}.with_reason("store_unavailable");
        bool const full = waiting_.size() >= limits_.count ||
                          (!waiting_.empty() && bytes_ + added->bytes > limits_.bytes);
        if (full)
            return error{errc::unavailable, "Store is busy"}
                .with_reason("store_unavailable")
                .with_retry_after(std::chrono::seconds{1});
        bytes_ += added->bytes;
        waiting_.push_back(std::move(added));
        return {};
    }

    void woken() {
        asleep_ = false;
        owed_by_ = nullptr;
    }

    queue_limits const limits_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::shared_ptr<Operation>> waiting_;
    std::size_t bytes_ = 0;
    std::size_t enough_ = 1;         // queued operations at which a taker is woken
    bool asleep_ = false;            // the one taker is, and nobody has woken it
    void const* owed_by_ = nullptr;  // the loop that will wake it
    std::chrono::steady_clock::time_point owed_since_;
    bool closed_ = false;
};

}  // namespace store::engine
}  // namespace cxb::inline v1
CXB_EXPORT_END
