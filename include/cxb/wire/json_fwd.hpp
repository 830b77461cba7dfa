#pragma once
/// @file
/// The names of the DOM types without the DOM: enough to declare functions that take or give one.
/// Who builds or looks into a value includes `wire/json.hpp`.

#include "cxb/version.hpp"

namespace boost::json {
class value;
class object;
class array;
}  // namespace boost::json

namespace cxb::inline v1 {
namespace wire {

using json_value = boost::json::value;
using json_object = boost::json::object;
using json_array = boost::json::array;

}  // namespace wire
}  // namespace cxb::inline v1
