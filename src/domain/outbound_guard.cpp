#include "cxb/domain/outbound_guard.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

error refusal(char const* reason, char const* detail) {
    return error{errc::blocked, detail}.with_reason(reason);
}

template <std::size_t N>
std::array<cidr, N> ranges_of(std::array<char const*, N> const& texts) {
    std::array<cidr, N> out;
    std::transform(texts.begin(), texts.end(), out.begin(),
                   [](char const* text) { return cidr::parse(text).value(); });
    return out;
}

bool within(std::span<cidr const> ranges, ip_address const& address) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](cidr const& range) { return range.contains(address); });
}

std::span<cidr const> refused_ranges() {
    static auto const ranges = ranges_of(std::to_array<char const*>(
        {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
         "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
         "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/128", "::1/128", "fc00::/7",
         "fe80::/10", "ff00::/8", "2001:db8::/32"}));
    return ranges;
}

std::span<cidr const> link_local_ranges() {
    static auto const ranges =
        ranges_of(std::to_array<char const*>({"169.254.0.0/16", "fe80::/10"}));
    return ranges;
}

std::span<cidr const> loopback_ranges() {
    static auto const ranges = ranges_of(std::to_array<char const*>({"127.0.0.0/8", "::1/128"}));
    return ranges;
}

bool names_host(guard_allow_entry const& entry, http_url const& url) {
    if (entry.range) return false;
    return entry.suffix ? url.host.size() > entry.host.size() && url.host.ends_with(entry.host)
                        : url.host == entry.host;
}

bool covers(guard_allow_entry const& entry, http_url const& url,
            std::optional<ip_address> const& address) {
    if (entry.port && *entry.port != url.port) return false;
    return names_host(entry, url) || (entry.range && address && entry.range->contains(*address));
}

bool is_allowed(guard_policy const& policy, http_url const& url,
                std::optional<ip_address> const& address) {
    return std::any_of(policy.allow.begin(), policy.allow.end(),
                       [&](auto const& entry) { return covers(entry, url, address); });
}

// An entry that names a port opens it for whatever it may cover, also a name not yet resolved.
bool port_is_named(guard_policy const& policy, http_url const& url) {
    return std::any_of(policy.allow.begin(), policy.allow.end(), [&](auto const& entry) {
        if (entry.port != url.port) return false;
        return names_host(entry, url) ||
               (entry.range && (!url.address || entry.range->contains(*url.address)));
    });
}

result<void> check_port(guard_policy const& policy, http_url const& url) {
    bool const usual = url.port == 80 || url.port == 443 || url.port >= 1024;
    if (usual || port_is_named(policy, url)) return {};
    return refusal("port", "URL uses a port that is not allowed");
}

result<std::uint16_t> read_port(std::string_view digits) {
    std::uint16_t port = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (ec == std::errc{} && end == digits.data() + digits.size() && port != 0) return port;
    return error{errc::invalid, "entry has a bad port"};
}

// Splits `host:port`, `[range]:port` and forms without a port; IPv6 without brackets has none.
result<std::string_view> cut_port(guard_allow_entry& out, std::string_view text) {
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) return error{errc::invalid, "entry lacks a bracket"};
        auto const rest = text.substr(end + 1);
        if (!rest.empty()) {
            if (rest[0] != ':') return error{errc::invalid, "entry is not host, range or suffix"};
            CXB_TRY(out.port, read_port(rest.substr(1)));
        }
        return text.substr(1, end - 1);
    }
    auto const colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
        return text;
    }
    CXB_TRY(out.port, read_port(text.substr(colon + 1)));
    return text.substr(0, colon);
}

}  // namespace

result<guard_allow_entry> parse_guard_allow_entry(std::string_view text) {
    guard_allow_entry out;
    CXB_TRY(auto const core, cut_port(out, trim(text)));
    bool const v6 = core.find(':') != std::string_view::npos;
    if (v6 || core.find('/') != std::string_view::npos || ip_address::parse(core)) {
        CXB_TRY(out.range, cidr::parse(core));
        return out;
    }
    out.suffix = core.starts_with("*.");
    auto const name = out.suffix ? core.substr(2) : core;
    auto const url = parse_http_url("http://" + std::string(name) + "/");
    if (!url || url->address || name.find_first_of(":?#") != std::string_view::npos) {
        return error{errc::invalid, "entry is not a host, *.suffix, address or CIDR"};
    }
    out.host = (out.suffix ? "." : "") + url->host;
    return out;
}

result<guard_policy> make_guard_policy(bool production, std::span<std::string const> allow,
                                       guard_mode mode) {
    guard_policy out{production, mode, {}};
    std::vector<fault> faults;
    for (std::size_t i = 0; i < allow.size(); ++i) {
        auto entry = parse_guard_allow_entry(allow[i]);
        if (entry) {
            out.allow.push_back(*std::move(entry));
        } else {
            faults.push_back({'/' + std::to_string(i), entry.error().detail()});
        }
    }
    if (!faults.empty()) return invalid_document(std::move(faults));
    return out;
}

result<http_url> check_url(guard_policy const& policy, std::string_view text) {
    auto url = parse_http_url(text);
    if (!url) {
        auto const unusable = url.error();
        auto const reason = unusable.reason();
        bool const known = reason == "scheme" || reason == "userinfo" || reason == "port";
        return error{errc::blocked, unusable.detail()}.with_reason(known ? std::string(reason)
                                                                         : "host");
    }
    if (policy.mode == guard_mode::user_url) {
        if (policy.production && url->scheme != "https" &&
            !is_allowed(policy, *url, url->address)) {
            return refusal("scheme", "URL must begin with https://");
        }
        CXB_CHECK(check_port(policy, *url));
    }
    if (url->address) CXB_CHECK(check_address(policy, *url, *url->address));
    return url;
}

result<void> check_address(guard_policy const& policy, http_url const& url,
                           ip_address const& address) {
    bool const fleet = policy.mode == guard_mode::operator_fleet;
    if (!fleet && is_allowed(policy, url, address)) return {};
    if (auto const inner = address.embedded_v4()) return check_address(policy, url, *inner);
    if (!fleet && !policy.production && within(loopback_ranges(), address)) return {};
    if (!within(fleet ? link_local_ranges() : refused_ranges(), address)) return {};
    return refusal("address", "URL leads to an address that is not allowed");
}

}  // namespace domain
}  // namespace cxb::inline v1
