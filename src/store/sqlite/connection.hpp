#pragma once
/// @file
/// One connection to a database file, and the only place that knows the SQLite library.
///
/// A connection belongs to one thread at a time. Failures of the engine are results (`unavailable`,
/// `corrupt_data`, `conflict` with reason `duplicate_key`, `deadline_exceeded`); SQL that the
/// library refuses is a programming error and throws `std::logic_error`.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "cxb/base/result.hpp"
#include "src/store/sqlite/disk.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cxb::inline v1 {
namespace store::sqlite {

/// NULL, INTEGER, REAL, TEXT.
using sql_value = std::variant<std::monostate, std::int64_t, double, std::string>;

struct connection_settings {
    std::string path;
    std::chrono::milliseconds busy_timeout{5000};
    bool read_only = false;    ///< refuses writes; may still move the log into the file
    bool create = true;        ///< makes the file when there is none
    disk const* on = nullptr;  ///< none: the system's files, uncounted
    std::atomic<bool>* damage_seen = nullptr;  ///< set when the engine finds the file damaged
};

/// How to move the log into the file. `passive` waits for nobody and stops at what a reader still
/// needs. The others let no other write in, wait a little for readers of old states, and then let
/// the log begin anew; `truncate` also cuts its file to nothing.
enum class log_move { passive, restart, truncate };

struct log_state {
    int pages = -1;     ///< in the log; -1: somebody else was moving it
    int moved = -1;     ///< of these, already in the file
    bool busy = false;  ///< somebody held up what was asked for
};

class connection;

/// A statement as the connection keeps it.
struct kept_statement {
    std::string sql;
    sqlite3_stmt* prepared = nullptr;
    bool in_use = false;
};

/// A prepared statement with its values bound; goes back to the connection's cache at the end.
/// The bound values must outlive it.
class statement {
  public:
    statement(connection& owner, kept_statement& kept) noexcept;
    statement(statement&& other) noexcept;
    statement& operator=(statement&&) = delete;
    ~statement();

    /// True when there is a row.
    [[nodiscard]] result<bool> step();
    /// Steps to the end, for statements without rows.
    [[nodiscard]] result<void> run();
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    /// Valid until the next step.
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] sql_value value(int column) const;

  private:
    connection* owner_;
    kept_statement* kept_;  ///< none: moved from
    sqlite3_stmt* prepared_;
};

class connection {
  public:
    explicit connection(connection_settings settings);
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;
    ~connection();

    /// Opens (again), in WAL mode with `synchronous=FULL` and without automatic checkpoints. Where
    /// the file system allows no WAL: `unavailable`.
    [[nodiscard]] result<void> open();
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return handle_ != nullptr; }

    [[nodiscard]] result<statement> prepare(std::string_view sql,
                                            std::span<sql_value const> values = {});
    /// Prepares and runs one statement without rows.
    [[nodiscard]] result<void> execute(std::string_view sql,
                                       std::span<sql_value const> values = {});
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const noexcept;
    /// Rows changed since opening.
    [[nodiscard]] std::int64_t total_changes() const noexcept;
    /// False after the engine rolled a transaction back by itself.
    [[nodiscard]] bool in_transaction() const noexcept;
    /// Pages in the log after the last commit of this connection.
    [[nodiscard]] int log_pages() const noexcept { return log_pages_; }
    /// Moves what it can of the log into the file, waiting no longer than `wait` for others.
    [[nodiscard]] result<log_state> checkpoint(
        log_move how = log_move::passive,
        std::chrono::milliseconds wait = std::chrono::milliseconds{0});

    /// How long statements wait for locks from now on.
    void wait_for_locks(std::chrono::milliseconds at_most) noexcept;
    /// Statements fail with `deadline_exceeded` from that moment on; nothing: no such end.
    void end_by(std::optional<std::chrono::steady_clock::time_point> moment) noexcept;
    /// Lets the running statement fail so. From any thread, while the connection stays open.
    void interrupt() noexcept;
    /// Are triggers run by what is compiled from now on? They are after opening. A change has all
    /// statements compiled anew.
    void use_triggers(bool wanted) noexcept;
    /// The one value of a pragma, 0 without.
    [[nodiscard]] result<std::int64_t> pragma_value(std::string_view name);
    /// The library's handle, for the one caller that copies databases.
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] error failure(int code) const;

  private:
    friend class statement;
    using statements = std::list<kept_statement>;
    [[nodiscard]] result<void> configure();
    [[nodiscard]] result<void> configure_reader();
    [[nodiscard]] result<void> configure_log();
    [[nodiscard]] result<void> give_pages_back_later();
    static int stay_waiting(void* self, int count);
    [[nodiscard]] result<void> enter_wal_mode();
    [[nodiscard]] result<void> ask_for_wal_mode();
    [[nodiscard]] result<kept_statement*> compile(std::string_view sql);
    void give_back(kept_statement& kept) noexcept;
    void drop_oldest() noexcept;
    void drop_cache() noexcept;

    connection_settings settings_;
    sqlite3* handle_ = nullptr;
    int log_pages_ = 0;
    bool uses_triggers_ = true;
    std::chrono::milliseconds lock_wait_{0};
    std::chrono::steady_clock::time_point busy_until_;
    std::optional<std::chrono::steady_clock::time_point> end_by_;
    statements recent_;  // newest first
    statements twins_;   // second ones of a text whose first is in use
    std::unordered_map<std::string_view, statements::iterator> by_sql_;
};

/// A name quoted for SQL.
[[nodiscard]] std::string quoted(std::string_view name);
/// A text literal for SQL.
[[nodiscard]] std::string literal(std::string_view text);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
