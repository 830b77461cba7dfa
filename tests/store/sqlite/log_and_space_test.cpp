// The log stays short, readers hold nobody up for ever, and freed space goes back to the disk.
#include "store/sqlite/store_fixture.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t mib = 1024 * 1024;

using SqliteLog = SqliteStore;
using SqliteSpace = SqliteStore;

std::uint64_t size_of_file(std::string const& path) {
    std::error_code none;
    auto const size = std::filesystem::file_size(path, none);
    return none ? 0 : size;
}

TEST_F(SqliteLog, AReaderHoldsUpNoWriteAndTheLogShrinksOnceItLeaves) {
    auto const store = open({.max_log_bytes = 1 * mib, .restart_wait = 1ms});
    ASSERT_TRUE(put(*store, "old"));
    sqlite::connection reader({.path = path, .read_only = true});
    ASSERT_TRUE(reader.open());
    ASSERT_TRUE(reader.execute("BEGIN"));
    ASSERT_TRUE(reader.execute("SELECT COUNT(*) FROM items"));
    int written = 0;
    while (store->stats().held_log_restarts == 0 && written < 20000)
        ASSERT_TRUE(put(*store, std::to_string(written++), 20000));
    EXPECT_GT(store->stats().log_bytes, 1 * mib);
    {
        auto row = reader.prepare("SELECT COUNT(*) FROM items").value();
        ASSERT_TRUE(row.step().value());
        EXPECT_EQ(row.integer(0), 1);  // still its own moment
    }
    ASSERT_TRUE(reader.execute("COMMIT"));
    EXPECT_TRUE(test::eventually([&] {
        (void)put(*store, std::to_string(written++), 20000);
        return store->stats().log_bytes < 1 * mib;
    }));
    EXPECT_EQ(count(*store), written + 1);
}

TEST_F(SqliteLog, BusyReadersDoNotLetItGrow) {
    auto const store = open({.readers = 2, .max_log_bytes = 1 * mib});
    std::atomic<bool> stop{false};
    std::thread reading([&] {
        while (!stop)
            EXPECT_TRUE(test::run(store->find(items, {}, {})));
    });
    json_object made{{"_id", "1"}, {"text", std::string(50000, 'x')}};
    ASSERT_TRUE(test::run(store->insert(items, made)));
    std::uint64_t longest = 0;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(test::run(store->update_one(items, by_id("1"), update{}.set("n", i))));
        longest = std::max(longest, store->stats().log_bytes);
    }
    stop = true;
    reading.join();
    EXPECT_LT(longest, 40 * mib);  // 50 MiB were written
    EXPECT_LT(size_of_file(path + "-wal"), 45 * mib);
}

TEST_F(SqliteLog, AReadMayNotLastForEver) {
    auto const store = open({.max_read_time = 0ms});
    std::vector<json_object> rows;
    for (int i = 0; i < 3000; ++i)
        rows.push_back({{"_id", std::to_string(i)}, {"n", i}});
    ASSERT_TRUE(test::run(store->bulk_insert(items, rows)));
    auto const late = test::run(store->group(items, {}, {"n"}));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::deadline_exceeded);
    EXPECT_TRUE(test::run(store->find_one(items, by_id("7"))));
}

