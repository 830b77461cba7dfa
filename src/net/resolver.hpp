#pragma once
/// @file
/// Names to addresses, as a port so that tests decide what a name means. Nothing is cached.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/domain/ip_address.hpp"

namespace cxb::inline v1 {
namespace net {

class resolver {
  public:
    resolver() = default;
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;
    virtual ~resolver() = default;
    /// All addresses of a name in order of preference, at least one. Errors: `unavailable`.
    virtual boost::asio::awaitable<result<std::vector<domain::ip_address>>> resolve(
        std::string host) = 0;
};

/// The system's resolver. Look-ups of one event loop run one after the other.
[[nodiscard]] std::shared_ptr<resolver> system_resolver();

}  // namespace net
}  // namespace cxb::inline v1
