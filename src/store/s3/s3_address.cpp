#include "cxb/store/s3/s3_address.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/domain/sigv4.hpp"
#include "src/store/s3/s3_signing.hpp"

namespace cxb::inline v1 {
namespace store {
namespace {

constexpr std::string_view scheme = "s3://";
constexpr std::string_view default_region = "us-east-1";
constexpr std::string_view spaces_suffix = ".digitaloceanspaces.com";
constexpr std::size_t shortest_bucket = 3;
constexpr std::size_t longest_bucket = 63;
constexpr std::size_t longest_region = 64;

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_bucket(std::string_view name) noexcept {
    return name.size() >= shortest_bucket && name.size() <= longest_bucket &&
           is_word(name.front()) && std::ranges::all_of(name, [](char c) {
               return is_word(c) || c == '.' || c == '_' || c == '-';
           });
}

bool is_region(std::string_view name) noexcept {
    return name.size() <= longest_region &&
           std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-' || c == '_'; });
}

// What an operator may not name either; names are judged again when they are resolved.
domain::guard_policy const& endpoint_policy() {
    static domain::guard_policy const policy{
        .production = true, .mode = domain::guard_mode::operator_fleet, .allow = {}};
    return policy;
}

}  // namespace

std::string infer_region(std::string_view host) {
    if (!host.ends_with(spaces_suffix)) return std::string(default_region);
    host.remove_suffix(spaces_suffix.size());
    auto const dot = host.rfind('.');
    auto const region = dot == std::string_view::npos ? host : host.substr(dot + 1);
    return std::string(region.empty() ? default_region : region);
}

result<s3_address> make_s3_address(s3_parts parts) {
    if (!is_bucket(parts.bucket)) return invalid_member("/bucket", "not the name of a bucket");
    if (!is_region(parts.region)) return invalid_member("/region", "not the name of a region");
    std::string endpoint(trim(parts.endpoint));
    if (endpoint.empty())
        endpoint = "https://s3." +
                   (parts.region.empty() ? std::string(default_region) : parts.region) +
                   ".amazonaws.com";
    if (endpoint.find("://") == std::string::npos)
        endpoint = (parts.secure ? "https://" : "http://") + endpoint;
    auto const url = domain::check_url(endpoint_policy(), endpoint);
    if (!url) return invalid_member("/endpoint", url.error().detail());
    if (url->target != "/") return invalid_member("/endpoint", "must have no path");
    s3_address out;
    out.host = url->authority();
    out.origin = url->scheme + "://" + out.host;
    out.bucket = std::move(parts.bucket);
    out.region = parts.region.empty() ? infer_region(url->host) : std::move(parts.region);
    out.access_key = std::move(parts.access_key);
    out.secret_key = std::move(parts.secret_key);
    return out;
}

result<s3_address> parse_s3_url(std::string_view url, std::string access_key, secret secret_key) {
    if (!url.starts_with(scheme)) return error{errc::invalid, "must begin with s3://"};
    url.remove_prefix(scheme.size());
    auto const mark = std::min(url.find('?'), url.size());
    CXB_TRY(auto const query,
            wire::query_list::parse(mark < url.size() ? url.substr(mark + 1) : ""));
    for (auto const& [name, value] : query.items())
        if (name != "endpoint" && name != "region")
            return error{errc::invalid, "unknown parameter " + name};
    s3_parts parts;
    parts.bucket = url.substr(0, mark);
    if (parts.bucket.ends_with('/')) parts.bucket.pop_back();
    parts.endpoint = query.get("endpoint").value_or("");
    parts.region = query.get("region").value_or("");
    parts.access_key = std::move(access_key);
    parts.secret_key = std::move(secret_key);
    return make_s3_address(std::move(parts));
}

std::string object_url(s3_address const& at, std::string_view key) {
    return at.origin + domain::canonical_path(object_path(at, key));
}

secret presigned_url(s3_address const& at, std::string_view method, std::string_view key,
                     time_point now, std::chrono::seconds lifetime) {
    domain::sigv4_request request;
    request.method = method;
    request.path = object_path(at, key);
    request.headers.set("Host", at.host);
    request.payload = domain::unsigned_payload;
    auto const target = domain::presigned_target(
        std::move(request), keys_of(at), now,
        std::clamp(lifetime, std::chrono::seconds{1}, domain::max_presigned_life));
    return secret(at.origin + target.reveal());
}

}  // namespace store
}  // namespace cxb::inline v1
