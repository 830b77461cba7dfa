#pragma once
/// @file
/// What of a cut answer the caller really heard (spec 80 §3.3): sentences played to the end, plus
/// floor(words × played / total) words of the running one.

#include <span>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

[[nodiscard]] std::string played_text(std::span<std::string const> finished,
                                      std::string_view running, milliseconds played,
                                      milliseconds total);

}  // namespace core
}  // namespace cxb::inline v1
