#include "src/store/sqlite/start_check.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds between_notes{5};
// Another process may be at its check; a little more, so that it is the one to report.
constexpr std::chrono::seconds beyond_the_check{10};
constexpr std::chrono::milliseconds entry_pause{5};

std::uint64_t size_of_file(std::string const& path) {
    std::error_code none;
    auto const size = std::filesystem::file_size(path, none);
    return none ? 0 : size;
}

/// Watches the check through its reads: the engine offers no other view while it runs.
class check_watch {
  public:
    check_watch(check_settings const& settings, std::uint64_t bytes)
        : settings_(settings), bytes_(bytes), start_(steady_clock::now()), next_(start_) {
        next_ += between_notes;
    }

    disk_answer read(disk_event const& event) {
        if (event.action != disk_action::read || event.file != disk_file::data)
            return disk_answer::go_on;
        done_ += static_cast<std::uint64_t>(event.bytes);
        auto const now = steady_clock::now();
        if (now >= next_) {
            next_ = now + between_notes;
            note("checking the store: " + std::to_string(done_ * 100 / std::max(bytes_, done_)) +
                 " %");
        }
        if (now - start_ >= settings_.longest && running_ != nullptr) {
            late_ = true;
            running_->interrupt();
        }
        return disk_answer::go_on;
    }

    void note(std::string const& text) const {
        if (settings_.on_note) settings_.on_note(text);
    }
    void watch(connection* running) { running_ = running; }
    [[nodiscard]] bool late() const { return late_; }
    [[nodiscard]] std::string seconds() const {
        auto const took = steady_clock::now() - start_;
        return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(took).count()) +
               " s";
    }

  private:
    check_settings const& settings_;
    std::uint64_t const bytes_;
    steady_clock::time_point const start_;
    steady_clock::time_point next_;
    std::uint64_t done_ = 0;
    connection* running_ = nullptr;
    bool late_ = false;
};

error damaged(std::string finding) {
    return error{errc::corrupt_data,
                 "The store's file is damaged. Nothing was changed. Keep a copy of it, then put a "
                 "backup in its place (cxb-api backup makes them) and start again"}
        .with_note({std::move(finding)});
}

result<void> look_through(connection& db) {
    CXB_TRY(auto row, db.prepare("PRAGMA quick_check(1)"));
    CXB_TRY(bool const any, row.step());
    auto const finding = any ? std::string(row.text(0)) : std::string("no answer");
    if (finding != "ok") return damaged(finding);
    return {};
}

}  // namespace

result<check_outcome> check_file(std::string const& path, check_settings const& settings) {
    check_watch watch(settings, size_of_file(path));
    disk reads({.before = [&watch](disk_event const& event) { return watch.read(event); }});
    connection db({.path = path, .read_only = true, .create = false, .on = &reads});
    auto checked = db.open();
    if (checked) {
        watch.watch(&db);
        checked = look_through(db);
        watch.watch(nullptr);
    }
    db.close();
    if (checked) {
        watch.note("the store is sound, checked in " + watch.seconds());
        return check_outcome::sound;
    }
    if (watch.late()) {
        watch.note("the check of the store was given up after " + watch.seconds());
        return check_outcome::unfinished;
    }
    auto cause = checked.error();
    if (cause.code() == errc::corrupt_data && cause.detail().find("backup") == std::string::npos)
        return damaged(cause.note());
    return cause;
}

namespace {

/// As the only user: checks the file if nobody answers for it, and lets the others in.
result<check_outcome> enter_first(lock_file& users, std::string const& path,
                                  check_settings const& settings) {
    auto outcome = check_outcome::not_needed;
    if (!users.closed_in_order() && size_of_file(path) > 0) {
        if (settings.on_note)
            settings.on_note("the store was not closed in order and is checked now");
        CXB_CHECK(users.note(file_note::checking));
        CXB_TRY(outcome, check_file(path, settings));
    }
    CXB_CHECK(users.note(file_note::open));
    CXB_CHECK(users.use_shared(std::chrono::milliseconds{0}));
    return outcome;
}

}  // namespace

result<check_outcome> enter_file(lock_file& users, std::string const& path,
                                 check_settings const& settings) {
    auto const end = steady_clock::now() + settings.longest + beyond_the_check;
    for (;;) {
        if (users.use_alone()) return enter_first(users, path, settings);
        // Whoever was alone may have found damage, or may have been killed at the check: then the
        // file is not noted as open, and the next one has to look for himself.
        auto const shared = users.use_shared(entry_pause);
        if (shared && users.noted() == file_note::open && !users.use_alone())
            return check_outcome::not_needed;
        users.leave();
        if (steady_clock::now() >= end)
            return shared ? error{errc::unavailable, "Store is not available"} : shared.error();
        if (shared) std::this_thread::sleep_for(entry_pause);
    }
}

void leave_file(lock_file& users, bool in_order) noexcept {
    users.leave();
    if (in_order && users.use_alone()) (void)users.note(file_note::closed);
    users.close();
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
