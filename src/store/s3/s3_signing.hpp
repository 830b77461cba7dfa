#pragma once
/// @file
/// From an address to what signatures are made of. Private to store/s3.

#include <string>
#include <string_view>

#include "cxb/domain/sigv4.hpp"
#include "cxb/store/s3/s3_address.hpp"

namespace cxb::inline v1 {
namespace store {

inline domain::sigv4_keys keys_of(s3_address const& at) {
    domain::sigv4_keys out;
    out.access_key = at.access_key;
    out.secret_key = at.secret_key;
    out.region = at.region;
    return out;
}

/// Not encoded; "" as key is the bucket itself.
inline std::string object_path(s3_address const& at, std::string_view key) {
    return "/" + at.bucket + "/" + std::string(key);
}

}  // namespace store
}  // namespace cxb::inline v1
