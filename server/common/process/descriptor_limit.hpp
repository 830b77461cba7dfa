#pragma once
/// @file
/// How many descriptors this process may hold. Systems start processes with a low soft limit (1024)
/// for the sake of `select`, which nothing here uses; every connection takes one.

#include <cstddef>

namespace cxb::server {

/// Raises the soft limit to the hard one and gives what then holds. Thread-safe.
/// Where it cannot be raised the old one stays.
std::size_t raise_descriptor_limit() noexcept;

/// Connections a server may hold under such a limit, at most `wanted`: an eighth of the
/// descriptors stays for the store, outgoing requests and the acceptors, which fail badly without.
[[nodiscard]] std::size_t connections_within(std::size_t limit, std::size_t wanted) noexcept;

}  // namespace cxb::server
