#pragma once
// What commands that work on this machine's files read of the settings of cxb-api: where its data
// lies. Rows that do not matter here are not judged, so that secrets need not be readable.

#include <filesystem>
#include <optional>

#include "cli/app/context.hpp"
#include "server/common/backup/make_backup.hpp"

namespace cxb::cli {

inline constexpr parameter data_dir_option{"--data-dir",
                                           "Folder of cxb-api's data (else data_dir)"};
inline constexpr parameter config_option{"--config",
                                         "Settings file of cxb-api (else as it finds it)"};

struct local_installation {
    std::filesystem::path data_dir;
    std::optional<std::filesystem::path> store;  // empty: a server's
    std::filesystem::path objects;               // "": in a bucket
    std::string key_id;                          // of secrets.key; "" without one
    wire::json_object settings;                  // those that matter for a restore
};

// By `--data-dir`, `--config` and the environment. Errors: usage, naming the settings.
[[nodiscard]] result<local_installation> find_installation(command_context const& context);

// Tells people on standard error how far it is: each new part of the work, then every 2 s.
[[nodiscard]] server::backup::progress told_progress(command_context const& context);

// With the reason that only an operator may see: he asked on the machine itself.
[[nodiscard]] error with_reason_shown(error const& failure);

// `1.5 GiB`
[[nodiscard]] std::string readable_size(std::uint64_t bytes);

}  // namespace cxb::cli
