#pragma once
// How single JSON values are spelled. Shared by the writers; knows no DOM.

#include <cstdint>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

// Quoted; the shortest escapes, everything above U+001F as it is (also RFC 8785).
void append_string(std::string& out, std::string_view text);
// ES6 form (also RFC 8785): shortest digits that read back equal, plain from 1e-6 to 1e21.
void append_number(std::string& out, double value);
void append_integer(std::string& out, std::int64_t value);
// One escaped JSON Pointer step with its slash.
void append_step(std::string& pointer, std::string_view name);
void append_step(std::string& pointer, std::size_t index);

}  // namespace wire::detail
}  // namespace cxb::inline v1
