#pragma once
/// @file
/// The little XML that S3 speaks beside objects. Private to store/s3.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace store {

/// Text of the first element of that name, which holds no elements itself; "" when there is none.
[[nodiscard]] std::string element_text(std::string_view xml, std::string_view name);

/// Body of CompleteMultipartUpload; the ETags in order of their parts.
[[nodiscard]] std::string completion_of(std::vector<std::string> const& etags);

/// What an answer that is no success means, see s3_bucket.hpp.
[[nodiscard]] error refusal_of(int status, std::string_view body);

}  // namespace store
}  // namespace cxb::inline v1
