#pragma once
// A loopback port that stays ours while nobody listens on it, so that a server can come back on it.
// While it is held the socket is bound and never listens: connections are refused, and no other
// program gets the port. It is let go just before the server binds it.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace cxb::e2e {

class reserved_port {
  public:
    reserved_port() { hold(); }
    ~reserved_port() { release(); }
    reserved_port(reserved_port const&) = delete;
    reserved_port& operator=(reserved_port const&) = delete;
    [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

    void hold() {
        release();
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int const on = 1;
        ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(number_);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_, raw, size) != 0 || ::getsockname(socket_, raw, &size) != 0)
            throw std::runtime_error("no free port");
        number_ = ntohs(address.sin_port);
    }
    void release() noexcept {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

  private:
    int socket_ = -1;
    std::uint16_t number_ = 0;
};

}  // namespace cxb::e2e
