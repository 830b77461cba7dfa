#pragma once
/// @file
/// Puts a backup in the place of an installation that has nothing (spec 20 §1).
///
/// In this order: every file is hashed; the version is judged; the target must be unused and empty;
/// everything is copied beside its place, hashed again and synced; the recordings get their name,
/// then the store. While that goes on no `cxb-api` can open the store. What is refused before the
/// last step changes nothing. Who is killed leaves no store but a file beside its place, by which
/// `check_restored` refuses a start; the repeated restore takes all of it away and begins anew.

#include <filesystem>

#include "server/common/backup/make_backup.hpp"

namespace cxb::server::backup {

/// | field    | meaning                                                                        |
/// |----------|--------------------------------------------------------------------------------|
/// | from     | folder of the backup                                                           |
/// | data_dir | whose owner, else that of the folder above, gets the files when root restores    |
/// | store    | path of the database                                                           |
/// | objects  | folder of the object store; "" when that is a bucket                           |
/// | on_step  | may be empty                                                                   |
struct restore_order {
    std::filesystem::path from;
    std::filesystem::path data_dir;
    std::filesystem::path store;
    std::filesystem::path objects;
    progress on_step;
};

/// The backup's manifest when every file is as it was made. Errors: `not_found` (no backup),
/// `corrupt_data` naming the file, `unavailable`.
[[nodiscard]] result<backup_manifest> verify_backup(std::filesystem::path const& folder,
                                                    progress const& on_step);

/// May this version take it? Errors: `precondition_failed` (`newer_backup`), saying by what.
[[nodiscard]] result<void> check_version(backup_manifest const& made);

/// Blocks. Gives the manifest of what was restored.
/// | errc                | meaning                                                             |
/// |---------------------|---------------------------------------------------------------------|
/// | not_found           | no backup at `from`                                                 |
/// | corrupt_data        | the backup is damaged: `detail` names the file                      |
/// | precondition_failed | made by a newer version                                             |
/// | conflict            | a process uses the store, or the target is not empty                |
/// | unavailable         | cannot be read or written                                           |
[[nodiscard]] result<backup_manifest> restore_backup(restore_order const& order);

/// No restore to that path was killed. For who is about to make a store there. Errors:
/// `corrupt_data` saying what to do.
[[nodiscard]] result<void> check_restored(std::filesystem::path const& store);

}  // namespace cxb::server::backup
