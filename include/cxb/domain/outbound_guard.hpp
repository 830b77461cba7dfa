#pragma once
/// @file
/// The rules of the outbound guard (spec 20 §3.4): which targets a URL typed by a user may reach.
/// Pure: no names are resolved here. `net::guarded_http_client` applies the rules to connections;
/// `check_url` alone is the check when a URL is saved.
///
/// A refusal is `errc::blocked` with one of these reasons:
///
/// | reason   | rule                                                                              |
/// |----------|-----------------------------------------------------------------------------------|
/// | scheme   | http or https only; https only in production unless the host is allow-listed      |
/// | userinfo | no name or password in the URL                                                    |
/// | port     | 80, 443, 1024..65535, or the port an allow entry names                            |
/// | host     | not empty, well-formed, no IP address in non-dotted form                          |
/// | address  | no private, local, reserved or multicast address, also not one inside IPv6        |
///
/// Allow entries: `host`, `*.suffix` (any depth below, not the suffix itself), an address or CIDR;
/// each with an optional `:port` (IPv6 then in brackets: `[fd00::/8]:8443`). An entry with a port
/// counts for that port alone. A host entry lifts the scheme rule and the address rule, whatever
/// the name resolves to; a CIDR entry lifts the address rule for its addresses, and the scheme rule
/// where the URL holds such an address itself.
/// Outside production 127/8 and ::1 are allowed.
/// Mode `operator_fleet` is for addresses operators set: any scheme rule, port and private range
/// passes; user info and link-local addresses (169.254/16, fe80::/10) are refused.
///
/// Thread-safety: values and pure functions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/domain/http_url.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

enum class guard_mode { user_url, operator_fleet };

/// One entry of `guard.allow`; exactly one of `host` and `range` is set.
struct guard_allow_entry {
    std::string host;     ///< lower case
    bool suffix = false;  ///< `host` is what follows `*`, with its dot
    std::optional<cidr> range;
    std::optional<std::uint16_t> port;
    friend bool operator==(guard_allow_entry const&, guard_allow_entry const&) = default;
};

/// Errors: `invalid` with the reason in words.
[[nodiscard]] result<guard_allow_entry> parse_guard_allow_entry(std::string_view text);

struct guard_policy {
    bool production = true;
    guard_mode mode = guard_mode::user_url;
    std::vector<guard_allow_entry> allow;
};

/// Policy from settings. Errors: `invalid`; `faults` point at `/0`, `/1`, ... of the list.
[[nodiscard]] result<guard_policy> make_guard_policy(bool production,
                                                     std::span<std::string const> allow,
                                                     guard_mode mode = guard_mode::user_url);

/// Scheme, user info, port, host and, for a literal, the address. A name that is not allow-listed
/// passes here and is judged again by `check_address` once resolved.
[[nodiscard]] result<http_url> check_url(guard_policy const& policy, std::string_view url);

/// Judges an address the host of `url` resolved to (or is).
[[nodiscard]] result<void> check_address(guard_policy const& policy, http_url const& url,
                                         ip_address const& address);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
