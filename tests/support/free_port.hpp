#pragma once
/// @file
/// A loopback port for servers that cannot choose one themselves: free a moment ago.

#include <cstdint>

namespace cxb::test {

[[nodiscard]] std::uint16_t free_port();

}  // namespace cxb::test
