#pragma once
/// @file
/// The DOM used where a document has no fixed shape (store documents, variables, raw members).
/// Field tables never need it; they read straight from text (`wire/reader.hpp`).

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

using json_value = boost::json::value;
using json_object = boost::json::object;
using json_array = boost::json::array;

/// Parses one document: UTF-8, depth ≤ `limits::json_depth`, no trailing text, last duplicate
/// member wins (spec 10 §1.2). Errors: `malformed`, `too_large` when over `max_bytes` (0 = any).
/// `memory` holds all parts of the value.
[[nodiscard]] result<json_value> parse_json(std::string_view text, std::size_t max_bytes = 0,
                                            boost::json::storage_ptr memory = {});

/// Compact text; non-ASCII unescaped; whole numbers without a point, others shortest round-trip
/// (`5`, `0.1`), never an exponent where plain digits are as short.
[[nodiscard]] std::string to_text(json_value const& value);
[[nodiscard]] std::string to_text(json_object const& object);

/// RFC 8785 canonical form: sorted members, shortest numbers. For hashes and signatures.
[[nodiscard]] std::string to_canonical(json_value const& value);

/// Follows a dotted path (`agent_desk.queue`); null pointer when a step is missing.
[[nodiscard]] json_value const* find_path(json_object const& object,
                                          std::string_view path) noexcept;

/// Text of a string member, "" when absent or not a string.
[[nodiscard]] std::string_view text_at(json_object const& object, std::string_view path) noexcept;
/// Number as int64 (a whole double counts), `fallback` otherwise.
[[nodiscard]] std::int64_t int_at(json_object const& object, std::string_view path,
                                  std::int64_t fallback = 0) noexcept;
/// Number as double, `fallback` otherwise.
[[nodiscard]] double number_at(json_object const& object, std::string_view path,
                               double fallback = 0) noexcept;
/// Boolean, `fallback` otherwise.
[[nodiscard]] bool bool_at(json_object const& object, std::string_view path,
                           bool fallback = false) noexcept;

/// One escaped JSON Pointer step appended: `append_pointer("/a", "b/c")` → `/a/b~1c`.
[[nodiscard]] std::string append_pointer(std::string_view base, std::string_view step);

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
