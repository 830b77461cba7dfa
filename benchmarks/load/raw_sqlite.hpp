#pragma once
/// @file
/// Rows like those of the store written by SQLite alone: the floor of durable storage.

#include <sqlite3.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "benchmarks/load/request_template.hpp"

namespace cxb::bench {

class database {
  public:
    explicit database(std::string path) : path_(std::move(path)) {
        if (sqlite3_open(path_.c_str(), &handle_) != SQLITE_OK) fail();
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("PRAGMA wal_autocheckpoint=0");
    }
    database(database const&) = delete;
    database& operator=(database const&) = delete;
    ~database() { sqlite3_close(handle_); }

    void run(char const* sql) {
        if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }
    [[nodiscard]] sqlite3_stmt* prepare(char const* sql) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v2(handle_, sql, -1, &made, nullptr) != SQLITE_OK) fail();
        return made;
    }
    [[noreturn]] void fail() const {
        throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(handle_));
    }
    void checkpoint() {
        int const code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                                   nullptr, nullptr);
        if (code != SQLITE_OK) fail();
    }

  private:
    std::string path_;
    sqlite3* handle_ = nullptr;
};

inline void bind_text(sqlite3_stmt* into, int at, std::string_view value) {
    sqlite3_bind_text(into, at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

/// Like the store's `calls`: a rowid table, a unique id and two more indexed columns.
class row_writer {
  public:
    row_writer(database& db, std::size_t bytes) : db_(db), doc_(bytes, 'x') {
        db_.run(
            "CREATE TABLE calls(id TEXT NOT NULL UNIQUE, created_at TEXT, phone TEXT, "
            "doc TEXT NOT NULL)");
        db_.run("CREATE INDEX by_time ON calls(created_at)");
        db_.run("CREATE INDEX by_phone ON calls(phone)");
        insert_ = db_.prepare("INSERT INTO calls VALUES(?1, ?1, ?2, ?3)");
    }
    row_writer(row_writer const&) = delete;
    row_writer& operator=(row_writer const&) = delete;
    ~row_writer() { sqlite3_finalize(insert_); }

    void write_group(std::size_t rows) {
        db_.run("BEGIN IMMEDIATE");
        for (std::size_t i = 0; i < rows; ++i) {
            auto const id = ids_.next();
            bind_text(insert_, 1, id);
            bind_text(insert_, 2, std::string_view(id).substr(24));
            bind_text(insert_, 3, doc_);
            if (sqlite3_step(insert_) != SQLITE_DONE) db_.fail();
            sqlite3_reset(insert_);
        }
        db_.run("COMMIT");
    }

  private:
    database& db_;
    std::string doc_;
    id_source ids_{1767323045000, 1};
    sqlite3_stmt* insert_ = nullptr;
};

inline void remove_database(std::string const& path) {
    for (char const* suffix : {"", "-wal", "-shm", "-lock"})
        ::unlink((path + suffix).c_str());
}

}  // namespace cxb::bench
