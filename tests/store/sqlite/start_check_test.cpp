// What a store finds out about its file when it opens it.
#include "src/store/sqlite/start_check.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "store/sqlite/store_fixture.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using sqlite::check_outcome;

struct SqliteStart : SqliteStore {
    /// A file with some hundred pages, closed in order.
    void fill() {
        auto const store = open();
        for (int i = 0; i < 100; ++i)
            ASSERT_TRUE(put(*store, std::to_string(i), 3000));
    }
    void overwrite(std::uint64_t at, std::size_t bytes) const {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file << std::string(bytes, '\x5a');
    }
    /// As if the last process had been killed.
    void forget_the_end() const {
        sqlite::lock_file lock(path + "-lock");
        ASSERT_TRUE(lock.open());
        ASSERT_TRUE(lock.note(sqlite::file_note::open));
    }
    std::vector<std::string> notes;
    sqlite_options noting() {
        sqlite_options options;
        options.on_note = [this](std::string const& text) { notes.push_back(text); };
        return options;
    }
};

TEST_F(SqliteStart, AFileClosedInOrderIsTrusted) {
    EXPECT_EQ(open()->stats().start_check, check_outcome::not_needed);
    fill();
    EXPECT_EQ(open(noting())->stats().start_check, check_outcome::not_needed);
    EXPECT_TRUE(notes.empty());
}

TEST_F(SqliteStart, AfterAnUncleanStopItIsChecked) {
    fill();
    forget_the_end();
    EXPECT_EQ(open(noting())->stats().start_check, check_outcome::sound);
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_NE(notes[0].find("not closed in order"), std::string::npos);
    EXPECT_NE(notes[1].find("sound"), std::string::npos);
    EXPECT_EQ(open()->stats().start_check, check_outcome::not_needed);
}

TEST_F(SqliteStart, AFileFromElsewhereIsChecked) {
    fill();
    std::filesystem::remove(path + "-lock");
    EXPECT_EQ(open()->stats().start_check, check_outcome::sound);
}

// Runs in a process of its own.
void stop_without_closing(std::vector<std::string> const& path) {
    sqlite_options options;
    options.path = path.at(0);
    auto const opened = sqlite_document_store::open(options);
    bool const done = opened && SqliteStore::put(**opened, "of the child");
    if (done) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
}
cxb_test::child_entry const stopper{"stop_without_closing", stop_without_closing};

// 20-45
TEST_F(SqliteStart, AKilledProcessLeavesAFileToCheck) {
    fill();
    pid_t const child = start_child("stop_without_closing", {path});
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    auto const store = open();
    EXPECT_EQ(store->stats().start_check, check_outcome::sound);
    EXPECT_EQ(count(*store), 101);
}

// 20-45
TEST_F(SqliteStart, ADamagedFileIsRefusedWithAdviceAndLeftAsItIs) {
    fill();
    auto const size = std::filesystem::file_size(path);
    overwrite(size / 2 / 4096 * 4096, 8192);
    forget_the_end();
    auto const before = test::read_file(path);
    for (int i = 0; i < 2; ++i) {  // also the next time
        auto options = noting();
        options.path = path;
        auto const refused = sqlite_document_store::open(options);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::corrupt_data);
        EXPECT_NE(refused.error().detail().find("backup"), std::string::npos);
        EXPECT_FALSE(refused.error().note().empty());
    }
    EXPECT_EQ(test::read_file(path), before);
}

TEST_F(SqliteStart, DamageFoundWhileRunningIsCheckedAtTheNextStart) {
    fill();
    auto const size = std::filesystem::file_size(path);
    overwrite(8192, static_cast<std::size_t>(size) - 8192);
    {
        sqlite_options options;
        options.path = path;
        auto const store = sqlite_document_store::open(options).value();
        auto const failed = put(*store, "x", 10000);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code(), errc::corrupt_data);
    }
    sqlite_options options;
    options.path = path;
    EXPECT_EQ(sqlite_document_store::open(options).error().code(), errc::corrupt_data);
}

