#pragma once
/// @file
/// Keeps N worker processes alive (spec 80 §1): starts them, reads their reports, ends those that
/// are silent for 10 s, starts them again after 0, 0.5, 1, 2, 5, 10 s (30 s when 5 of them died
/// within a minute), drains them at the end. Thread-safety: one event loop.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

#include "server/common/log.hpp"
#include "server/common/metrics.hpp"
#include "server/core/process/restart_delay.hpp"
#include "server/core/process/worker_table.hpp"

namespace cxb::inline v1 {
namespace core {

struct supervisor_options {
    std::string program;  ///< path of this binary
    std::string config;   ///< `--config` handed on, "" none
    std::chrono::milliseconds silence_limit{10000};
    std::chrono::milliseconds abort_grace{2000};
};

class supervisor {
  public:
    supervisor(supervisor_options options, worker_table& table, server::logger& log,
               server::metrics_registry& metrics)
        : options_(std::move(options)), table_(table), log_(log), metrics_(metrics) {}

    /// Starts and keeps all workers; ends when `drain` was asked and all have left.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// SIGTERM to all; none is started again. A second call tells them to end their calls.
    void drain();
    /// Hands a signal on to every worker.
    void signal_all(int number) const;
    /// Told once, when every worker has reported.
    void on_all_up(std::function<void()> hook) { all_up_ = std::move(hook); }

  private:
    boost::asio::awaitable<void> keep(std::size_t index);
    boost::asio::awaitable<void> watch(std::size_t index, std::shared_ptr<bool> gone);
    boost::asio::awaitable<void> read_reports(std::size_t index, int fd);
    boost::asio::awaitable<void> reap(int pid);
    [[nodiscard]] int spawn(worker_entry& entry);
    void take_report(worker_entry& entry, std::string_view line);

    supervisor_options options_;
    worker_table& table_;
    server::logger& log_;
    server::metrics_registry& metrics_;
    std::function<void()> all_up_;
    std::size_t running_ = 0;
    bool stopping_ = false;
};

}  // namespace core
}  // namespace cxb::inline v1
