#include "server/common/settings/setting_checks.hpp"

#include <charconv>
#include <optional>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/http_url.hpp"
#include "cxb/domain/ip_address.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/store/redis/redis_address.hpp"
#include "cxb/store/s3/s3_address.hpp"

namespace cxb::server::setting_checks {
namespace {

bool starts(std::string_view text, std::string_view with) noexcept {
    return text.substr(0, with.size()) == with;
}

std::optional<int> read_port(std::string_view text) noexcept {
    int out = -1;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    if (out < 0 || out > 65535) return std::nullopt;
    return out;
}

// A ws URL is judged by the rules of its http twin.
std::string as_http(std::string_view text) {
    if (starts(text, "wss://")) return "https" + std::string(text.substr(3));
    if (starts(text, "ws://")) return "http" + std::string(text.substr(2));
    return std::string(text);
}

}  // namespace

std::string ip_text(std::string_view text) {
    return domain::ip_address::parse(text) ? "" : "must be an IP address";
}

std::string cidr_text(std::string_view text) {
    return domain::cidr::parse(text) ? "" : "must be an IP address or a CIDR block";
}

std::string base_url(std::string_view text) {
    if (!domain::parse_http_url(text) || text.find_first_of("?#") != std::string_view::npos)
        return "must be an absolute http or https URL without user info and query";
    return {};
}

std::string optional_http_url(std::string_view text) {
    if (text.empty() || domain::parse_http_url(text)) return {};
    return "must be an absolute http or https URL without user info";
}

std::string origin_text(std::string_view text) {
    auto const url = domain::parse_http_url(text);
    if (url && url->target == "/" && text.back() != '/' && base_url(text).empty()) return {};
    return "must be an origin such as https://console.example.com";
}

std::string store_url(std::string_view text) {
    if ((starts(text, "sqlite:") && text.size() > 7) || starts(text, "mongodb://") ||
        starts(text, "mongodb+srv://"))
        return {};
    return "must be sqlite:PATH or mongodb://...";
}

std::string redis_url(std::string_view text) {
    auto const read = store::parse_redis_url(text);
    return read ? std::string() : read.error().detail();
}

std::string objects_url(std::string_view text) {
    if (starts(text, "dir:") && text.size() > 4) return {};
    if (!starts(text, "s3://")) return "must be dir:PATH or s3://bucket?endpoint=&region=";
    auto const read = store::parse_s3_url(text, "", secret());
    if (read) return {};
    auto const failure = read.error();
    auto const& faults = failure.faults();
    return faults.empty() ? failure.detail()
                          : faults[0].pointer.substr(1) + ": " + faults[0].reason;
}

std::string livekit_url(std::string_view text) {
    return domain::parse_http_url(as_http(text)) ? "" : "must be a ws, wss, http or https URL";
}

std::string wss_url(std::string_view text) {
    bool const fits = starts(text, "ws://") || starts(text, "wss://");
    return fits && base_url(as_http(text)).empty() ? "" : "must be a ws or wss URL";
}

std::string fleet_url(std::string_view text) {
    domain::guard_policy const policy{
        .production = false, .mode = domain::guard_mode::operator_fleet, .allow = {}};
    if (domain::check_url(policy, text) && base_url(text).empty()) return {};
    return "must be an http or https base URL without user info and link-local address";
}

std::string address_and_port(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon != std::string_view::npos && read_port(text.substr(colon + 1))) {
        auto host = text.substr(0, colon);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']')
            host = host.substr(1, host.size() - 2);
        if (domain::ip_address::parse(host)) return {};
    }
    return "must be ADDRESS:PORT";
}

std::string optional_address_and_port(std::string_view text) {
    return text.empty() ? "" : address_and_port(text);
}

std::string socket_path(std::string_view text) {
    return text.find("{id}") == std::string_view::npos ? "must hold {id}" : "";
}

std::string port_range(std::string_view text) {
    auto const dash = text.find('-');
    if (dash != std::string_view::npos) {
        auto const low = read_port(text.substr(0, dash));
        auto const high = read_port(text.substr(dash + 1));
        if (low && high && *low >= 1024 && *low < *high) return {};
    }
    return "must be a port range such as 20000-20999";
}

std::string aes_key(std::string_view text) {
    auto const bytes = from_base64(text);
    return bytes && bytes->size() == 32 ? "" : "must be base64 of 32 bytes";
}

std::string region_code(std::string_view text) {
    auto const capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == 2 && capital(text[0]) && capital(text[1])
               ? ""
               : "must be two capital letters (ISO 3166 alpha-2)";
}

std::string zone_name(std::string_view text) {
    return domain::is_time_zone(text) ? "" : "must be an IANA time zone";
}

std::string guard_entry(std::string_view text) {
    if (domain::parse_guard_allow_entry(text)) return {};
    return "must be a host, *.suffix or CIDR, each with optional :port";
}

std::string preload_word(std::string_view text) {
    return text == "pocketsphinx" || text == "flite" ? "" : "must be pocketsphinx or flite";
}

}  // namespace cxb::server::setting_checks
