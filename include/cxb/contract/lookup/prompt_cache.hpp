#pragma once
/// @file
/// A worker found the provider's prompt cache gone and asks for a new one:
/// `POST {prompt_parts.recreate_url}` (spec 10 §3.8). 404, 409, 502: go on without a cache.
/// Unknown members are ignored. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::lookup {

struct cache_recreate_request {
    std::string static_version;                      ///< of the config the worker runs
    std::optional<std::string> cached_content_name;  ///< the one that is gone
    friend bool operator==(cache_recreate_request const&, cache_recreate_request const&) = default;
};
CXB_WIRE_DECLARE(cache_recreate_request);

struct cache_recreated {
    std::string cached_content_name;
    std::string static_version;
    std::optional<time_point> expires_at;
    friend bool operator==(cache_recreated const&, cache_recreated const&) = default;
};
CXB_WIRE_DECLARE(cache_recreated);

}  // namespace contract::lookup
}  // namespace cxb::inline v1
CXB_EXPORT_END
