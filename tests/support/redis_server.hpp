#pragma once
/// @file
/// A real redis-server of the test's own, on a unix socket and a free loopback port in a scratch
/// folder; no other Redis of the machine is touched. Can be killed, started again on the same
/// socket and port, and stopped in its tracks.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/child_process.hpp"

namespace cxb::test {

/// What the server needs and this machine has not; "" when it can be started. Throws where
/// everything has to run (required.hpp).
std::string missing_for_redis_server();

class redis_server {
  public:
    /// `logs`: folder of its log; "" = its own. `password`: asked for from everybody.
    explicit redis_server(std::filesystem::path logs = {}, std::string password = {});
    ~redis_server();
    redis_server(redis_server const&) = delete;
    redis_server& operator=(redis_server const&) = delete;

    /// Starts it and waits until it answers.
    void start();
    /// kill -9; what it held is gone.
    void kill();
    /// SIGSTOP and SIGCONT.
    void pause();
    void go_on();

    [[nodiscard]] std::string unix_url(int db = 0) const;
    [[nodiscard]] std::string tcp_url(int db = 0) const;
    /// Runs one command through redis-cli and gives its output.
    [[nodiscard]] std::string ask(std::vector<std::string> const& command) const;

  private:
    scratch_dir folder_;
    std::filesystem::path logs_;
    std::string password_;
    std::uint16_t port_ = 0;
    std::unique_ptr<child_process> process_;
    int starts_ = 0;
};

}  // namespace cxb::test
