#pragma once
/// @file
/// A bounded queue of operations between event loops and engine threads. Thread-safe.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "src/store/sqlite/operation.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

struct queue_limits {
    std::size_t count;
    std::size_t bytes;
};

class operation_queue {
  public:
    explicit operation_queue(queue_limits limits) : limits_(limits) {}

    /// Errors: `unavailable` when full (`retry_after` 1 s) or closed. One operation larger than
    /// the byte limit is let into an empty queue.
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added);
    /// Waits for work and takes the oldest operations within the limits, at least one. Empty: the
    /// queue is closed and drained.
    [[nodiscard]] std::vector<std::shared_ptr<operation>> pop(queue_limits group);
    /// Lets nothing more in; what is queued may still be taken.
    void close();
    [[nodiscard]] std::size_t depth() const;

  private:
    queue_limits const limits_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::shared_ptr<operation>> waiting_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
