#include "cxb/domain/http_url.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::size_t max_url = 8192;
constexpr std::size_t max_host = 253;
constexpr std::size_t max_label = 63;

error fault_of(char const* reason, char const* detail) {
    return error{errc::invalid, detail}.with_reason(reason);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_name_char(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

// A name whose last label is a number is an address to many programs: only the dotted quad passes.
bool ends_in_number(std::string_view host) {
    auto const dot = host.rfind('.');
    auto const last = dot == std::string_view::npos ? host : host.substr(dot + 1);
    if (std::all_of(last.begin(), last.end(), is_digit)) return true;
    return last.size() >= 2 && last[0] == '0' && last[1] == 'x' &&
           std::all_of(last.begin() + 2, last.end(), is_hex);
}

bool is_name(std::string_view host) {
    if (host.empty() || host.size() > max_host) return false;
    std::size_t label = 0;
    for (char const c : host) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!is_name_char(c) || ++label > max_label) {
            return false;
        }
    }
    return label > 0;
}

result<void> read_host(http_url& out, std::string_view text) {
    if (text.starts_with('[')) {
        out.address = ip_address::parse(text.substr(1, text.size() - 2));
        if (!out.address || !out.address->v6) return fault_of("host", "URL has a bad IPv6 address");
        out.host = out.address->to_text();
        return {};
    }
    out.host = to_lower(text);
    if (out.host.size() > 1 && out.host.ends_with('.')) out.host.pop_back();
    if (!is_name(out.host)) return fault_of("host", "URL has no usable host");
    if (!ends_in_number(out.host)) return {};
    out.address = ip_address::parse(out.host);
    if (!out.address || out.host.size() != text.size()) {
        return fault_of("host", "URL holds an IP address in another than the dotted form");
    }
    return {};
}

result<void> read_authority(http_url& out, std::string_view text) {
    if (text.find('@') != std::string_view::npos) {
        return fault_of("userinfo", "URL holds a user name or password");
    }
    auto const bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return fault_of("host", "URL has a bad IPv6 address");
    auto const colon = text.find(':', bracket);
    auto const host = text.substr(0, colon);
    if (bracket != 0 && host.size() != bracket + 1) {
        return fault_of("host", "URL has a bad IPv6 address");
    }
    CXB_CHECK(read_host(out, host));
    out.port = out.scheme == "https" ? 443 : 80;
    if (colon == std::string_view::npos) return {};
    auto const digits = text.substr(colon + 1);
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (ec != std::errc{} || end != digits.data() + digits.size() || out.port == 0) {
        return fault_of("port", "URL has a bad port");
    }
    return {};
}

}  // namespace

std::string http_url::authority() const {
    std::string out = address && address->v6 ? '[' + host + ']' : host;
    if (port != (scheme == "https" ? 443 : 80)) out += ':' + std::to_string(port);
    return out;
}

std::string http_url::origin() const {
    return scheme + "://" + host + ' ' + std::to_string(port);
}

result<http_url> parse_http_url(std::string_view text) {
    if (text.size() > max_url) return fault_of("length", "URL is too long");
    auto const colon = text.find("://");
    http_url out;
    out.scheme = to_lower(text.substr(0, colon == std::string_view::npos ? 0 : colon));
    if (out.scheme != "http" && out.scheme != "https") {
        return fault_of("scheme", "URL does not begin with http:// or https://");
    }
    auto const rest = text.substr(colon + 3);
    auto const end = std::min(rest.find_first_of("/?#"), rest.size());
    CXB_CHECK(read_authority(out, rest.substr(0, end)));
    auto target = rest.substr(end);
    target = target.substr(0, target.find('#'));
    bool const clean = std::all_of(target.begin(), target.end(),
                                   [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    if (!clean) return fault_of("target", "URL holds characters that must be escaped");
    out.target = target.starts_with('/') ? "" : "/";
    out.target += target;
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
