#pragma once
/// @file
/// An IP address as bytes, and address ranges: what the outbound guard and the list of trusted
/// proxies compare with.
///
/// ```cpp
/// auto range = domain::cidr::parse("10.0.0.0/8");
/// bool inside = range->contains(*domain::ip_address::parse("10.1.2.3"));
/// ```
/// Thread-safety: value types.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct ip_address {
    std::array<std::uint8_t, 16> bytes{};  ///< network order; the first 4 when not `v6`
    bool v6 = false;

    /// Dotted quad (four decimal parts without leading zeros) or RFC 4291 text without zone and
    /// brackets; anything else is empty.
    [[nodiscard]] static std::optional<ip_address> parse(std::string_view text);
    /// From 4 or 16 bytes in network order; other lengths are empty.
    [[nodiscard]] static std::optional<ip_address> from_bytes(std::span<std::uint8_t const> bytes);
    [[nodiscard]] std::string to_text() const;
    [[nodiscard]] std::span<std::uint8_t const> view() const noexcept {
        return {bytes.data(), v6 ? 16U : 4U};
    }
    /// The IPv4 address inside ::ffff:0:0/96, 64:ff9b::/96 or 2002::/16; empty when there is none.
    [[nodiscard]] std::optional<ip_address> embedded_v4() const;
    friend bool operator==(ip_address const&, ip_address const&) = default;
};

/// `address/length`; a bare address is a range of one. Host bits are ignored.
struct cidr {
    ip_address base;
    unsigned prefix = 0;

    /// Errors: `invalid`.
    [[nodiscard]] static result<cidr> parse(std::string_view text);
    /// IPv4 ranges also contain IPv4-mapped IPv6 addresses (::ffff:a.b.c.d).
    [[nodiscard]] bool contains(ip_address const& address) const noexcept;
    friend bool operator==(cidr const&, cidr const&) = default;
};

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