// Operations of a failed group are tried one by one; the log grows by them as well.
TEST_F(SqliteLog, IsSeenToGrowByWritesThatWereTriedAlone) {
    std::atomic<bool> ready{false};
    std::atomic<bool> armed{false};
    auto const fail_once = [&](sqlite::disk_event const& event) {
        bool const hit = event.file == sqlite::disk_file::log &&
                         event.action == sqlite::disk_action::write && armed.exchange(false);
        return hit ? sqlite::disk_answer::full : sqlite::disk_answer::go_on;
    };
    auto const store = open({.log_quiet = 1h,
                             .commit_delay = 5ms,
                             .before_disk = fail_once,
                             .on_group = [&](std::size_t writes) {
                                 if (writes < 8 && ready.exchange(false)) armed = true;
                             }});
    // One commit goes well, the next one fails; until that was one of several writes.
    int round = 0;
    EXPECT_TRUE(test::eventually([&] {
        ready = true;
        bool well = test::run(store->insert(items, {{"text", "alone"}})).has_value();
        std::vector<boost::asio::awaitable<result<void>>> all;
        for (int i = 0; i < 9; ++i)
            all.push_back(store->insert(items, {{"text", std::string(20'000, 'x')}}));
        for (auto const& each : test::run_all(std::move(all)))
            well = well && each;
        return ++round == 200 || (well && !ready && !armed);
    }));
    ASSERT_LT(round, 200);
    EXPECT_GT(store->stats().failed_groups, 0U);
    // A page is 24 bytes longer there, and the log has not begun anew.
    EXPECT_TRUE(test::eventually([&] {
        return store->stats().log_bytes / 4096 * 4120 + 32 >= size_of_file(path + "-wal");
    })) << store->stats().log_bytes;
}

TEST_F(SqliteLog, IsMovedInAPause) {
    auto const store = open({.log_quiet = 1ms});
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(put(*store, std::to_string(i), 50000));
    EXPECT_TRUE(test::eventually([&] { return size_of_file(path) > 1'000'000; }));
}

TEST_F(SqliteSpace, GoesBackToTheDiskWhileWritesGoOn) {
    auto const store = open({.log_quiet = 1ms, .kept_free_bytes = 1 * mib});
    for (int i = 0; i < 22; ++i) {
        std::vector<json_object> rows;
        for (int k = 0; k < 50; ++k)
            rows.push_back(
                {{"_id", std::to_string(i * 50 + k)}, {"text", std::string(20000, 'x')}});
        ASSERT_TRUE(test::run(store->bulk_insert(items, rows)));
    }
    ASSERT_TRUE(test::eventually([&] { return size_of_file(path) > 20 * mib; }));
    EXPECT_EQ(test::run(store->remove(items, {})).value(), 1100);
    int written = 0;
    EXPECT_TRUE(test::eventually([&] {
        EXPECT_TRUE(put(*store, "w" + std::to_string(written++)));
        return size_of_file(path) < 4 * mib;
    })) << size_of_file(path);
    EXPECT_EQ(count(*store), written);
    EXPECT_LT(store->stats().free_bytes, 4 * mib);
    store->close();
    EXPECT_EQ(sqlite::check_file(path, {}).value(), sqlite::check_outcome::sound);
}

TEST_F(SqliteSpace, GoesBackInAPauseWithoutAnyWrite) {
    auto const store = open({.log_quiet = 1ms, .kept_free_bytes = 0});
    ASSERT_TRUE(put(*store, "large", 20 * mib));
    ASSERT_TRUE(test::eventually([&] { return size_of_file(path) > 20 * mib; }));
    ASSERT_TRUE(test::run(store->remove(items, {})));
    EXPECT_TRUE(test::eventually([&] { return size_of_file(path) < 1 * mib; }));
}

double processor_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// After a failed commit the writer's connection is opened again by the next write. Until then there
// is nothing it can do about free pages.
TEST_F(SqliteSpace, AWriterWithoutAConnectionRests) {
    bad_disk disk;
    auto const store =
        open({.kept_free_bytes = 0, .vacuum_step_bytes = 16384, .before_disk = disk.hook()});
    ASSERT_TRUE(put(*store, "large", 20 * mib));
    ASSERT_TRUE(test::run(store->remove(items, {})));
    ASSERT_TRUE(test::eventually([&] { return store->stats().free_bytes > 0; }));
    disk.fail(sqlite::disk_answer::full);
    ASSERT_FALSE(put(*store, "refused"));
    auto const start = std::chrono::steady_clock::now();
    auto const used = processor_seconds();
    EXPECT_TRUE(
        test::eventually([&] { return std::chrono::steady_clock::now() > start + 1500ms; }));
    EXPECT_LT(processor_seconds() - used, 0.15);
    disk.heal();
    EXPECT_TRUE(put(*store, "1"));
}

TEST_F(SqliteSpace, FilesMadeWithoutItGoOnAsTheyAre) {
    {
        sqlite::connection old({.path = path});
        ASSERT_TRUE(old.open());
        ASSERT_TRUE(old.execute("PRAGMA auto_vacuum=NONE"));
        ASSERT_TRUE(old.execute("VACUUM"));
        ASSERT_TRUE(old.execute("CREATE TABLE something(a)"));
        ASSERT_EQ(old.pragma_value("auto_vacuum").value(), 0);
    }
    auto const store = open({.log_quiet = 1ms, .kept_free_bytes = 0});
    ASSERT_TRUE(put(*store, "large", 5 * mib));
    ASSERT_TRUE(test::run(store->remove(items, {})));
    ASSERT_TRUE(test::eventually([&] { return store->stats().free_bytes > 4 * mib; }));
    ASSERT_TRUE(put(*store, "again", 4 * mib));
    EXPECT_TRUE(test::run(store->ping()));
}

}  // namespace
}  // namespace cxb::store
