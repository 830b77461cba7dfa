#pragma once
/// @file
/// A copy of a database while others write to it, from this or another process.
///
/// The copy is the state at one moment, that of the beginning. It is read through (`quick_check`)
/// and on disk before it gets its name, so a file of that name is always a whole backup. It stands
/// alone (no `-wal` beside it), has mode 0600, and is put back by moving it to the store's path
/// while no process uses that. Writers and readers are not held up; but the log of the source
/// cannot begin anew while the copy is made, so it grows by what is written meanwhile.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace store {

/// | field       | meaning                                                                     |
/// |-------------|-----------------------------------------------------------------------------|
/// | from        | path of the database                                                        |
/// | to          | path of the copy; must not exist, its folder must                           |
/// | step_pages  | pages copied between two calls of `on_progress`                             |
/// | on_progress | told pages copied and pages in all; false ends the backup (`cancelled`)     |
struct backup_settings {
    std::string from;
    std::string to;
    int step_pages = 1024;
    std::function<bool(std::int64_t, std::int64_t)> on_progress;
};

struct backup_report {
    std::int64_t pages = 0;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds took{0};
};

/// Blocks. Whatever fails, nothing is left behind.
/// | errc         | meaning                                                                    |
/// |--------------|----------------------------------------------------------------------------|
/// | not_found    | no database at `from`                                                      |
/// | conflict     | `to` exists                                                                |
/// | unavailable  | cannot be read or written: the note says why                               |
/// | corrupt_data | the database is damaged, and so would be the copy                          |
/// | cancelled    | `on_progress` said so                                                      |
[[nodiscard]] result<backup_report> backup_sqlite(backup_settings const& settings);

}  // namespace store
}  // namespace cxb::inline v1
