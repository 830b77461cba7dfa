#pragma once
/// @file
/// A real S3-compatible server of the test's own (versitygw over a folder) on a free loopback port.
/// Can be killed and stopped in its tracks. Buckets are made by curl: its signatures are not ours.

#include <cstdint>
#include <memory>
#include <string>

#include "support/child_process.hpp"

namespace cxb::test {

/// What the server needs and this machine has not; "" when it can be started. Throws where
/// everything has to run (required.hpp).
std::string missing_for_s3_server();

class s3_server {
  public:
    static constexpr char const* access_key = "test-access";
    static constexpr char const* secret_key = "test-secret-key";
    static constexpr char const* region = "us-east-1";

    s3_server();
    ~s3_server();
    s3_server(s3_server const&) = delete;
    s3_server& operator=(s3_server const&) = delete;

    /// Starts it and waits until it answers.
    void start();
    /// kill -9.
    void kill();
    /// SIGSTOP and SIGCONT.
    void pause();
    void go_on();

    /// `127.0.0.1:port`
    [[nodiscard]] std::string endpoint() const;
    /// `http://127.0.0.1:port`
    [[nodiscard]] std::string url() const { return "http://" + endpoint(); }
    /// A fresh bucket; gives its name.
    std::string make_bucket();
    /// A signed request by curl: status and body.
    struct reply {
        int status = 0;
        std::string body;
    };
    [[nodiscard]] reply ask(std::string const& method, std::string const& path,
                            std::string const& body = {}) const;
    /// The folder that holds the bucket's objects as files.
    [[nodiscard]] std::filesystem::path files(std::string const& bucket) const;

  private:
    scratch_dir folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<child_process> process_;
    int buckets_ = 0;
};

/// One for all tests of the program that do not stop it; ended with the program.
s3_server& shared_s3_server();

}  // namespace cxb::test