TEST_F(SqliteStart, DamageThatAReadMeetsIsCheckedAtTheNextStart) {
    fill();
    auto const size = std::filesystem::file_size(path);
    overwrite(size / 2 / 4096 * 4096, 8192);
    {
        auto const store = open();
        find_options everything;
        everything.limit = 0;
        auto const failed = test::run(store->find(items, {}, everything));
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code(), errc::corrupt_data);
    }
    sqlite_options options;
    options.path = path;
    EXPECT_EQ(sqlite_document_store::open(options).error().code(), errc::corrupt_data);
}

// Two processes start after a crash: the second waits for the check of the first, which finds
// damage and gives up, or is killed at it. Then the second has to look for itself.
TEST_F(SqliteStart, WhoWaitedForACheckThatCameToNothingChecksItself) {
    fill();
    auto const size = std::filesystem::file_size(path);
    overwrite(size / 2 / 4096 * 4096, 8192);
    forget_the_end();
    sqlite::lock_file first(path + "-lock");
    ASSERT_TRUE(first.open());
    ASSERT_TRUE(first.use_alone());
    std::atomic<bool> begun{false};
    std::optional<errc> found;
    std::thread second([&] {
        sqlite_options options;
        options.path = path;
        begun = true;
        auto const opened = sqlite_document_store::open(options);
        if (!opened) found = opened.error().code();
    });
    while (!begun)
        test::short_pause();
    for (int i = 0; i < 20; ++i)  // so that it waits; whether it does, cannot be seen
        test::short_pause();
    first.close();
    second.join();
    EXPECT_EQ(found, errc::corrupt_data);
}

TEST_F(SqliteStart, TheCheckIsBounded) {
    fill();
    forget_the_end();
    auto options = noting();
    options.max_check_time = 0ms;
    auto store = open(options);
    EXPECT_EQ(store->stats().start_check, check_outcome::unfinished);
    EXPECT_NE(notes.back().find("given up"), std::string::npos);
    store.reset();
    EXPECT_EQ(open()->stats().start_check, check_outcome::sound);  // it is still owed
}

TEST_F(SqliteStart, OnlyTheLastUserNotesTheEnd) {
    auto first = open();
    auto second = open();
    EXPECT_EQ(second->stats().start_check, check_outcome::not_needed);
    first.reset();
    sqlite::lock_file lock(path + "-lock");
    ASSERT_TRUE(lock.open());
    EXPECT_FALSE(lock.closed_in_order());
    second.reset();
    EXPECT_TRUE(lock.closed_in_order());
}

using SqliteLockFile = SqliteStore;

TEST_F(SqliteLockFile, UsersAndTurnsExcludeOneAnother) {
    sqlite::lock_file one(path);
    sqlite::lock_file two(path);
    ASSERT_TRUE(one.open());
    ASSERT_TRUE(two.open());
    ASSERT_TRUE(one.use_alone());
    EXPECT_FALSE(two.use_alone());
    EXPECT_EQ(two.use_shared(0ms).error().code(), errc::unavailable);
    ASSERT_TRUE(one.use_shared(0ms));
    EXPECT_TRUE(two.use_shared(0ms));
    EXPECT_FALSE(one.use_alone());
    two.leave();
    EXPECT_TRUE(one.use_alone());
    ASSERT_TRUE(one.take_turn(0ms));
    EXPECT_EQ(two.take_turn(0ms).error().reason(), "store_unavailable");
    one.pass_turn();
    EXPECT_TRUE(two.take_turn(0ms));
    two.close();
    EXPECT_TRUE(one.take_turn(0ms));
}

TEST_F(SqliteLockFile, NeedsAFolder) {
    sqlite::lock_file lock((folder / "none/lock").string());
    EXPECT_EQ(lock.open().error().code(), errc::unavailable);
}

}  // namespace
}  // namespace cxb::store
