#pragma once
/// @file
/// Where a Redis server is and how to sign in there, read from one URL.
///
/// | form                                         | meaning                                     |
/// |----------------------------------------------|---------------------------------------------|
/// | `redis://[user:password@]host[:port][/db]`   | TCP; port 6379 and db 0 unless given         |
/// | `unix://[user:password@]/path[?db=N]`        | a unix socket                               |
/// | `rediss://...`                               | refused: the client library has no TLS      |
///
/// User and password are percent-decoded; `:password@` and `password@`-less forms mean no user.
/// IPv6 hosts stand in brackets.

#include <cstdint>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

struct redis_address {
    std::string host;  ///< "" for a unix socket
    std::uint16_t port = 6379;
    std::string path;  ///< of the unix socket, "" for TCP
    std::string user;  ///< "" = the default user
    secret password;   ///< "" = none is sent
    int db = 0;        ///< 0 to 1023
};

/// Errors: `invalid`; the detail says what is wrong and never holds the URL.
[[nodiscard]] result<redis_address> parse_redis_url(std::string_view url);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
