#include "support/raw_client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "cxb/base/encoding.hpp"

namespace cxb::test {
namespace {

int open_socket(int family, sockaddr const* address, socklen_t size,
                std::chrono::seconds patience) {
    int const fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const wait{patience.count(), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    EXPECT_EQ(::connect(fd, address, size), 0) << std::strerror(errno);
    return fd;
}

}  // namespace

raw_client::raw_client(std::uint16_t port, std::chrono::seconds patience) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = open_socket(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address, patience);
}

raw_client::raw_client(std::string const& unix_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
    fd_ = open_socket(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address,
                      std::chrono::seconds{5});
}

raw_client::~raw_client() {
    ::close(fd_);
}

bool raw_client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void raw_client::close_sending() const {
    ::shutdown(fd_, SHUT_WR);
}

void raw_client::reset_on_close() const {
    linger const at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool raw_client::fill() {
    char bytes[65536];
    auto const got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
}

std::string raw_client::read_response(bool with_body) {
    auto end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return std::exchange(buffer_, {});
    }
    std::size_t total = end + 4;
    auto const length = buffer_.find("Content-Length: ");
    if (with_body && length < end) {
        total += std::stoul(buffer_.substr(length + 16));
        while (buffer_.size() < total && fill()) {
        }
    } else if (with_body && buffer_.find("Transfer-Encoding: chunked") < end) {
        while ((end = buffer_.find("0\r\n\r\n", total)) == std::string::npos && fill()) {
        }
        total = end == std::string::npos ? buffer_.size() : end + 5;
    }
    auto out = buffer_.substr(0, total);
    buffer_.erase(0, total);
    return out;
}

std::string raw_client::read_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool raw_client::at_end() {
    char byte = 0;
    return buffer_.empty() && ::recv(fd_, &byte, 1, 0) == 0;
}

int status_of(std::string_view response) {
    return response.starts_with("HTTP/1.1 ") ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

std::string body_of(std::string_view response) {
    auto const end = response.find("\r\n\r\n");
    return end == std::string_view::npos ? "" : std::string(response.substr(end + 4));
}

std::string header_of(std::string_view response, std::string_view name) {
    auto rest = response.substr(0, response.find("\r\n\r\n"));
    while (!rest.empty()) {
        auto const end = std::min(rest.find("\r\n"), rest.size());
        auto const line = rest.substr(0, end);
        auto const colon = line.find(':');
        if (colon != std::string_view::npos && iequals(line.substr(0, colon), name))
            return std::string(trim(line.substr(colon + 1)));
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return {};
}

std::uint16_t port_of_url(std::string_view url) {
    return static_cast<std::uint16_t>(std::stoul(std::string(url.substr(url.rfind(':') + 1))));
}

}  // namespace cxb::test
