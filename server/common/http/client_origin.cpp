#include "server/common/http/client_origin.hpp"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

#include "cxb/base/encoding.hpp"

namespace cxb::server {
namespace {

using address_bytes = std::array<unsigned char, 16>;

// Every address as 128 bits; IPv4 as ::ffff:a.b.c.d, which is also what a mapped one is.
std::optional<address_bytes> to_bytes(std::string_view text) noexcept {
    if (text.empty() || text.size() > 45) return std::nullopt;
    boost::system::error_code failed;
    auto const address = boost::asio::ip::make_address(text, failed);
    if (failed) return std::nullopt;
    if (address.is_v6()) return address.to_v6().to_bytes();
    address_bytes out{};
    out[10] = out[11] = 0xff;
    auto const four = address.to_v4().to_bytes();
    std::copy(four.begin(), four.end(), out.begin() + 12);
    return out;
}

// `1.2.3.4:55`, `[::1]:55` and quoted forms that proxies write.
std::string_view bare_address(std::string_view text) noexcept {
    text = trim(text);
    if (text.size() > 1 && text.front() == '[') {
        auto const end = text.find(']');
        return end == std::string_view::npos ? text : text.substr(1, end - 1);
    }
    if (text.find('.') != std::string_view::npos) return text.substr(0, text.find(':'));
    return text;
}

// A host that cannot smuggle anything into a link: name, address, port.
bool is_authority(std::string_view text) noexcept {
    if (text.empty() || text.size() > 255) return false;
    for (char const c : text) {
        bool const fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':' ||
                          c == '[' || c == ']';
        if (!fine) return false;
    }
    return true;
}

std::string_view last_item(std::string_view list) noexcept {
    auto const comma = list.rfind(',');
    return trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

}  // namespace

result<ip_block> ip_block::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const bytes = to_bytes(text.substr(0, slash));
    if (!bytes) return error{errc::invalid, "must be an IP address or CIDR block"};
    bool const v4 = text.find(':') == std::string_view::npos;
    int bits = v4 ? 32 : 128;
    if (slash != std::string_view::npos) {
        auto const size = text.substr(slash + 1);
        int given = -1;
        auto const read = std::from_chars(size.data(), size.data() + size.size(), given);
        if (read.ec != std::errc{} || read.ptr != size.data() + size.size() || given < 0 ||
            given > bits)
            return error{errc::invalid, "prefix length out of range"};
        bits = given;
    }
    ip_block out;
    out.network_ = *bytes;
    out.bits_ = v4 ? bits + 96 : bits;
    return out;
}

bool ip_block::contains(std::string_view address) const noexcept {
    auto const bytes = to_bytes(address);
    if (!bytes) return false;
    int left = bits_;
    for (std::size_t i = 0; i < bytes->size() && left > 0; ++i, left -= 8) {
        auto const mask = static_cast<unsigned>(left >= 8 ? 0xff : 0xff << (8 - left)) & 0xffU;
        if (((*bytes)[i] & mask) != (network_[i] & mask)) return false;
    }
    return true;
}

bool is_loopback(std::string_view address) noexcept {
    auto const bytes = to_bytes(address);
    if (!bytes) return false;
    static address_bytes const one = *to_bytes("::1");
    static address_bytes const four = *to_bytes("127.0.0.0");
    return *bytes == one || std::equal(four.begin(), four.begin() + 13, bytes->begin());
}

client_origin_rules::client_origin_rules(std::span<std::string const> trusted,
                                         std::string fallback_authority)
    : fallback_authority_(std::move(fallback_authority)) {
    for (auto const& text : trusted)
        if (auto block = ip_block::parse(text)) trusted_.push_back(*block);
}

bool client_origin_rules::trusted(std::string_view address) const noexcept {
    for (auto const& block : trusted_)
        if (block.contains(address)) return true;
    return false;
}

client_origin client_origin_rules::resolve(wire::http_request const& request) const {
    bool const from_proxy = !trusted_.empty() && trusted(request.remote_address);
    bool forwarded = false;
    std::string chain;
    for (auto const& [name, value] : request.headers.items()) {
        if (!iequals(name, "X-Forwarded-For") && !iequals(name, "Forwarded")) continue;
        forwarded = true;
        if (iequals(name, "X-Forwarded-For")) chain.append(chain.empty() ? "" : ",").append(value);
    }
    client_origin out;
    out.address = request.remote_address;
    std::string_view rest = from_proxy ? std::string_view(chain) : std::string_view{};
    while (!rest.empty()) {
        auto const next = bare_address(last_item(rest));
        if (!to_bytes(next)) break;
        out.address = std::string(next);
        auto const comma = rest.rfind(',');
        if (comma == std::string_view::npos || !trusted(out.address)) break;
        rest = rest.substr(0, comma);
    }
    out.loopback = is_loopback(out.address) && (from_proxy || !forwarded);
    std::string_view scheme = request.tls ? "https" : "http";
    std::string_view authority = request.headers.get("Host");
    if (from_proxy) {
        auto const proto = last_item(request.headers.get("X-Forwarded-Proto"));
        if (iequals(proto, "https") || iequals(proto, "http"))
            scheme = iequals(proto, "https") ? "https" : "http";
        auto const host = last_item(request.headers.get("X-Forwarded-Host"));
        if (is_authority(host)) authority = host;
    }
    if (!is_authority(authority)) authority = fallback_authority_;
    out.origin.append(scheme).append("://").append(authority);
    return out;
}

}  // namespace cxb::server
