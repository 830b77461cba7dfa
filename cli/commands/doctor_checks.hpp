#pragma once
// What `cxb doctor` looks at, in order; a check whose ground is missing is skipped, not failed.

#include <string>
#include <vector>

#include "cli/app/context.hpp"

namespace cxb::cli {

enum class verdict { good, warning, bad, skipped };

struct finding {
    std::string name;
    verdict judged = verdict::good;
    std::string detail;
    std::string advice;  // what to do; "" when nothing
};

[[nodiscard]] std::vector<finding> examine(command_context& context);

// Seconds between an HTTP `Date` and `now`; empty when the text is no such date.
[[nodiscard]] std::optional<std::chrono::seconds> clock_skew(std::string const& http_date,
                                                             time_point now);

}  // namespace cxb::cli
