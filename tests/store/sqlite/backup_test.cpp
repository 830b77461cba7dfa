// Copies of a store in use.
#include "src/store/sqlite/backup.hpp"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "store/sqlite/store_fixture.hpp"

namespace cxb::store {
namespace {

struct SqliteBackup : SqliteStore {
    std::string copy = (folder / "copy.db").string();

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder.path()), {}));
    }
    static std::unique_ptr<sqlite_document_store> open_at(std::string const& where) {
        sqlite_options options;
        options.path = where;
        auto opened = sqlite_document_store::open(options).value();
        EXPECT_TRUE(test::run(opened->ensure(items)));
        EXPECT_TRUE(test::run(opened->ensure(others)));
        return opened;
    }
};

// 20-46
TEST_F(SqliteBackup, IsWholeWhileWritesGoOn) {
    auto const store = open_at(path);
    for (int i = 0; i < 300; ++i)
        ASSERT_TRUE(put(*store, "f" + std::to_string(i), 5000));
    std::atomic<bool> stop{false};
    std::atomic<int> pairs{0};
    std::thread writing([&] {
        for (int i = 0; !stop; ++i) {
            auto const id = std::to_string(i);
            auto const done = test::run(
                store->commit(batch{}.insert(items, {{"_id", id}}).insert(others, {{"_id", id}})));
            EXPECT_TRUE(done && done->applied);
            ++pairs;
        }
    });
    while (pairs < 10)
        std::this_thread::yield();
    int calls = 0;
    std::int64_t last = 0;
    auto const at_start = pairs.load();
    auto const made = backup_sqlite({.from = path,
                                     .to = copy,
                                     .step_pages = 16,
                                     .on_progress = [&](std::int64_t done, std::int64_t all) {
                                         ++calls;
                                         EXPECT_GE(done, last);
                                         EXPECT_LE(done, all);
                                         last = done;
                                         // The writer is not held up between two steps.
                                         auto const now = pairs.load();
                                         EXPECT_TRUE(test::eventually([&] { return pairs > now; }));
                                         return true;
                                     }});
    stop = true;
    writing.join();
    ASSERT_TRUE(made) << made.error().to_log_text();
    EXPECT_GT(calls, 10);
    EXPECT_EQ(made->pages, last);
    EXPECT_EQ(made->bytes, std::filesystem::file_size(copy));
    struct stat facts{};
    ASSERT_EQ(::stat(copy.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));

    auto const restored = open_at(copy);
    EXPECT_EQ(restored->stats().start_check, sqlite::check_outcome::sound);
    auto const kept = test::run(restored->count(others, {})).value();
    EXPECT_GE(kept, at_start);
    EXPECT_LT(kept, pairs);
    EXPECT_EQ(count(*restored), kept + 300);
    EXPECT_TRUE(put(*restored, "more"));
    EXPECT_EQ(count(*store), pairs + 300);
}

TEST_F(SqliteBackup, ReplacesNoFile) {
    auto const store = open();
    std::ofstream(copy) << "mine";
    EXPECT_EQ(backup_sqlite({.from = path, .to = copy}).error().code(), errc::conflict);
    EXPECT_EQ(backup_sqlite({.from = path, .to = path}).error().code(), errc::conflict);
    EXPECT_EQ(test::read_file(copy), "mine");
    EXPECT_EQ(backup_sqlite({.from = path + "x", .to = copy + "x"}).error().code(),
              errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(path + "x"));
}

TEST_F(SqliteBackup, LeavesNothingBehindWhenItFails) {
    auto const store = open();
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(put(*store, std::to_string(i), 5000));
    auto const before = files();
    auto const stopped = backup_sqlite(
        {.from = path, .to = copy, .step_pages = 1, .on_progress = [](auto, auto all) {
             return all < 0;
         }});
    EXPECT_EQ(stopped.error().code(), errc::cancelled);
    EXPECT_EQ(files(), before);
    EXPECT_EQ(backup_sqlite({.from = path, .to = (folder / "none/copy").string()}).error().code(),
              errc::unavailable);
}

TEST_F(SqliteBackup, OfADamagedFileIsRefused) {
    {
        auto const store = open();
        for (int i = 0; i < 100; ++i)
            ASSERT_TRUE(put(*store, std::to_string(i), 3000));
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2 / 4096 * 4096));
        file << std::string(8192, '\x5a');
    }
    auto const before = files();
    EXPECT_EQ(backup_sqlite({.from = path, .to = copy}).error().code(), errc::corrupt_data);
    EXPECT_EQ(files(), before);
}

TEST_F(SqliteBackup, OfNoDatabaseIsRefused) {
    std::ofstream(path) << std::string(10000, 'x');
    EXPECT_EQ(backup_sqlite({.from = path, .to = copy}).error().code(), errc::corrupt_data);
}

}  // namespace
}  // namespace cxb::store
