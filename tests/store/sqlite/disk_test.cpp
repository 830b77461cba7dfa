// Disks that are slow, full or fail: what is counted, what is refused, and that the store goes on.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "store/sqlite/store_fixture.hpp"

namespace {
std::atomic<int> system_syncs{0};
}

// Takes the place of the C library's for the engine too, so the count does not come from our code.
extern "C" int fdatasync(int file) {
    ++system_syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using sqlite::disk_action;
using sqlite::disk_answer;
using sqlite::disk_file;

using SqliteDisk = SqliteStore;

TEST_F(SqliteDisk, OneCommitIsOneSync) {
    auto const store = open();
    auto const before = store->stats();
    int const calls = system_syncs;
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(put(*store, std::to_string(i)));
    auto const after = store->stats();
    EXPECT_EQ(after.commits - before.commits, 20U);
    EXPECT_EQ(after.log_syncs - before.log_syncs, 20U);
    EXPECT_EQ(static_cast<std::uint64_t>(system_syncs - calls),
              after.log_syncs + after.data_syncs - before.log_syncs - before.data_syncs);
    EXPECT_GT(after.sync_seconds, before.sync_seconds);
    EXPECT_GT(after.written_bytes, before.written_bytes);
}

TEST_F(SqliteDisk, SlowDisksAreSharedByManyWrites) {
    for (auto const delay : {2ms, 10ms}) {
        path = (folder / std::to_string(delay.count())).string();
        std::atomic<std::size_t> grouped{0};
        auto const store = open(
            {.commit_delay = delay, .on_group = [&](std::size_t writes) { grouped += writes; }});
        auto const before = store->stats();
        int const calls = system_syncs;
        auto const grouped_before = grouped.load();
        for (auto const& each : test::run_all(inserts(*store, 500)))
            EXPECT_TRUE(each);
        auto const after = store->stats();
        auto const syncs = after.log_syncs - before.log_syncs;
        EXPECT_EQ(after.writes - before.writes, 500U);
        EXPECT_EQ(grouped - grouped_before, 500U);
        EXPECT_LE(syncs, 50U);
        EXPECT_EQ(syncs, after.commits - before.commits);
        EXPECT_GE(static_cast<std::uint64_t>(system_syncs - calls), syncs);
        EXPECT_GE(after.commit_seconds - before.commit_seconds,
                  std::chrono::duration<double>(delay).count() * static_cast<double>(syncs));
    }
}

TEST_F(SqliteDisk, ALoneWriterIsNeverKeptWaiting) {
    auto const store = open({.commit_delay = 2ms});
    for (int i = 0; i < 30; ++i)
        ASSERT_TRUE(put(*store, std::to_string(i)));
    EXPECT_EQ(store->stats().lingers, 0U);
}

TEST_F(SqliteDisk, SyncsAreToldWithTheirFile) {
    std::atomic<int> log{0};
    std::atomic<int> data{0};
    auto const store = open({.log_quiet = 0ms, .on_sync = [&](disk_file file, auto) {
                                 ++(file == disk_file::log ? log : data);
                             }});
    ASSERT_TRUE(put(*store, "1"));
    ASSERT_TRUE(test::eventually([&] { return data > 0; }));  // the log was moved in the pause
    EXPECT_GT(log, 0);
    EXPECT_EQ(store->stats().data_syncs > 0, true);
}

struct fault_row {
    char const* name;
    disk_action action;
    disk_answer answer;
};

void PrintTo(fault_row const& row, std::ostream* to) {
    *to << row.name;
}

struct SqliteDiskFaults : SqliteStore, ::testing::WithParamInterface<fault_row> {};

INSTANTIATE_TEST_SUITE_P(
    Rows, SqliteDiskFaults,
    ::testing::Values(fault_row{"full", disk_action::write, disk_answer::full},
                      fault_row{"bad_write", disk_action::write, disk_answer::failed},
                      fault_row{"bad_sync", disk_action::sync, disk_answer::failed}),
    [](auto const& row) { return row.param.name; });

// 20-44
TEST_P(SqliteDiskFaults, RefusesWithoutATraceReadsGoOnAndHeals) {
    bad_disk disk;
    disk.action = GetParam().action;
    auto const store = open({.before_disk = disk.hook()});
    ASSERT_TRUE(put(*store, "before"));
    disk.fail(GetParam().answer);
    for (int i = 0; i < 3; ++i) {
        auto const refused = put(*store, "during");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::unavailable);
        EXPECT_EQ(refused.error().reason(), "store_unavailable");
        EXPECT_EQ(refused.error().retry_after(), 1s);
    }
    EXPECT_FALSE(test::run(store->ping()));
    EXPECT_TRUE(test::run(store->find_one(items, by_id("before"))).value());
    EXPECT_EQ(count(*store), 1);
    disk.heal();
    EXPECT_TRUE(put(*store, "after"));
    EXPECT_TRUE(test::run(store->ping()));
    EXPECT_EQ(count(*store), 2);
    store->close();
    EXPECT_EQ(sqlite::check_file(path, {}).value(), sqlite::check_outcome::sound);
}

