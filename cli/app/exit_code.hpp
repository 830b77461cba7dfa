#pragma once
/// @file
/// Exit codes of `cxb` (spec 20 §3.8).
///
/// | code | meaning                        | errors                                              |
/// |------|--------------------------------|-----------------------------------------------------|
/// | 0    | done                           | none                                                |
/// | 1    | refused or failed              | all others                                          |
/// | 2    | wrong usage, or cannot run     | bad arguments, unreadable files, reason `usage`     |
/// | 3    | not signed in or not allowed   | unauthenticated, forbidden                          |
/// | 4    | not found                      | not_found                                           |
/// | 5    | unreachable or timed out       | unavailable and deadline_exceeded                   |

#include "cxb/base/result.hpp"

namespace cxb::cli {

enum class exit_code : int {
    done = 0,
    failed = 1,
    usage = 2,
    not_allowed = 3,
    not_found = 4,
    unreachable = 5
};

[[nodiscard]] exit_code exit_code_of(error const& failure) noexcept;

/// `invalid` with reason `usage`: exit 2.
[[nodiscard]] error usage_error(std::string detail);

}  // namespace cxb::cli
