#pragma once
/// @file
/// The small file `<database>-lock` by which the processes of one database know of each other:
/// who uses it, whose turn it is to write, and whether the last one left it in order.
///
/// The engine's own lock is polled: a process that writes without a pause would take it again long
/// before the others look. So whoever wants to write waits in line for the turn first, and keeps it
/// only until he has the engine's lock: the one who has just written stands behind him.
///
/// Locks belong to the object (not to the process) and end with it, also by `kill -9`. The file is
/// never removed. Objects are for one thread at a time, but for `take_turn` and `pass_turn`, which
/// another one may use.

#include <chrono>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// | note     | meaning                                                                      |
/// |----------|------------------------------------------------------------------------------|
/// | unknown  | none, or a text of nobody's                                                  |
/// | checking | its only user looks whether it is sound                                      |
/// | open     | in use, and was sound when its first user came                               |
/// | closed   | its last user closed it in order                                             |
enum class file_note { unknown, checking, open, closed };

class lock_file {
  public:
    explicit lock_file(std::string path);
    ~lock_file();
    lock_file(lock_file const&) = delete;
    lock_file& operator=(lock_file const&) = delete;

    /// Opens or creates it (mode 0600). Errors: `unavailable`.
    [[nodiscard]] result<void> open();
    /// Also lets go of every lock.
    void close() noexcept;

    /// Becomes the only user; false: there are others.
    [[nodiscard]] bool use_alone();
    /// Becomes one of the users, also after `use_alone`. Waits while another one is alone.
    /// Errors: `unavailable` after `wait`.
    [[nodiscard]] result<void> use_shared(std::chrono::milliseconds wait);
    /// No user any more.
    void leave() noexcept;

    /// Waits for the turn to write. Errors: `unavailable` after `wait`.
    [[nodiscard]] result<void> take_turn(std::chrono::milliseconds wait);
    void pass_turn() noexcept;

    /// Did the last user close the database in order? Also false when nobody ever noted it.
    [[nodiscard]] bool closed_in_order() const { return noted() == file_note::closed; }
    /// What was noted last.
    [[nodiscard]] file_note noted() const;
    /// Notes it, durably. To be called by the only user.
    [[nodiscard]] result<void> note(file_note what);

  private:
    std::string path_;
    int file_ = -1;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
