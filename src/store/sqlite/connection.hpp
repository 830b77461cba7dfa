#pragma once
/// @file
/// One connection to a database file, and the only place that knows the SQLite library.
///
/// A connection belongs to one thread at a time. Failures of the engine are results (`unavailable`,
/// `corrupt_data`, `conflict` with reason `duplicate_key`); SQL that the library refuses is a
/// programming error and throws `std::logic_error`.

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "cxb/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cxb::inline v1 {
namespace store::sqlite {

/// NULL, INTEGER, REAL, TEXT.
using sql_value = std::variant<std::monostate, std::int64_t, double, std::string>;

struct connection_settings {
    std::string path;
    std::chrono::milliseconds busy_timeout{5000};
    bool read_only = false;  ///< refuses writes; may still move the log into the file
};

class connection;

/// A prepared statement with its values bound; goes back to the connection's cache at the end.
/// The bound values must outlive it.
class statement {
  public:
    statement(connection& owner, std::string sql, sqlite3_stmt* prepared) noexcept;
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
    std::string sql_;
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

    [[nodiscard]] result<statement> prepare(std::string sql,
                                            std::span<sql_value const> values = {});
    /// Prepares and runs one statement without rows.
    [[nodiscard]] result<void> execute(std::string sql, std::span<sql_value const> values = {});
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const noexcept;
    /// Rows changed since opening.
    [[nodiscard]] std::int64_t total_changes() const noexcept;
    /// False after the engine rolled a transaction back by itself.
    [[nodiscard]] bool in_transaction() const noexcept;
    /// Pages in the log after the last commit of this connection.
    [[nodiscard]] int log_pages() const noexcept { return log_pages_; }
    /// Moves what it can of the log into the file without blocking anybody.
    [[nodiscard]] result<void> checkpoint();

  private:
    friend class statement;
    struct cached {
        std::string sql;
        sqlite3_stmt* prepared;
    };
    [[nodiscard]] result<void> configure();
    [[nodiscard]] result<void> enter_wal_mode();
    [[nodiscard]] result<void> ask_for_wal_mode();
    [[nodiscard]] result<sqlite3_stmt*> compile(std::string const& sql);
    [[nodiscard]] error failure(int code) const;
    void give_back(std::string sql, sqlite3_stmt* prepared) noexcept;
    void drop_cache() noexcept;

    connection_settings settings_;
    sqlite3* handle_ = nullptr;
    int log_pages_ = 0;
    std::list<cached> recent_;  // newest first
    std::unordered_map<std::string_view, std::list<cached>::iterator> by_sql_;
};

/// A name quoted for SQL.
[[nodiscard]] std::string quoted(std::string_view name);
/// A text literal for SQL.
[[nodiscard]] std::string literal(std::string_view text);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
