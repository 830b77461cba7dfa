#include "src/net/proxy_choice.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace net {
namespace {

constexpr std::string_view http_scheme = "http://";

std::optional<std::string> from_process(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

bool is_loopback(domain::http_url const& target) noexcept {
    if (!target.address) return target.host == "localhost" || target.host.ends_with(".localhost");
    auto const bytes = target.address->view();
    if (!target.address->v6) return bytes[0] == 127;
    return bytes.back() == 1 &&
           std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

// Cuts `:port` off; bare IPv6 addresses, which hold several colons, have none.
std::optional<std::uint16_t> take_port(std::string_view& entry) {
    auto const colon = entry.rfind(':');
    bool const bracketed = entry.starts_with('[') && colon != 0 && entry[colon - 1] == ']';
    if (colon == std::string_view::npos || (entry.find(':') != colon && !bracketed))
        return std::nullopt;
    auto const digits = entry.substr(colon + 1);
    std::uint16_t port = 0;
    auto const [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    entry = entry.substr(0, colon);
    return port;
}

proxy_exception parse_exception(std::string_view entry) {
    proxy_exception out;
    out.port = take_port(entry);
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    if (entry == "*") {
        out.everything = true;
    } else if (auto range = domain::cidr::parse(entry)) {
        out.range = *range;
    } else {
        if (entry.starts_with('*')) entry.remove_prefix(1);
        if (entry.starts_with('.')) entry.remove_prefix(1);
        if (entry.ends_with('.')) entry.remove_suffix(1);
        out.name = entry;
    }
    return out;
}

// `http://user:password@host:port/` taken apart; the scheme may be missing.
result<proxy_server> parse_variable(std::string const& name, std::string_view value) {
    proxy_server out;
    if (value.starts_with(http_scheme)) value.remove_prefix(http_scheme.size());
    auto const wrong = [&name] {
        return error{errc::invalid, name + " does not hold a proxy that can be used"};
    };
    if (value.find("://") != std::string_view::npos) return wrong();
    if (auto const at = value.rfind('@'); at != std::string_view::npos) {
        auto credentials = percent_decode(value.substr(0, at));
        if (!credentials) return wrong();
        out.credentials = secret(*std::move(credentials));
        value.remove_prefix(at + 1);
    }
    out.url = std::string(http_scheme).append(value);
    if (!domain::parse_http_url(out.url)) return wrong();
    return out;
}

result<std::optional<proxy>> parse_server(proxy_server const& server) {
    if (server.url.empty()) return std::optional<proxy>();
    auto url = domain::parse_http_url(server.url);
    if (!url || url->scheme != "http" || url->target != "/")
        return error{errc::invalid, "A proxy must be of the form http://host:port"};
    proxy out;
    out.url = *std::move(url);
    if (!server.credentials.empty())
        out.authorization = "Basic " + to_base64(server.credentials.reveal());
    return std::optional<proxy>(std::move(out));
}

}  // namespace

bool proxy_exception::fits(domain::http_url const& target) const noexcept {
    if (port && *port != target.port) return false;
    if (everything) return true;
    if (range) return target.address && range->contains(*target.address);
    std::string_view const host = target.host;
    if (name.empty() || !host.ends_with(name)) return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

std::vector<proxy_exception> parse_no_proxy(std::string_view list) {
    constexpr std::string_view separators = ", \t\r\n";
    std::vector<proxy_exception> out;
    auto const text = to_lower(list);
    std::string_view rest = text;
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
        if (rest.empty()) return out;
        auto const entry = rest.substr(0, rest.find_first_of(separators));
        out.push_back(parse_exception(entry));
        rest.remove_prefix(entry.size());
    }
}

result<proxy_choice> proxy_choice::create(proxy_settings const& settings) {
    proxy_choice out;
    CXB_TRY(out.http_, parse_server(settings.http));
    CXB_TRY(out.https_, parse_server(settings.https));
    out.exceptions_ = parse_no_proxy(settings.no_proxy);
    return out;
}

proxy const* proxy_choice::of(domain::http_url const& target) const noexcept {
    auto const& way = target.scheme == "https" ? https_ : http_;
    if (!way || is_loopback(target)) return nullptr;
    bool const direct = std::ranges::any_of(
        exceptions_, [&target](proxy_exception const& one) { return one.fits(target); });
    return direct ? nullptr : &*way;
}

result<proxy_settings> proxies_from_environment(
    std::function<std::optional<std::string>(std::string const& name)> variable) {
    if (!variable) variable = &from_process;
    proxy_settings out;
    auto const value_of = [&variable](std::string const& name) {
        auto value = variable(name);
        return value ? value : variable(upper(name));
    };
    if (auto const all = value_of("all_proxy"); all && !all->empty()) {
        CXB_TRY(out.https, parse_variable("all_proxy", *all));
        out.http = out.https;
    }
    // Upper case would be the header `Proxy` of a CGI program's client.
    if (auto const http = variable("http_proxy"); http && !http->empty()) {
        CXB_TRY(out.http, parse_variable("http_proxy", *http));
    }
    if (auto const https = value_of("https_proxy"); https && !https->empty()) {
        CXB_TRY(out.https, parse_variable("https_proxy", *https));
    }
    out.no_proxy = value_of("no_proxy").value_or("");
    return out;
}

}  // namespace net
}  // namespace cxb::inline v1
