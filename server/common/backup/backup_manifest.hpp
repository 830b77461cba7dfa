#pragma once
/// @file
/// What lies in the folder of a backup (spec 20 §1 "Backup and restore").
///
/// | file          | holds                                                                      |
/// |---------------|----------------------------------------------------------------------------|
/// | SHA256SUMS    | a line for every other file, as `sha256sum -c` reads it; written last      |
/// | manifest.json | where the backup comes from, see below                                     |
/// | store.db      | the embedded store at one moment                                           |
/// | objects/KEY   | recordings, those of a folder as object store                              |
///
/// A folder without SHA256SUMS is no backup: the making of it was broken off.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cxb/wire/json.hpp"

namespace cxb::server::backup {

inline constexpr int manifest_format = 1;
inline constexpr char const* sums_name = "SHA256SUMS";
inline constexpr char const* manifest_name = "manifest.json";
inline constexpr char const* store_name = "store.db";
inline constexpr char const* objects_name = "objects";

/// | field           | meaning                                                                 |
/// |-----------------|-------------------------------------------------------------------------|
/// | format          | of this folder; a newer one is refused                                  |
/// | version         | of the program that made it                                             |
/// | started_at      | everything acknowledged before is in it; wire timestamp                 |
/// | finished_at     | wire timestamp                                                          |
/// | store_bytes     | size of store.db                                                        |
/// | migrations      | changes of documents that were made in the store                        |
/// | sealed_with     | ids of the keys (`secrets.key`) that seal secrets in the store          |
/// | objects_kept_in | "folder": they are here; "bucket": they are not, save them there        |
/// | objects         | how many                                                                |
/// | objects_bytes   | their size                                                              |
/// | settings        | settings that matter for a restore; never a secret                      |
struct backup_manifest {
    int format = manifest_format;
    std::string version;
    std::string started_at;
    std::string finished_at;
    std::uint64_t store_bytes = 0;
    std::vector<std::string> migrations;
    std::vector<std::string> sealed_with;
    std::string objects_kept_in;
    std::uint64_t objects = 0;
    std::uint64_t objects_bytes = 0;
    wire::json_object settings;
};

[[nodiscard]] wire::json_object to_json(backup_manifest const& manifest);
/// Errors: `corrupt_data`.
[[nodiscard]] result<backup_manifest> parse_manifest(std::string const& text);

/// A line of SHA256SUMS: `sha256` in hex, path below the backup's folder.
struct sum_line {
    std::string sha256;
    std::string path;
};
[[nodiscard]] std::string to_text(sum_line const& line);
/// The key of an object; "" for the other files.
[[nodiscard]] std::string object_key(sum_line const& line);
/// Calls `take` for each line of the file, in order. Errors: `not_found` without the file,
/// `corrupt_data` for a line that no backup has, those of `take`.
[[nodiscard]] result<void> each_sum(std::filesystem::path const& folder,
                                    std::function<result<void>(sum_line const&)> const& take);

}  // namespace cxb::server::backup
