#include "src/store/sqlite/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/engine_error.hpp"

namespace cxb::inline v1 {
namespace store {

namespace {

using sqlite::connection;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds lock_wait{5000};
constexpr std::chrono::milliseconds busy_pause{10};

error system_failure(std::string what) {
    auto const why = std::error_code(errno, std::generic_category()).message();
    return error{errc::unavailable, "The backup cannot be written"}.with_note(
        {std::move(what) + ": " + why});
}

/// Makes names and contents of a file or folder durable.
result<void> sync_path(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return system_failure(path);
    bool const done = ::fsync(file) == 0;
    auto failed = done ? result<void>() : result<void>(system_failure(path));
    ::close(file);
    return failed;
}

/// The copy while it has no name yet; removed at the end unless it got one.
class unnamed_copy {
  public:
    explicit unnamed_copy(std::string to)
        : to_(std::move(to)), path_(to_ + '.' + std::to_string(::getpid()) + ".part") {}
    ~unnamed_copy() {
        close();
        for (auto const* suffix : {"", "-journal", "-wal", "-shm"})
            ::unlink((path_ + suffix).c_str());
    }
    unnamed_copy(unnamed_copy const&) = delete;
    unnamed_copy& operator=(unnamed_copy const&) = delete;

    [[nodiscard]] result<void> open() {
        int const file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0) return system_failure(path_);
        ::close(file);
        int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        int const code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
        if (code != SQLITE_OK) return failure(code);
        // Durable as a whole at the end, or not at all.
        return run("PRAGMA synchronous=OFF");
    }
    void close() noexcept {
        sqlite3_close_v2(handle_);
        handle_ = nullptr;
    }

    /// A database that stands alone; without this, opening it would make a log beside it.
    [[nodiscard]] result<void> leave_log_mode() { return run("PRAGMA journal_mode=DELETE"); }

    [[nodiscard]] result<void> check() {
        sqlite3_stmt* asked = nullptr;
        int code = sqlite3_prepare_v2(handle_, "PRAGMA quick_check(1)", -1, &asked, nullptr);
        if (code == SQLITE_OK) code = sqlite3_step(asked);
        std::string finding;
        if (code == SQLITE_ROW)
            finding = reinterpret_cast<char const*>(sqlite3_column_text(asked, 0));
        sqlite3_finalize(asked);
        if (code != SQLITE_ROW) return failure(code);
        if (finding == "ok") return {};
        return error{errc::corrupt_data, "The store's file is damaged, so no backup was made"}
            .with_note({std::move(finding)});
    }

    /// Never replaces a file.
    [[nodiscard]] result<void> name() {
        CXB_CHECK(sync_path(path_));
        if (::link(path_.c_str(), to_.c_str()) != 0) return system_failure(to_);
        auto const folder = std::filesystem::path(to_).parent_path();
        return sync_path(folder.empty() ? "." : folder.string());
    }

    [[nodiscard]] error failure(int code) const {
        return sqlite::engine_error(
            code, handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_));
    }
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] std::uint64_t bytes() const {
        std::error_code none;
        return std::filesystem::file_size(path_, none);
    }

  private:
    [[nodiscard]] result<void> run(char const* sql) {
        int const code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return failure(code);
        return {};
    }

    std::string to_;
    std::string path_;
    sqlite3* handle_ = nullptr;
};

/// Copies step by step; the source's snapshot is held, so writes never make it begin again.
result<std::int64_t> copy_pages(connection& from, unnamed_copy& to,
                                backup_settings const& settings) {
    auto* const work = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (work == nullptr) return to.failure(sqlite3_extended_errcode(to.handle()));
    auto const give_up = steady_clock::now() + lock_wait;
    int code = SQLITE_OK;
    bool go_on = true;
    std::int64_t pages = 0;
    while (go_on && code != SQLITE_DONE) {
        code = sqlite3_backup_step(work, settings.step_pages);
        pages = sqlite3_backup_pagecount(work);
        bool const busy = (code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED;
        if (busy && steady_clock::now() < give_up)
            sqlite3_sleep(static_cast<int>(busy_pause.count()));
        else if (code != SQLITE_OK && code != SQLITE_DONE)
            break;
        else if (settings.on_progress)
            go_on = settings.on_progress(pages - sqlite3_backup_remaining(work), pages);
    }
    sqlite3_backup_finish(work);
    if (!go_on) return error{errc::cancelled, "The backup was stopped"};
    if (code != SQLITE_DONE) return to.failure(code);
    return pages;
}

// The snapshot is taken by the first read of the transaction.
result<void> hold_snapshot(connection& from) {
    CXB_CHECK(from.open());
    CXB_CHECK(from.execute("BEGIN"));
    return from.execute("SELECT COUNT(*) FROM sqlite_master");
}

}  // namespace

result<backup_report> backup_sqlite(backup_settings const& settings) {
    auto const start = steady_clock::now();
    std::error_code none;
    if (!std::filesystem::exists(settings.from, none))
        return error{errc::not_found, "There is no database at " + settings.from};
    if (std::filesystem::exists(settings.to, none))
        return error{errc::conflict, settings.to + " exists; a backup replaces no file"};
    connection from({.path = settings.from, .read_only = true, .create = false});
    CXB_CHECK(hold_snapshot(from));
    unnamed_copy copy(settings.to);
    CXB_CHECK(copy.open());
    backup_report made;
    CXB_TRY(made.pages, copy_pages(from, copy, settings));
    from.close();
    CXB_CHECK(copy.leave_log_mode());
    CXB_CHECK(copy.check());
    copy.close();
    made.bytes = copy.bytes();
    CXB_CHECK(copy.name());
    made.took = steady_clock::now() - start;
    return made;
}

}  // namespace store
}  // namespace cxb::inline v1
