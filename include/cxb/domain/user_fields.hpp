#pragma once
/// @file
/// Normal forms of what people type about users: email and agent languages (spec 20 §2.3).
/// Thread-safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::size_t max_email_bytes = 254;

/// Trimmed and lower case; 3–254 bytes, exactly one `@` with something on both sides, no blanks or
/// control characters. Errors: `invalid` at `pointer`.
[[nodiscard]] result<std::string> normalise_email(std::string_view text,
                                                  std::string_view pointer = "/email");

struct agent_languages {
    std::vector<std::string> languages;  ///< at least one, lower case, each once
    std::string primary;                 ///< one of `languages`
    friend bool operator==(agent_languages const&, agent_languages const&) = default;
};

/// Codes trimmed and lower-cased, `english` → `en`, `hindi` → `hi`, duplicates and blank ones
/// dropped, none → `en`; a primary that is not in the list becomes the first.
[[nodiscard]] agent_languages normalise_agent_languages(std::vector<std::string> const& languages,
                                                        std::string_view primary);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
