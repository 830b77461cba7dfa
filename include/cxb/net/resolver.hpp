#pragma once
/// @file
/// Names to addresses, as a port so that tests decide what a name means. Nothing is cached.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/domain/ip_address.hpp"

CXB_EXPORT_BEGIN
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

/// Asks for one name and blocks meanwhile. Errors: `unavailable`.
using name_lookup = std::function<result<std::vector<domain::ip_address>>(std::string const& host)>;

/// Asks on threads of its own, at most `threads` names at once. Whoever asks for a name that is
/// being looked up shares the answer, so that one name whose servers are silent holds one thread
/// and not the others' look-ups. More than 256 names at once: `unavailable` (reason
/// `resolve_queue_full`). Destruction waits for the look-ups that run; the loops of those who wait
/// may go first.
[[nodiscard]] std::shared_ptr<resolver> pooled_resolver(name_lookup ask, unsigned threads = 8);

/// A pooled resolver that asks the system.
[[nodiscard]] std::shared_ptr<resolver> system_resolver();

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
