#pragma once
/// @file
/// AWS Signature Version 4 as S3-compatible stores ask for it: the canonical request, the text to
/// sign, the `Authorization` header, and presigned URLs (spec 21 §4). Pure; time is passed in.
///
/// A request is signed as it will be sent: with its `Host`, its path *unencoded* (it is encoded
/// here, once, as S3 wants it) and its query as decoded pairs. The path on the wire must then be
/// `canonical_path`, the query any order of the same pairs.
///
/// | field of `sigv4_request` | default   | meaning                                               |
/// |--------------------------|-----------|-------------------------------------------------------|
/// | method                   | GET       | upper case                                            |
/// | path                     | /         | not encoded, begins with `/`                          |
/// | query                    | none      | decoded pairs, e.g. `partNumber` = `1`                |
/// | headers                  | none      | all are signed; must hold `Host`                      |
/// | payload                  | ""        | hex SHA-256 of the body, or `unsigned_payload`; "" =  |
/// |                          |           | no body; `authorize` adds no `X-Amz-Content-Sha256`   |
/// | normalize_path           | false     | removes `.`, `..` and empty segments; never with S3   |
///
/// | field of `sigv4_keys`    | default   | meaning                                               |
/// |--------------------------|-----------|-------------------------------------------------------|
/// | access_key, secret_key   |           | who signs                                             |
/// | session_token            | ""        | of temporary keys; travels along                      |
/// | sign_session_token       | true      | false: the token is added after signing               |
/// | region, service          | , s3      | scope of the signature                                |
///
/// A signature is good for about 15 minutes around its time; a presigned URL until `now` +
/// `lifetime` (1 s .. 7 days, else the store refuses it). Presigned URLs are credentials: `secret`.
/// Thread-safety: pure functions and value types.

#include <chrono>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
/// Longest life of a presigned URL.
inline constexpr std::chrono::seconds max_presigned_life{7 * 24 * 3600};

struct sigv4_keys {
    std::string access_key;
    secret secret_key;
    secret session_token;
    bool sign_session_token = true;
    std::string region;
    std::string service = "s3";
};

struct sigv4_request {
    std::string method = "GET";
    std::string path = "/";
    wire::query_list query;
    wire::header_list headers;
    std::string payload;
    bool normalize_path = false;
};

/// Percent-encoded segment by segment; `/` stays.
[[nodiscard]] std::string canonical_path(std::string_view path, bool normalize = false);

/// Method, path, sorted query, sorted headers, their names, payload: six parts, a line each.
[[nodiscard]] std::string canonical_request(sigv4_request const& request);

/// Algorithm, time, scope and the digest of the canonical request.
[[nodiscard]] std::string string_to_sign(std::string_view canonical, sigv4_keys const& keys,
                                         time_point now);

/// 64 lower-case hex digits.
[[nodiscard]] std::string sigv4_signature(std::string_view to_sign, sigv4_keys const& keys,
                                          time_point now);

/// Adds `X-Amz-Date`, `X-Amz-Content-Sha256`, `X-Amz-Security-Token` (where there are such) and
/// `Authorization`. Precondition: none of them is there yet.
void authorize(sigv4_request& request, sigv4_keys const& keys, time_point now);

/// Adds the `X-Amz-…` parameters but the signature: what a presigned URL is signed with.
void add_presign_parameters(sigv4_request& request, sigv4_keys const& keys, time_point now,
                            std::chrono::seconds lifetime);

/// Path and query of a presigned URL, encoded; whoever uses it sends exactly `request.headers`
/// (usually `Host` alone) and any others unsigned.
[[nodiscard]] secret presigned_target(sigv4_request request, sigv4_keys const& keys, time_point now,
                                      std::chrono::seconds lifetime);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
