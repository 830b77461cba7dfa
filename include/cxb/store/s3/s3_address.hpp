#pragma once
/// @file
/// Where a bucket of an S3-compatible store is, and who asks for it (spec 20 §1 `objects.url`,
/// §4 `minio`, 21 §4).
///
/// | field      | meaning                                                                       |
/// |------------|-------------------------------------------------------------------------------|
/// | origin     | `http(s)://host[:port]`; the bucket is the first segment of the path          |
/// | host       | value of `Host`, as it is signed                                              |
/// | bucket     | `[A-Za-z0-9][A-Za-z0-9._-]{2,62}`                                             |
/// | region     | given, else what `infer_region` finds                                         |
/// | access_key, secret_key | who signs                                                         |
///
/// An endpoint is data of operators, as worker URLs are: private addresses are usual. Refused are
/// user info, a path, and link-local addresses (169.254/16, fe80::/10), behind which clouds keep
/// the credentials of their machines. A name is judged again when it is resolved: give `s3_bucket`
/// a guarded transport in mode `operator_fleet`.
/// Thread-safety: values and pure functions.

#include <chrono>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

struct s3_address {
    std::string origin;
    std::string host;
    std::string bucket;
    std::string region;
    std::string access_key;
    secret secret_key;
    friend bool operator==(s3_address const&, s3_address const&) = default;
};

/// The parts as people type them.
struct s3_parts {
    std::string endpoint;  ///< `host[:port]` or a URL without path; "" = Amazon's of the region
    std::string bucket;
    std::string region;  ///< "" = inferred
    std::string access_key;
    secret secret_key;
    bool secure = true;  ///< https where the endpoint names no scheme
};

/// Errors: `invalid` with pointer `/endpoint`, `/bucket` or `/region`.
[[nodiscard]] result<s3_address> make_s3_address(s3_parts parts);

/// `s3://bucket?endpoint=&region=`; an endpoint without scheme means https. Errors: `invalid`.
[[nodiscard]] result<s3_address> parse_s3_url(std::string_view url, std::string access_key,
                                              secret secret_key);

/// `<region>` of `<region>.digitaloceanspaces.com` (also behind a bucket), else `us-east-1`.
[[nodiscard]] std::string infer_region(std::string_view host);

/// `{origin}/{bucket}/{key}`, encoded, without signature. Precondition: `is_object_key(key)`.
[[nodiscard]] std::string object_url(s3_address const& at, std::string_view key);

/// A URL by which anybody may do this one thing with this one object until `now + lifetime`
/// (1 s .. 7 days); no other header than `Host` is signed. Precondition: `is_object_key(key)`.
[[nodiscard]] secret presigned_url(s3_address const& at, std::string_view method,
                                   std::string_view key, time_point now,
                                   std::chrono::seconds lifetime);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