// Whichever action of a batch fails, the batch is there as a whole or not at all.
TEST_P(SqliteDiskFaults, BatchesAreWholeWhicheverActionFails) {
    bad_disk disk;
    disk.action = GetParam().action;
    auto store = open({.before_disk = disk.hook()});
    ASSERT_TRUE(test::run(store->ensure(others)));
    int written = 0;
    for (int after = 0; after < 12; ++after) {
        auto const id = std::to_string(after);
        json_object large{{"_id", id}, {"text", std::string(20000, 'x')}};
        disk.fail(GetParam().answer, after);
        auto const done =
            test::run(store->commit(batch{}.insert(items, large).insert(others, {{"_id", id}})));
        disk.heal();
        if (done) ++written;
        EXPECT_EQ(count(*store), written) << after;
        EXPECT_EQ(test::run(store->count(others, {})).value(), written) << after;
    }
    EXPECT_GT(disk.refused, 0);
    store.reset();
    auto const again = open();
    EXPECT_EQ(count(*again), written);
}

TEST_F(SqliteDisk, AFullDiskIsNamed) {
    bad_disk disk;
    auto const store = open({.before_disk = disk.hook()});
    disk.fail(disk_answer::full);
    EXPECT_EQ(put(*store, "1").error().detail(), "The disk of the store is full");
}

TEST_F(SqliteDisk, MovingTheLogMayFailForAWhile) {
    bad_disk disk;
    disk.file = disk_file::data;
    auto const store =
        open({.max_log_bytes = 256 * 1024, .log_quiet = 0ms, .before_disk = disk.hook()});
    disk.fail(disk_answer::full);
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(put(*store, std::to_string(i), 20000));
    EXPECT_GT(disk.refused, 0);
    disk.heal();
    ASSERT_TRUE(put(*store, "after"));
    EXPECT_TRUE(test::eventually([&] { return std::filesystem::file_size(path) > 1'000'000; }));
    EXPECT_EQ(count(*store), 51);
}

TEST_F(SqliteDisk, AReadThatFailsIsTriedAgainOnTheNext) {
    bad_disk disk;
    disk.action = disk_action::read;
    disk.file = disk_file::data;
    {
        auto const first = open();
        for (int i = 0; i < 200; ++i)
            ASSERT_TRUE(put(*first, std::to_string(i), 5000));
    }
    auto const store = open({.readers = 1, .before_disk = disk.hook()});
    disk.fail(disk_answer::failed);
    auto const failed = test::run(store->find(items, {}, {}));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), errc::unavailable);
    disk.heal();
    EXPECT_TRUE(test::run(store->find(items, {}, {})));
}

}  // namespace
}  // namespace cxb::store
