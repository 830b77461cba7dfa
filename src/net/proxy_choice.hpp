#pragma once
/// @file
/// Which proxy a target is reached through, if any. Thread-safety: immutable once made.

#include <optional>
#include <vector>

#include "cxb/domain/http_url.hpp"
#include "cxb/net/proxy.hpp"

namespace cxb::inline v1 {
namespace net {

struct proxy {
    domain::http_url url;
    std::string authorization;  ///< value of `Proxy-Authorization`; "" = none
};

/// One entry of `no_proxy`.
struct proxy_exception {
    bool everything = false;
    std::string name;  ///< this and all below it
    std::optional<domain::cidr> range;
    std::optional<std::uint16_t> port;

    [[nodiscard]] bool fits(domain::http_url const& target) const noexcept;
};

[[nodiscard]] std::vector<proxy_exception> parse_no_proxy(std::string_view list);

class proxy_choice {
  public:
    /// No proxy for anything.
    proxy_choice() = default;
    /// Errors: `invalid` (a URL that is not `http://host:port`).
    [[nodiscard]] static result<proxy_choice> create(proxy_settings const& settings);
    /// Null: direct. The pointer lives as long as this object.
    [[nodiscard]] proxy const* of(domain::http_url const& target) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return !http_ && !https_; }

  private:
    std::optional<proxy> http_;
    std::optional<proxy> https_;
    std::vector<proxy_exception> exceptions_;
};

}  // namespace net
}  // namespace cxb::inline v1
