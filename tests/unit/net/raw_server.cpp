#include "tests/unit/net/raw_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cxb::net_test {

std::string raw_peer::read_request(std::size_t body) {
    char bytes[4096];
    for (;;) {
        auto const end = buffer_.find("\r\n\r\n");
        if (end != std::string::npos && buffer_.size() >= end + 4 + body) {
            auto out = buffer_.substr(0, end + 4 + body);
            buffer_.erase(0, out.size());
            return out;
        }
        auto const got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got <= 0) return "";
        buffer_.append(bytes, static_cast<std::size_t>(got));
    }
}

void raw_peer::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void raw_peer::reset_on_close() const {
    linger const now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

raw_server::raw_server(std::function<void(raw_peer&, int)> serve) : serve_(std::move(serve)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 64);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

raw_server::~raw_server() {
    ended_ = true;
    ::shutdown(fd_, SHUT_RDWR);
    if (int const fd = current_; fd >= 0) ::shutdown(fd, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
}

std::string raw_server::url(std::string const& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void raw_server::run() {
    for (int fd = 0; (fd = ::accept(fd_, nullptr, nullptr)) >= 0;) {
        timeval const wait{5, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        raw_peer peer(fd);
        current_ = fd;
        if (!ended_) serve_(peer, count_++);
        current_ = -1;
        ::close(fd);
        ++closed_;
    }
}

}  // namespace cxb::net_test
