#include "server/common/process/blocking_pool.hpp"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace cxb::server {

struct blocking_pool::state {
    explicit state(std::size_t bound) : queue_bound(bound) {}

    void run() {
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [this] { return closing || !jobs.empty(); });
            if (jobs.empty()) return;
            auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            job = nullptr;  // destroyed here, not under the lock
            lock.lock();
        }
    }

    std::size_t queue_bound;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    bool closing = false;
    std::vector<std::thread> threads;
};

blocking_pool::blocking_pool(blocking_pool_options options)
    : state_(std::make_unique<state>(options.queue)) {
    // Signals belong to the main thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i)
        state_->threads.emplace_back([at = state_.get()] { at->run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

blocking_pool::~blocking_pool() {
    close();
}

bool blocking_pool::try_post(std::function<void()> job) {
    {
        std::lock_guard const lock(state_->mutex);
        if (state_->closing || state_->jobs.size() >= state_->queue_bound) return false;
        state_->jobs.push_back(std::move(job));
    }
    state_->wake.notify_one();
    return true;
}

std::size_t blocking_pool::waiting() const {
    std::lock_guard const lock(state_->mutex);
    return state_->jobs.size();
}

void blocking_pool::close() {
    {
        std::lock_guard const lock(state_->mutex);
        state_->closing = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads)
        if (thread.joinable()) thread.join();
}

error blocking_pool::queue_full() {
    return error{errc::unavailable, "Too much is waiting"}.with_retry_after(seconds{1});
}

}  // namespace cxb::server
