#pragma once
/// @file
/// Gives free pages back to the file system, a few at a time: in pauses one step after the other,
/// under load one now and then. For the writing thread.

#include <chrono>
#include <optional>

#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// | field        | meaning                                                                    |
/// |--------------|----------------------------------------------------------------------------|
/// | kept_pages   | free pages that stay, for the next writes                                  |
/// | step_pages   | returned in one transaction                                                |
/// | quiet        | a pause in the writes, after which steps follow one another                |
/// | loaded_pause | between two steps while writes go on                                       |
/// | look_pause   | between two looks at how many pages are free                               |
struct page_limits {
    std::int64_t kept_pages = 1024;
    std::int64_t step_pages = 64;
    std::chrono::milliseconds quiet{20};
    std::chrono::milliseconds loaded_pause{100};
    std::chrono::milliseconds look_pause{100};
};

class page_keeper {
  public:
    using moment = std::chrono::steady_clock::time_point;

    explicit page_keeper(page_limits limits) : limits_(limits) {}

    /// After a commit: looks, not too often, how many pages are free.
    void wrote(connection& db, moment now);
    /// When `work` is due if no write comes; nothing: there is nothing to do.
    [[nodiscard]] std::optional<moment> due_in_quiet() const;
    /// Is `work` due although writes are queued?
    [[nodiscard]] bool due_under_load(moment now) const;
    /// Looks again if need be. True: a step is wanted, in a transaction of its own.
    [[nodiscard]] bool wants_step(connection& db, moment now);
    /// One step inside a transaction.
    [[nodiscard]] result<void> step(connection& db) const;
    /// After that transaction, however it ended.
    void stepped(connection& db, bool done, moment now);
    [[nodiscard]] std::int64_t free_pages() const noexcept { return free_; }

  private:
    [[nodiscard]] bool wanted() const noexcept;
    void count(connection& db, moment now);

    page_limits const limits_;
    std::int64_t free_ = 0;
    bool possible_ = true;  // the file was made so that it can
    bool unseen_ = false;   // something was written since the last look
    moment next_look_;
    moment last_write_;
    moment last_step_;  // later than now after a failure
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
