#include "server/common/log_queue.hpp"

#include <spdlog/details/log_msg.h>

#include <chrono>
#include <cstdio>
#include <utility>

namespace cxb::server {
namespace {

constexpr std::chrono::milliseconds rest{5};

}  // namespace

log_queue::log_queue(std::size_t limit) : limit_(limit), thread_([this] { loop(); }) {}

log_queue::~log_queue() {
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

void log_queue::log(spdlog::details::log_msg const& line) {
    bool wake = false;
    bool const urgent = line.level >= spdlog::level::warn;
    {
        std::lock_guard const lock(mutex_);
        if (waiting_.size() >= limit_) {
            waiting_.pop_front();
            ++dropped_;
        }
        wake = urgent ? !urgent_ : waiting_.empty() && !resting_;
        urgent_ = urgent_ || urgent;
        waiting_.emplace_back(line.payload.data(), line.payload.size());
    }
    if (wake) wanted_.notify_one();
}

void log_queue::flush() {
    std::unique_lock lock(mutex_);
    urgent_ = true;
    wanted_.notify_one();
    written_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

void log_queue::loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wanted_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        write_all(lock);
        resting_ = true;
        wanted_.wait_for(lock, rest, [this] { return closed_ || urgent_; });
        resting_ = false;
    }
}

void log_queue::write_all(std::unique_lock<std::mutex>& lock) {
    auto const lines = std::exchange(waiting_, {});
    urgent_ = false;
    writing_ = true;
    lock.unlock();
    std::string text;
    for (auto const& line : lines)
        text.append(line).push_back('\n');
    // Standard error is unbuffered: one call, one write.
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
    lock.lock();
    writing_ = false;
    written_.notify_all();
}

}  // namespace cxb::server
