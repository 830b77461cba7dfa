#pragma once
/// @file
/// Where a request really comes from, behind proxies that are trusted (spec 20 §1).
///
/// `X-Forwarded-For` is read from its end: as long as the address is a trusted proxy, the one
/// before it counts. `X-Forwarded-Proto` and `-Host` count only from a trusted peer. From any
/// other peer all three are ignored, and a loopback peer that sends them is no loopback client; nor
/// is a trusted one whose chain does not name the client (`unknown`, only `Forwarded`).
///
/// Thread-safety: const after construction.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/domain/ip_address.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::server {

/// 127/8 and ::1, also as an IPv4-mapped address; false for text that is no address.
[[nodiscard]] bool is_loopback(std::string_view address) noexcept;

struct client_origin {
    std::string address;
    bool loopback = false;
    std::string origin;  ///< `scheme://host[:port]`
};

class client_origin_rules {
  public:
    /// Blocks that do not parse are skipped: the settings refused them before.
    client_origin_rules(std::span<std::string const> trusted, std::string fallback_authority);
    [[nodiscard]] client_origin resolve(wire::http_request const& request) const;

  private:
    [[nodiscard]] bool trusted(std::string_view address) const noexcept;
    std::vector<domain::cidr> trusted_;
    std::string fallback_authority_;
};

}  // namespace cxb::server
