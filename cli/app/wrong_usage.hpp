#pragma once
/// @file
/// What a command line that cannot be read is told: the word at fault, what was perhaps meant,
/// and where to read on.

#include <CLI/CLI.hpp>

#include "cxb/base/result.hpp"

namespace cxb::cli {

/// Of what `app.parse` threw. The error is a usage error; its `advice` names the help to read.
[[nodiscard]] error wrong_usage(CLI::App const& app, CLI::ParseError const& fault);

/// The command that was named so far, such as `cxb calls`: who asks for no verb wants its help.
[[nodiscard]] CLI::App const& named_so_far(CLI::App const& app);

/// True when a noun or verb should follow and nothing did.
[[nodiscard]] bool is_unfinished(CLI::App const& app);

}  // namespace cxb::cli
