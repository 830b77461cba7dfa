#pragma once
/// @file
/// A real LiveKit server of the test's own on free loopback ports, over a Redis of its own, which
/// its SIP service keeps trunks and rules in. Carries no media.

#include <cstdint>
#include <memory>
#include <string>

#include "support/child_process.hpp"
#include "support/redis_server.hpp"

namespace cxb::test {

/// What the server needs and this machine has not; "" when it can be started. Throws where
/// everything has to run (required.hpp).
std::string missing_for_livekit_server();

class livekit_server {
  public:
    static constexpr char const* api_key = "test-livekit";
    static constexpr char const* api_secret = "secret-of-the-livekit-of-the-tests";

    livekit_server();
    livekit_server(livekit_server const&) = delete;
    livekit_server& operator=(livekit_server const&) = delete;

    /// Starts it and waits until it answers.
    void start();
    /// kill -9; what it held stays in its Redis.
    void kill();

    /// `ws://127.0.0.1:port`
    [[nodiscard]] std::string url() const;
    /// Posts to its Twirp API by curl, under a token given; gives the body.
    [[nodiscard]] std::string ask(std::string const& method, std::string const& body,
                                  std::string const& token) const;
    [[nodiscard]] std::string log_text() const { return process_->log_text(); }

  private:
    scratch_dir folder_;
    redis_server redis_;
    std::uint16_t port_ = 0;
    std::uint16_t media_port_ = 0;
    std::unique_ptr<child_process> process_;
    int starts_ = 0;
};

}  // namespace cxb::test
