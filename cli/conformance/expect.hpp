#pragma once
// What checks say about answers: success, or `fails` with what was expected and what came.

#include <initializer_list>
#include <string>
#include <string_view>

#include "cli/conformance/check.hpp"

namespace cxb::cli::conformance {

/// Success when the status is one of these, else `fails` with both.
[[nodiscard]] outcome expect_status(answer const& got, std::initializer_list<int> wanted);
[[nodiscard]] outcome expect(bool holds, std::string why);
/// A member's text.
[[nodiscard]] outcome expect_text(wire::json_object const& object, std::string_view path,
                                  std::string_view wanted);
/// `skips` when the path of this answer is not served at all.
[[nodiscard]] outcome expect_served(answer const& got, std::string_view target);
/// The problem's `errors` name this JSON Pointer.
[[nodiscard]] outcome expect_pointer(answer const& got, std::string_view pointer);

}  // namespace cxb::cli::conformance
