#pragma once
/// @file
/// The very rows that cxb-api wrote for a call, written again by SQLite alone: the floor of durable
/// storage.

#include <array>
#include <vector>

#include "benchmarks/load/raw_sqlite.hpp"

namespace cxb::bench {

/// Copies of the newest call of another database: its row and those of its trace, with the tables'
/// columns and indexes but not their triggers. Every copy has ids of its own.
class copied_rows {
  public:
    copied_rows(database& db, std::string const& model) : db_(db) {
        db_.run(("ATTACH '" + model + "' AS model").c_str());
        make_tables();
        auto const session = take_row("calls", "1 ORDER BY _rowid_ DESC LIMIT 1");
        take_row("call_trace", "session_id='" + session + "'");
        db_.run("DETACH model");
    }
    copied_rows(copied_rows const&) = delete;
    copied_rows& operator=(copied_rows const&) = delete;
    ~copied_rows() {
        for (auto const& row : rows_) {
            sqlite3_finalize(row.insert);
            for (auto* value : row.values)
                sqlite3_value_free(value);
        }
    }

    /// Bytes of the documents of one call.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }

    void write_group(std::size_t calls) {
        db_.run("BEGIN IMMEDIATE");
        for (std::size_t i = 0; i < calls; ++i)
            write_call();
        db_.run("COMMIT");
    }

  private:
    enum class kind { plain, own_id, session };
    struct copied_row {
        sqlite3_stmt* insert = nullptr;
        std::vector<sqlite3_value*> values;
        std::vector<kind> kinds;
    };

    void make_tables() {
        auto* const found = db_.prepare(
            "SELECT sql FROM model.sqlite_master WHERE type IN ('table','index') AND sql NOT NULL "
            "AND tbl_name IN ('calls','call_trace') ORDER BY type='index'");
        std::vector<std::string> texts;
        while (sqlite3_step(found) == SQLITE_ROW)
            texts.emplace_back(reinterpret_cast<char const*>(sqlite3_column_text(found, 0)));
        sqlite3_finalize(found);
        for (auto const& text : texts)
            db_.run(text.c_str());
    }

    static kind kind_of(std::string_view column) {
        constexpr std::array own{"id", "recording_access_token", "fetch_id", "stream_id"};
        if (column == "session_id") return kind::session;
        return std::ranges::find(own, column) == own.end() ? kind::plain : kind::own_id;
    }

    /// Gives the session of the last row.
    std::string take_row(std::string const& table, std::string const& where) {
        auto const select = "SELECT * FROM model." + table + " WHERE " + where;
        auto* const found = db_.prepare(select.c_str());
        std::string session;
        while (sqlite3_step(found) == SQLITE_ROW) {
            auto& row = rows_.emplace_back();
            std::string insert = "INSERT INTO main." + table + " VALUES(?";
            for (int i = 0; i < sqlite3_column_count(found); ++i) {
                if (i > 0) insert += ",?";
                std::string_view const column = sqlite3_column_name(found, i);
                bool const any = sqlite3_column_type(found, i) != SQLITE_NULL;
                row.kinds.push_back(any ? kind_of(column) : kind::plain);
                row.values.push_back(sqlite3_value_dup(sqlite3_column_value(found, i)));
                auto const bytes = static_cast<std::size_t>(sqlite3_column_bytes(found, i));
                if (column == "doc") bytes_ += bytes;
                if (column == "session_id")
                    session = reinterpret_cast<char const*>(sqlite3_column_text(found, i));
            }
            row.insert = db_.prepare((insert + ")").c_str());
        }
        sqlite3_finalize(found);
        if (session.empty()) throw std::runtime_error("no rows in " + table + " to copy");
        return session;
    }

    void write_call() {
        auto const session = ids_.next();
        for (auto const& row : rows_) {
            for (std::size_t i = 0; i < row.values.size(); ++i) {
                int const at = static_cast<int>(i) + 1;
                if (row.kinds[i] == kind::plain)
                    sqlite3_bind_value(row.insert, at, row.values[i]);
                else
                    bind_text(row.insert, at,
                              row.kinds[i] == kind::session ? session : ids_.next());
            }
            if (sqlite3_step(row.insert) != SQLITE_DONE) db_.fail();
            sqlite3_reset(row.insert);
        }
    }

    database& db_;
    std::vector<copied_row> rows_;
    std::size_t bytes_ = 0;
    id_source ids_{1767323045000, 1};
};

}  // namespace cxb::bench
