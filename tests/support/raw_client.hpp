#pragma once
/// @file
/// A blocking client that sends exactly the bytes it is told, for what no proper client sends.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cxb::test {

/// Blocking socket; every wait ends after `patience`.
class raw_client {
  public:
    explicit raw_client(std::uint16_t port,
                        std::chrono::seconds patience = std::chrono::seconds{5});
    explicit raw_client(std::string const& unix_path);
    ~raw_client();
    raw_client(raw_client const&) = delete;
    raw_client& operator=(raw_client const&) = delete;
    /// False when the peer closed.
    bool send(std::string_view bytes) const;
    void close_sending() const;
    /// Closing resets the connection instead of ending it.
    void reset_on_close() const;
    /// Reads one response with its body (Content-Length or chunked, undecoded).
    std::string read_response(bool with_body = true);
    /// Reads until the peer closes.
    std::string read_all();
    /// True if the peer closed cleanly and nothing is left.
    bool at_end();
    [[nodiscard]] int native() const { return fd_; }

  private:
    bool fill();
    int fd_ = -1;
    std::string buffer_;
};

/// 0: that is no response.
[[nodiscard]] int status_of(std::string_view response);
[[nodiscard]] std::string body_of(std::string_view response);
/// Value of the first header of that name, "" without; names compare without case.
[[nodiscard]] std::string header_of(std::string_view response, std::string_view name);
/// `http://127.0.0.1:8080` -> 8080
[[nodiscard]] std::uint16_t port_of_url(std::string_view url);

}  // namespace cxb::test
