#pragma once
/// @file
/// Lines on their way to standard error. Private to log.cpp.
///
/// Who logs only leaves a line; one thread writes all that wait at once and then rests for a
/// moment, so a busy server is not woken for each line. Warnings and worse are written at once.

#include <spdlog/sinks/sink.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "cxb/version.hpp"

namespace cxb::server {

class log_queue final : public spdlog::sinks::sink {
  public:
    /// At most `limit` lines wait; one more replaces the oldest.
    explicit log_queue(std::size_t limit);
    ~log_queue() override;

    void log(spdlog::details::log_msg const& line) override;
    /// Returns when all lines left so far are written.
    void flush() override;
    // Lines come as they are to be written.
    void set_pattern(std::string const&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    void loop();
    void write_all(std::unique_lock<std::mutex>& lock);

    std::size_t const limit_;
    std::mutex mutex_;
    std::condition_variable wanted_;   // the writing thread
    std::condition_variable written_;  // those who flush
    std::deque<std::string> waiting_;
    bool writing_ = false;
    bool resting_ = false;
    bool urgent_ = false;
    bool closed_ = false;
    std::atomic<std::uint64_t> dropped_{0};
    std::thread thread_;
};

}  // namespace cxb::server
