#pragma once
/// @file
/// An absolute `http://` or `https://` URL taken apart, strictly: what the outgoing client connects
/// to is exactly what the outbound guard judged.
///
/// | field   | type   | meaning                                                                 |
/// |---------|--------|-------------------------------------------------------------------------|
/// | scheme  | text   | `http` or `https`                                                       |
/// | host    | text   | lower case, without brackets; a name or an IP address                   |
/// | address | IP     | set when the host is a literal address                                  |
/// | port    | 16 bit | given one, else 80 or 443                                               |
/// | target  | text   | path and query as given, at least `/`; a fragment is cut                |
///
/// Thread-safety: value type.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/domain/ip_address.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct http_url {
    std::string scheme;
    std::string host;
    std::optional<ip_address> address;
    std::uint16_t port = 0;
    std::string target;

    /// Value of the `Host` header: brackets around IPv6, the port unless it is the scheme's own.
    [[nodiscard]] std::string authority() const;
    /// `scheme://host:port`: what connections are shared by.
    [[nodiscard]] std::string origin() const;
};

/// Errors: `invalid`, whose `reason` is the guard's word for the fault:
/// `scheme` (not http/https), `userinfo` (name or password before the host), `port` (not
/// 1..65535), `host` (empty, bad characters, over 253 bytes, a number that is no dotted quad such
/// as `0x7f.1` or `2130706433`), `target` (blanks, control or non-ASCII characters), `length`
/// (over 8 KiB).
[[nodiscard]] result<http_url> parse_http_url(std::string_view text);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
