#pragma once
/// @file
/// Which tokens the texts of a bot hold, and where (spec 20 §5.2 `variables`, §6).
///
/// Looked through is every text that is rendered: for the runtime config, for the CRM before and
/// after the call, and for the conversation policy. The static prompt of direct mode is none.
/// Thread-safety: pure functions.

#include <span>
#include <string_view>

#include "cxb/wire/json.hpp"

namespace cxb::api {

/// Where rendered texts stand, as JSON Pointers; `*` is any one step, a last `**` any text below.
[[nodiscard]] std::span<std::string_view const> rendered_texts() noexcept;

/// `[{token, namespace, used_in: [JSON Pointer]}]` by name of the token.
[[nodiscard]] wire::json_array variables_of(wire::json_object const& bot);

}  // namespace cxb::api
