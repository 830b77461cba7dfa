#include "cxb/domain/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace cxb::inline v1 {
namespace domain {
namespace {

bool starts_with(std::span<std::uint8_t const> bytes, std::span<std::uint8_t const> start) {
    return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

std::optional<ip_address> v4_at(std::array<std::uint8_t, 16> const& bytes, std::size_t offset) {
    return ip_address::from_bytes(std::span(bytes).subspan(offset, 4));
}

bool same_prefix(std::span<std::uint8_t const> a, std::span<std::uint8_t const> b, unsigned bits) {
    unsigned const whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    unsigned const rest = bits % 8;
    if (rest == 0) return true;
    auto const mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return ((a[whole] ^ b[whole]) & mask) == 0;
}

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> nat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

}  // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) {
    if (text.size() > 45) return std::nullopt;
    std::string const copy(text);
    ip_address out;
    if (text.find(':') == std::string_view::npos) {
        if (inet_pton(AF_INET, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
        // The system's parser may accept leading zeros, which others read as octal.
        if (out.to_text() != text) return std::nullopt;
        return out;
    }
    out.v6 = true;
    if (inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
    return out;
}

std::optional<ip_address> ip_address::from_bytes(std::span<std::uint8_t const> from) {
    if (from.size() != 4 && from.size() != 16) return std::nullopt;
    ip_address out;
    out.v6 = from.size() == 16;
    std::copy(from.begin(), from.end(), out.bytes.begin());
    return out;
}

std::string ip_address::to_text() const {
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
    return text;
}

std::optional<ip_address> ip_address::embedded_v4() const {
    if (!v6) return std::nullopt;
    if (starts_with(bytes, mapped) || starts_with(bytes, nat64)) return v4_at(bytes, 12);
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return v4_at(bytes, 2);
    return std::nullopt;
}

result<cidr> cidr::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = ip_address::parse(text.substr(0, slash));
    if (!address) return error{errc::invalid, "Not an IP address or range"};
    cidr out{*address, address->v6 ? 128U : 32U};
    if (slash == std::string_view::npos) return out;
    auto const digits = text.substr(slash + 1);
    unsigned length = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (ec != std::errc{} || end != digits.data() + digits.size() || length > out.prefix) {
        return error{errc::invalid, "Not a valid prefix length"};
    }
    out.prefix = length;
    return out;
}

bool cidr::contains(ip_address const& address) const noexcept {
    if (base.v6 == address.v6) return same_prefix(base.view(), address.view(), prefix);
    if (base.v6 || !starts_with(address.view(), mapped)) return false;
    return same_prefix(base.view(), address.view().subspan(12), prefix);
}

}  // namespace domain
}  // namespace cxb::inline v1
