#pragma once
/// @file
/// `cxb` from the command line to the exit code.

#include <string>
#include <vector>

#include "cli/app/context.hpp"

namespace cxb::cli {

/// `arguments` without the program's name. Never throws for what users do; wrong usage is 2.
[[nodiscard]] int run(std::vector<std::string> arguments, surroundings const& around);

}  // namespace cxb::cli
