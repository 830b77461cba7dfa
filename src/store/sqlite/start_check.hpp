#pragma once
/// @file
/// Whether a database may be trusted when a store opens it.
///
/// The first user of a file whose last one did not close it in order (a crash, a power cut, a copy
/// from elsewhere) reads it through and looks at its structure (`PRAGMA quick_check`); others
/// wait for the outcome. The lock file keeps the note.

#include <functional>
#include <string>

#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/lock_file.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// | field   | meaning                                                                         |
/// |---------|---------------------------------------------------------------------------------|
/// | longest | the check ends then, and the store opens nevertheless (its note says so)         |
/// | on_note | told what happens, for a log: start, progress every few seconds, end             |
struct check_settings {
    std::chrono::milliseconds longest{std::chrono::minutes{10}};
    std::function<void(std::string const&)> on_note;
};

enum class check_outcome { not_needed, sound, unfinished };

/// Reads a whole file. Errors: `corrupt_data`, which says what to do; `unavailable`.
[[nodiscard]] result<check_outcome> check_file(std::string const& path,
                                               check_settings const& settings);

/// Makes `users` a user of the file at `path`, after a check if one is needed, and notes that it
/// is open. Errors: as `check_file`.
[[nodiscard]] result<check_outcome> enter_file(lock_file& users, std::string const& path,
                                               check_settings const& settings);

/// Leaves it; the last user notes that all is in order.
void leave_file(lock_file& users, bool in_order) noexcept;

}  // namespace store::sqlite
}  // namespace cxb::inline v1
