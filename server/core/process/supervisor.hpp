#pragma once
/// @file
/// Keeps N worker processes alive (spec 80 §1): starts them, reads their reports, ends those that
/// are silent for 10 s, starts them again after 0, 0.5, 1, 2, 5, 10 s (30 s when 5 of them died
/// within a minute), lets those go that hold over 512 MiB while idle, drains them at the end.
///
/// A worker whose supervisor was killed drains by itself: it takes no new call and leaves after its
/// last one. The next supervisor adopts it, found by its socket: its calls are counted, it is
/// ended when it is silent, signals reach it, and it is replaced when it has left.
/// Thread-safety: one event loop.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/client/transport.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "server/common/log.hpp"
#include "server/common/metrics.hpp"
#include "server/core/process/restart_delay.hpp"
#include "server/core/process/worker_table.hpp"

namespace cxb::inline v1 {
namespace core {

struct supervisor_options {
    std::string program = "/proc/self/exe";  ///< this binary, also after it was replaced on disk
    std::string config;                      ///< `--config` handed on, "" none
    std::chrono::milliseconds silence_limit{10000};
    std::chrono::milliseconds abort_grace{2000};
    std::uint64_t most_idle_bytes = 512ULL << 20;  ///< resident, of a worker without calls
};

class supervisor {
  public:
    /// `sockets` reaches the workers' Unix sockets. The table outlives the event loop.
    supervisor(supervisor_options options, worker_table& table, client::transport& sockets,
               server::logger& log, server::metrics_registry& metrics)
        : options_(std::move(options)),
          table_(table),
          sockets_(sockets),
          log_(log),
          metrics_(metrics),
          adopted_(std::make_shared<std::vector<int>>(table.size(), -1)) {}

    /// Starts and keeps all workers; ends when `drain` was asked and all have left.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// SIGTERM to all; none is started again. A second call (SIGINT) ends their calls.
    void drain();
    /// Hands a signal on to every worker.
    void signal_all(int number) const;
    /// Told once, when every worker has reported.
    void on_all_up(std::function<void()> hook) { all_up_ = std::move(hook); }

  private:
    boost::asio::awaitable<void> keep(std::size_t index);
    boost::asio::awaitable<void> watch(std::size_t index, std::shared_ptr<bool> gone);
    boost::asio::awaitable<void> read_reports(std::size_t index, int fd);
    boost::asio::awaitable<int> reap(int pid);
    [[nodiscard]] int spawn(worker_entry& entry);
    [[nodiscard]] bool take_reports(worker_entry& entry, int fd, std::string& text);
    void take_report(worker_entry& entry, std::string_view line);
    /// True when the worker was told to go.
    [[nodiscard]] bool recycle(worker_entry& entry, int pid) const;
    void tell_flapping();
    void tell_all_up();
    boost::asio::awaitable<void> pause_before_restart(std::chrono::milliseconds length);

    // supervisor_adoption.cpp
    boost::asio::awaitable<bool> adopt(std::size_t index);
    boost::asio::awaitable<void> attend(std::size_t index, int process);
    boost::asio::awaitable<std::optional<contract::fleet::fleet_worker>> ask(std::string socket);

    supervisor_options options_;
    worker_table& table_;
    client::transport& sockets_;
    server::logger& log_;
    server::metrics_registry& metrics_;
    std::function<void()> all_up_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    /// Process handles of adopted workers, -1 none. Shared: a loop may let go of us last.
    std::shared_ptr<std::vector<int>> adopted_;
};

/// Lets others work for so long.
[[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds length);

}  // namespace core
}  // namespace cxb::inline v1
