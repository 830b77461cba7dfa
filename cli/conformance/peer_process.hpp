#pragma once
/// @file
/// The implementation under test as a process of the kit's own: started by a shell command in a
/// session of its own, so that it can be killed with all its children and started again.
/// Linux. Not thread-safe.

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::cli::conformance {

class peer_process {
  public:
    /// `environment` is laid over that of this process; output goes to `log`.
    peer_process(std::string command, std::map<std::string, std::string> environment,
                 std::filesystem::path log);
    /// Kills it and its children.
    ~peer_process();
    peer_process(peer_process const&) = delete;
    peer_process& operator=(peer_process const&) = delete;

    /// Errors: `unavailable`.
    [[nodiscard]] result<void> start();
    /// SIGKILL to it and all of its session; returns when they are gone.
    void kill();
    /// SIGTERM to the process alone.
    void terminate();
    /// Exit code, 128 + signal; empty while it runs.
    [[nodiscard]] std::optional<int> exit_code();

  private:
    std::string command_;
    std::map<std::string, std::string> environment_;
    std::filesystem::path log_;
    int pid_ = -1;
    std::optional<int> exit_code_;
};

}  // namespace cxb::cli::conformance
