#pragma once
/// @file
/// A backup of an installation with the embedded store, while it runs (spec 20 §1).
///
/// The store is copied first and shows one moment; the recordings are copied afterwards, so
/// everything that the store's copy refers to is there, unless it was removed meanwhile. Nobody is
/// held up. The folder is made under the name `<to>.part` and gets its own when all of it is on
/// disk; whatever fails, nothing stays. Who is killed leaves `<to>.part`, which no restore takes
/// and the next backup of the same name removes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "server/common/backup/backup_manifest.hpp"

namespace cxb::server::backup {

/// The database that a `store.url` names; nothing for a server.
[[nodiscard]] std::optional<std::filesystem::path> store_file(std::string_view url);
/// The folder that an `objects.url` names; "" for a bucket.
[[nodiscard]] std::filesystem::path objects_folder(std::string_view url);

/// What is done, how much of it, of how much in all (0: not known), in bytes or pages.
using progress = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t all)>;

/// | field    | meaning                                                                        |
/// |----------|--------------------------------------------------------------------------------|
/// | store    | path of the database                                                           |
/// | objects  | folder of the object store; "" when that is a bucket                           |
/// | to       | folder to make; must not exist                                                 |
/// | settings | for the manifest                                                               |
/// | time     | whose time stands in the manifest                                              |
/// | on_step  | may be empty                                                                   |
struct backup_order {
    std::filesystem::path store;
    std::filesystem::path objects;
    std::filesystem::path to;
    wire::json_object settings;
    clock const* time = nullptr;
    progress on_step;
};

/// Blocks. Gives what stands in the manifest.
/// | errc         | meaning                                                                    |
/// |--------------|----------------------------------------------------------------------------|
/// | not_found    | there is no database                                                       |
/// | conflict     | `to` exists, or another backup makes it now                                |
/// | unavailable  | cannot be read or written                                                  |
/// | corrupt_data | the database is damaged                                                    |
[[nodiscard]] result<backup_manifest> make_backup(backup_order const& order);

}  // namespace cxb::server::backup
