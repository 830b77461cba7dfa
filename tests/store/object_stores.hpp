#pragma once
/// @file
/// The engines of `object_store`, for the suite that all of them pass.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cxb/net/http_client.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/store/s3/s3_object_store.hpp"

namespace cxb::test {

/// A store of the test's own, and what it stands on.
class object_store_run {
  public:
    virtual ~object_store_run() = default;
    virtual store::object_store& objects() = 0;
};

struct object_engine {
    std::string name;
    std::function<std::string()> missing;  ///< why it cannot run here; "" = it can
    std::function<std::unique_ptr<object_store_run>()> open;
};

[[nodiscard]] std::vector<object_engine> const& object_engines();

/// A fresh bucket of the S3 server of this program.
[[nodiscard]] store::s3_address fresh_bucket();

}  // namespace cxb::test
