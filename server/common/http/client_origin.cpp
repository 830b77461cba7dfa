#include "server/common/http/client_origin.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::server {
namespace {

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

bool is_loopback(std::string_view address) noexcept {
    static domain::cidr const four = *domain::cidr::parse("127.0.0.0/8");
    static domain::cidr const six = *domain::cidr::parse("::1/128");
    auto const read = domain::ip_address::parse(address);
    return read && (four.contains(*read) || six.contains(*read));
}

client_origin_rules::client_origin_rules(std::span<std::string const> trusted,
                                         std::string fallback_authority)
    : fallback_authority_(std::move(fallback_authority)) {
    for (auto const& text : trusted)
        if (auto range = domain::cidr::parse(text)) trusted_.push_back(*range);
}

bool client_origin_rules::trusted(std::string_view address) const noexcept {
    auto const read = domain::ip_address::parse(address);
    if (!read) return false;
    for (auto const& range : trusted_)
        if (range.contains(*read)) return true;
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
    // What a proxy forwards for somebody it does not name is not the proxy's own request.
    bool known = !forwarded || !rest.empty();
    while (!rest.empty()) {
        auto const next = bare_address(last_item(rest));
        known = domain::ip_address::parse(next).has_value();
        if (!known) break;
        out.address = std::string(next);
        auto const comma = rest.rfind(',');
        if (comma == std::string_view::npos || !trusted(out.address)) break;
        rest = rest.substr(0, comma);
    }
    out.loopback = known && is_loopback(out.address);
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
