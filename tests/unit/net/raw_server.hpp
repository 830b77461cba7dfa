#pragma once
/// @file
/// A peer that answers with exactly the bytes a test wants, on a thread of its own.

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace cxb::net_test {

/// One accepted connection, blocking, with 5 s patience.
class raw_peer {
  public:
    explicit raw_peer(int fd) : fd_(fd) {}
    /// Reads one head (and a body of `body` bytes); "" when the client closed.
    std::string read_request(std::size_t body = 0);
    void send(std::string_view bytes) const;
    /// Closes with a reset instead of a clean end.
    void reset_on_close() const;
    [[nodiscard]] int native() const { return fd_; }

  private:
    int fd_;
    std::string buffer_;
};

class raw_server {
  public:
    /// `serve` is called for each connection, one after the other; it closes when it returns.
    explicit raw_server(std::function<void(raw_peer&, int index)> serve);
    ~raw_server();
    raw_server(raw_server const&) = delete;
    raw_server& operator=(raw_server const&) = delete;
    [[nodiscard]] std::string url(std::string const& path = "/") const;
    [[nodiscard]] int connections() const { return count_; }
    [[nodiscard]] int closed() const { return closed_; }

  private:
    void run();
    std::function<void(raw_peer&, int)> serve_;
    int fd_ = -1;
    int port_ = 0;
    std::atomic<int> count_{0};
    std::atomic<int> closed_{0};
    std::atomic<int> current_{-1};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

}  // namespace cxb::net_test
