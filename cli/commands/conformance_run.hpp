#pragma once
// What `cxb conformance api` and `cxb conformance core` share: options, progress, the report.

#include "cli/app/context.hpp"
#include "cli/conformance/kit_host.hpp"
#include "cli/conformance/report.hpp"

namespace cxb::cli {

enum class report_form { text, json, junit };

struct conformance_options {
    std::string url;
    secret core_secret;
    conformance::selection wanted;
    conformance::listen_address listen;
    report_form form = report_form::text;
};

/// Errors: usage.
[[nodiscard]] result<conformance_options> read_conformance_options(command_context const& context);

/// Runs the selected rows, with progress on standard error, and prints the report.
[[nodiscard]] result<exit_code> run_conformance(command_context& context, std::string const& kit,
                                                conformance_options const& options,
                                                std::vector<conformance::bound_check> const& rows,
                                                conformance::kit_port const& port);

/// Prints why nothing could be judged, and gives exit code 2.
[[nodiscard]] exit_code conformance_cannot_run(command_context const& context,
                                               error const& failure);

}  // namespace cxb::cli
