#pragma once
/// @file
/// The threads that run operations, each operation with a connection of its own, and the one that
/// looks for batches left behind.

#include <condition_variable>
#include <set>
#include <thread>

#include "src/store/engine/watchers.hpp"
#include "src/store/mongo/batch_locks.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

struct pool_settings {
    unsigned threads;
    engine::queue_limits queue;
    std::chrono::milliseconds deadline;
    std::chrono::milliseconds lease;
    std::chrono::milliseconds sweep_every;
    std::function<void(std::chrono::nanoseconds)> on_commit;
};

class worker_pool {
  public:
    worker_pool(std::unique_ptr<mongo_driver> driver, pool_settings const& settings);
    ~worker_pool();

    /// Finds the server, decides how batches are committed, starts the threads.
    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added);
    /// Finishes what is queued and ends the threads. Repeating it is harmless.
    void close();

    [[nodiscard]] bool transactions() const { return transactions_; }
    [[nodiscard]] std::size_t depth() const { return queue_.depth(); }
    /// Batches may hold documents of this collection: the sweep looks into it too.
    void remember(collection const& what);

    engine::watchers watching;

  private:
    void loop();
    void run(operation& each);
    void sweep_loop();
    void sweep();

    pool_settings const settings_;
    std::unique_ptr<mongo_driver> driver_;
    batch_locks locks_;
    bool transactions_ = false;
    engine::operation_queue<operation> queue_;
    std::vector<std::thread> threads_;
    std::thread sweeper_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;                           // guarded by mutex_
    std::set<std::string, std::less<>> collections_;  // guarded by mutex_
};

}  // namespace store::mongo
}  // namespace cxb::inline v1
