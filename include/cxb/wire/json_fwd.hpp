#pragma once
/// @file
/// The names of the DOM types without the DOM: enough to declare functions that take or give one.
/// Who builds or looks into a value includes `wire/json.hpp`.

#include <concepts>

#include "cxb/version.hpp"

namespace boost::json {
class value;
class object;
class array;
class storage_ptr;
}  // namespace boost::json

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

using json_value = boost::json::value;
using json_object = boost::json::object;
using json_array = boost::json::array;

/// An already parsed value or object, borrowed for one call. Unlike `json_value const&` it is not
/// made from texts, so `parse_x("{}")` always means the overload for text.
class json_view {
  public:
    json_view(std::same_as<json_value> auto const& value) : value_(&value) {}      // NOLINT
    json_view(std::same_as<json_object> auto const& object) : object_(&object) {}  // NOLINT
    /// Exactly one of the two is set.
    [[nodiscard]] json_value const* value() const noexcept { return value_; }
    [[nodiscard]] json_object const* object() const noexcept { return object_; }

  private:
    json_value const* value_ = nullptr;
    json_object const* object_ = nullptr;
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
