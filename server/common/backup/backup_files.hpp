#pragma once
/// @file
/// Files as a backup handles them: new ones of mode 0600 in folders of mode 0700, hashed while they
/// are copied. Errors hold the path and the system's words in the private note; `unavailable`
/// unless said otherwise.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::server::backup {

namespace fs = std::filesystem;

/// What `errno` says about a path.
[[nodiscard]] error file_failure(fs::path const& path);

struct file_owner {
    uid_t user;
    gid_t group;
};

struct file_facts {
    std::uint64_t bytes = 0;
    std::string sha256;  ///< hex
};

/// Told of each piece that was read.
using piece_seen = std::function<void(std::size_t)>;

/// Errors: also `not_found`. A symbolic link is not followed.
[[nodiscard]] result<file_facts> hash_file(fs::path const& path, piece_seen const& seen);
/// Replaces nothing. Not durable before `sync_all`.
[[nodiscard]] result<file_facts> copy_file(fs::path const& from, fs::path const& to,
                                           piece_seen const& seen);
[[nodiscard]] result<void> write_file(fs::path const& path, std::string const& text);
/// Up to `at_most` bytes. Errors: `not_found`, `too_large`.
[[nodiscard]] result<std::string> read_text(fs::path const& path, std::size_t at_most);
/// With all folders on the way.
[[nodiscard]] result<void> make_folder(fs::path const& path);
/// Everything that was written on the disk of `path` is durable afterwards.
[[nodiscard]] result<void> sync_all(fs::path const& path);
[[nodiscard]] result<void> rename_durably(fs::path const& from, fs::path const& to);
/// Gives a file, or a folder with all it holds, to somebody.
[[nodiscard]] result<void> give_to(fs::path const& path, file_owner owner);

}  // namespace cxb::server::backup
