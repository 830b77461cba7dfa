#include "src/store/sqlite/page_keeper.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {
constexpr std::int64_t incremental = 2;
constexpr std::chrono::seconds pause_after_failure{1};
}  // namespace

bool page_keeper::wanted() const noexcept {
    return possible_ && free_ > limits_.kept_pages;
}

void page_keeper::count(connection& db, moment now) {
    next_look_ = now + limits_.look_pause;
    unseen_ = false;
    auto const found = db.pragma_value("freelist_count");
    if (found) free_ = *found;
    if (!found || free_ <= limits_.kept_pages) return;
    auto const mode = db.pragma_value("auto_vacuum");
    possible_ = mode && *mode == incremental;
}

void page_keeper::wrote(connection& db, moment now) {
    last_write_ = now;
    unseen_ = true;
    if (now >= next_look_) count(db, now);
}

std::optional<page_keeper::moment> page_keeper::due_in_quiet() const {
    if (wanted()) return std::max(last_write_ + limits_.quiet, last_step_);
    if (unseen_) return next_look_;
    return std::nullopt;
}

bool page_keeper::due_under_load(moment now) const {
    return wanted() && now >= last_step_ + limits_.loaded_pause;
}

bool page_keeper::wants_step(connection& db, moment now) {
    if (unseen_ && now >= next_look_) count(db, now);
    return wanted();
}

result<void> page_keeper::step(connection& db) const {
    auto const pages = std::min(limits_.step_pages, free_ - limits_.kept_pages);
    return db.execute("PRAGMA incremental_vacuum(" + std::to_string(pages) + ')');
}

void page_keeper::stepped(connection& db, bool done, moment now) {
    last_step_ = done ? now : now + pause_after_failure;
    if (done) count(db, now);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
