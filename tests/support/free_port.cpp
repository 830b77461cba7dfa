#include "support/free_port.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cxb::test {

std::uint16_t free_port() {
    int const probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    bool const bound = ::bind(probe, raw, size) == 0 && ::getsockname(probe, raw, &size) == 0;
    EXPECT_TRUE(bound);
    ::close(probe);
    return ntohs(address.sin_port);
}

}  // namespace cxb::test
