#pragma once
/// @file
/// What a command line that cannot be read is told: the word at fault, what was perhaps meant,
/// and where to read on.

#include <CLI/CLI.hpp>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::cli {

/// Of what `app.parse` threw. The error is a usage error; its `advice` names the help to read.
[[nodiscard]] error wrong_usage(CLI::App const& app, CLI::ParseError const& fault);

/// The help of the command that was named so far when a noun or verb should follow and nothing
/// did, else "".
[[nodiscard]] std::string help_on_unfinished(CLI::App const& app);

}  // namespace cxb::cli
