#pragma once
/// @file
/// The SQLite shell on a store that a process may be writing at the same moment.

#include <string>

#include "support/child_process.hpp"

namespace cxb::test {

/// Runs one or more statements; waits up to ten seconds where another writer is at it.
[[nodiscard]] inline run_outcome run_sqlite(std::string const& file, std::string const& statement) {
    return run_program({"sqlite3", "-cmd", ".timeout 10000", file, statement});
}

}  // namespace cxb::test
