#include "cxb/domain/sigv4.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view scope_end = "aws4_request";
constexpr std::size_t day_digits = 8;

// 20150830T123600Z
std::string basic_time(time_point now) {
    std::string const text = format_timestamp(now);  // 2015-08-30T12:36:00.000Z
    constexpr std::size_t seconds_end = 19;
    std::string out;
    for (char const c : text.substr(0, seconds_end))
        if (c != '-' && c != ':') out.push_back(c);
    return out + "Z";
}

std::string scope_of(sigv4_keys const& keys, std::string_view time) {
    return std::string(time.substr(0, day_digits)) + "/" + keys.region + "/" + keys.service + "/" +
           std::string(scope_end);
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Trimmed, runs of blanks (also of a folded line) as one.
std::string header_value(std::string_view text) {
    std::string out;
    for (char const c : trim(text)) {
        if (!is_blank(c))
            out.push_back(c);
        else if (!out.ends_with(' '))
            out.push_back(' ');
    }
    return out;
}

using named_headers = std::map<std::string, std::string>;

named_headers sorted_headers(wire::header_list const& headers) {
    named_headers out;
    for (auto const& [name, value] : headers.items()) {
        auto const [at, fresh] = out.try_emplace(to_lower(name), header_value(value));
        if (!fresh) at->second += "," + header_value(value);
    }
    return out;
}

std::string names_of(named_headers const& headers) {
    std::string out;
    for (auto const& [name, value] : headers)
        out += (out.empty() ? "" : ";") + name;
    return out;
}

std::string sorted_query(wire::query_list const& query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (auto const& [name, value] : query.items())
        pairs.emplace_back(percent_encode(name), percent_encode(value));
    std::ranges::sort(pairs);
    std::string out;
    for (auto const& [name, value] : pairs)
        out += (out.empty() ? "" : "&") + name + "=" + value;
    return out;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at <= path.size();) {
        auto const end = std::min(path.find('/', at), path.size());
        out.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    auto const all = segments_of(path);
    for (auto const segment : all) {
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (auto const segment : kept)
        out += "/" + std::string(segment);
    bool const folder = path.ends_with('/') && !kept.empty();
    return out.empty() || folder ? out + "/" : out;
}

std::string payload_of(sigv4_request const& request) {
    return request.payload.empty() ? sha256_hex("") : request.payload;
}

}  // namespace

std::string canonical_path(std::string_view path, bool normalize) {
    std::string const shortened = normalize ? without_dots(path) : std::string(path);
    std::string out;
    for (bool first = true; auto const segment : segments_of(shortened)) {
        if (!first) out.push_back('/');
        first = false;
        out += percent_encode(segment);
    }
    return out;
}

std::string canonical_request(sigv4_request const& request) {
    auto const headers = sorted_headers(request.headers);
    std::string out = request.method + "\n" + canonical_path(request.path, request.normalize_path) +
                      "\n" + sorted_query(request.query) + "\n";
    for (auto const& [name, value] : headers)
        out += name + ":" + value + "\n";
    return out + "\n" + names_of(headers) + "\n" + payload_of(request);
}

std::string string_to_sign(std::string_view canonical, sigv4_keys const& keys, time_point now) {
    std::string const time = basic_time(now);
    return std::string(algorithm) + "\n" + time + "\n" + scope_of(keys, time) + "\n" +
           sha256_hex(canonical);
}

std::string sigv4_signature(std::string_view to_sign, sigv4_keys const& keys, time_point now) {
    auto key = hmac_sha256("AWS4" + keys.secret_key.reveal(),
                           std::string_view(basic_time(now)).substr(0, day_digits));
    key = hmac_sha256(key, keys.region);
    key = hmac_sha256(key, keys.service);
    key = hmac_sha256(key, scope_end);
    return to_hex(hmac_sha256(key, to_sign));
}

void authorize(sigv4_request& request, sigv4_keys const& keys, time_point now) {
    auto const add_token = [&] {
        if (!keys.session_token.empty())
            request.headers.set("X-Amz-Security-Token", keys.session_token.reveal());
    };
    std::string const time = basic_time(now);
    request.headers.set("X-Amz-Date", time);
    if (!request.payload.empty()) request.headers.set("X-Amz-Content-Sha256", request.payload);
    if (keys.sign_session_token) add_token();
    auto const names = names_of(sorted_headers(request.headers));
    auto const signature =
        sigv4_signature(string_to_sign(canonical_request(request), keys, now), keys, now);
    if (!keys.sign_session_token) add_token();
    request.headers.set("Authorization", std::string(algorithm) + " Credential=" + keys.access_key +
                                             "/" + scope_of(keys, time) + ", SignedHeaders=" +
                                             names + ", Signature=" + signature);
}

void add_presign_parameters(sigv4_request& request, sigv4_keys const& keys, time_point now,
                            std::chrono::seconds lifetime) {
    std::string const time = basic_time(now);
    request.query.add("X-Amz-Algorithm", std::string(algorithm));
    request.query.add("X-Amz-Credential", keys.access_key + "/" + scope_of(keys, time));
    request.query.add("X-Amz-Date", time);
    request.query.add("X-Amz-Expires", std::to_string(lifetime.count()));
    if (!keys.session_token.empty() && keys.sign_session_token)
        request.query.add("X-Amz-Security-Token", keys.session_token.reveal());
    request.query.add("X-Amz-SignedHeaders", names_of(sorted_headers(request.headers)));
}

secret presigned_target(sigv4_request request, sigv4_keys const& keys, time_point now,
                        std::chrono::seconds lifetime) {
    add_presign_parameters(request, keys, now, lifetime);
    auto const signature =
        sigv4_signature(string_to_sign(canonical_request(request), keys, now), keys, now);
    std::string out = canonical_path(request.path, request.normalize_path) + "?" +
                      sorted_query(request.query) + "&X-Amz-Signature=" + signature;
    if (!keys.session_token.empty() && !keys.sign_session_token)
        out += "&X-Amz-Security-Token=" + percent_encode(keys.session_token.reveal());
    return secret(std::move(out));
}

}  // namespace domain
}  // namespace cxb::inline v1
