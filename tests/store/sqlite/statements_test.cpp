// Statements are compiled once and kept, within a bound.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>

#include "src/store/sqlite/connection.hpp"
#include "support/child_process.hpp"

namespace cxb::store {
namespace {

constexpr int kept_at_most = 256;

int compiled = 0;

// The engine asks for leave when it compiles, never when it runs.
int note(void*, int action, char const*, char const*, char const*, char const*) {
    if (action == SQLITE_SELECT) ++compiled;
    return SQLITE_OK;
}

int watch(sqlite3* db, char const**, sqlite3_api_routines const*) {
    return sqlite3_set_authorizer(db, &note, nullptr);
}

struct SqliteStatements : ::testing::Test {
    cxb::test::scratch_dir folder;
    sqlite::connection db{{.path = (folder / "store.db").string()}};

    void SetUp() override {
        auto const entry = reinterpret_cast<void (*)()>(&watch);
        ASSERT_EQ(sqlite3_auto_extension(entry), SQLITE_OK);
        auto const opened = db.open();
        sqlite3_cancel_auto_extension(entry);
        ASSERT_TRUE(opened);
        compiled = 0;
    }
    std::int64_t ask(std::string const& sql, std::int64_t value) {
        std::array<sql_value, 1> const values{value};
        auto row = db.prepare(sql, values).value();
        EXPECT_TRUE(row.step().value());
        return row.integer(0);
    }
    static std::string text(int number) { return "SELECT ?1+" + std::to_string(number); }
    using sql_value = sqlite::sql_value;
};

TEST_F(SqliteStatements, OneTextIsCompiledOnce) {
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(ask(text(1), i), i + 1);
    EXPECT_EQ(compiled, 1);
}

TEST_F(SqliteStatements, ATextInUseIsCompiledForItsSecondUser) {
    std::array<sql_value, 1> const values{std::int64_t{5}};
    {
        auto first = db.prepare(text(1), values).value();
        ASSERT_TRUE(first.step().value());
        EXPECT_EQ(ask(text(1), 7), 8);
        EXPECT_EQ(first.integer(0), 6);
    }
    EXPECT_EQ(compiled, 2);
    EXPECT_EQ(ask(text(1), 9), 10);
    EXPECT_EQ(compiled, 2);
}

TEST_F(SqliteStatements, TheOldestGoFirst) {
    for (int i = 0; i <= kept_at_most; ++i)
        EXPECT_EQ(ask(text(i), 1), i + 1);
    EXPECT_EQ(compiled, kept_at_most + 1);
    EXPECT_EQ(ask(text(kept_at_most), 1), kept_at_most + 1);
    EXPECT_EQ(ask(text(1), 1), 2);
    EXPECT_EQ(compiled, kept_at_most + 1);
    EXPECT_EQ(ask(text(0), 1), 1);
    EXPECT_EQ(compiled, kept_at_most + 2);
}

}  // namespace
}  // namespace cxb::store
