#pragma once
/// @file
/// What a conformance run prints: a table for people, one JSON document, or JUnit XML.

#include <string>
#include <vector>

#include "cli/app/exit_code.hpp"
#include "cli/conformance/check.hpp"

namespace cxb::cli::conformance {

struct run_report {
    std::string kit;  ///< `api` or `core`
    std::string target;
    std::vector<check_result> results;

    [[nodiscard]] std::size_t count(verdict judged) const;
    /// done: nothing failed; failed otherwise.
    [[nodiscard]] exit_code code() const;
};

/// Each check: state, id, rule, sentence; what was asked and answered; of a failure all of it.
[[nodiscard]] std::string to_table(run_report const& report);
[[nodiscard]] wire::json_object to_json(run_report const& report);
[[nodiscard]] std::string to_junit(run_report const& report);

}  // namespace cxb::cli::conformance
