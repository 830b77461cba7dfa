#pragma once
// Which folders the outbox commands work on.

#include <filesystem>
#include <vector>

#include "cli/app/context.hpp"
#include "cxb/worker/outbox_directory.hpp"

namespace cxb::cli {

inline constexpr parameter outbox_option{
    "--dir", "Outbox folder (else CXB_OUTBOX_DIR, else /var/lib/cxb/outbox)"};
inline constexpr parameter all_dead{"--all", "All dead entries", parameter_kind::flag};

struct found_entry {
    std::filesystem::path folder;  ///< of the worker
    worker::dead_entry entry;
};

/// Dead entries of all workers below the outbox folder. Errors: usage when it cannot be read.
[[nodiscard]] result<std::vector<found_entry>> dead_entries(command_context const& context);

/// Those named on the command line, or all with `--all`. Errors: usage, not_found.
[[nodiscard]] result<std::vector<found_entry>> chosen_entries(command_context const& context);

}  // namespace cxb::cli
