// The embedded store as an operator meets it: its backup, its metrics, a full disk, a damaged file.
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "e2e/installation.hpp"
#include "e2e/small_disk.hpp"

namespace cxb::e2e {
namespace {

using std::chrono::seconds;

class StoreOnDisk : public installation {
  protected:
    [[nodiscard]] std::filesystem::path data() const { return scratch / "data"; }
    [[nodiscard]] test::run_outcome backup(std::filesystem::path const& to) const {
        return test::run_program({binary("cxb-api"), "backup", "--to", to.string(), "--json"},
                                 {{"CXB_DATA_DIR", data().string()}});
    }
    answer stored(http_caller& own, std::string const& bot, int number) {
        auto const id = "disk-" + std::to_string(number);
        return post_result(own, full_result(id, bot));
    }
};

// 20-46
TEST_F(StoreOnDisk, IsCopiedWhileTheApiWrites) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const bot = make_bot();
    std::atomic<bool> stop{false};
    std::atomic<int> acknowledged{0};
    std::thread writing([&] {
        http_caller own;
        for (int i = 0; !stop && i < 2000; ++i)
            if (stored(own, bot, i).status == 200) ++acknowledged;
    });
    EXPECT_TRUE(test::eventually([&] { return acknowledged >= 5; }));
    int const before = acknowledged;
    auto const copy = scratch / "copy.db";
    auto const ran = backup(copy);
    stop = true;
    writing.join();
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    auto const report = parsed_object(ran.output);
    EXPECT_EQ(wire::text_at(report, "file"), copy.string());
    EXPECT_EQ(wire::int_at(report, "bytes"),
              static_cast<std::int64_t>(std::filesystem::file_size(copy)));
    EXPECT_EQ(backup(copy).exit_code, 1);  // replaces nothing

    // Put in place of the store it serves what had been acknowledged.
    kill_api();
    for (auto const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove((data() / "cxb.db").string() + suffix);
    std::filesystem::rename(copy, data() / "cxb.db");
    ASSERT_NO_FATAL_FAILURE(start_api());
    for (int i = 0; i < before; i += std::max(before / 10, 1))
        EXPECT_EQ(wire::text_at(call_of("disk-" + std::to_string(i)), "status"), "completed") << i;
}

TEST(StoreBackupCommand, SaysWhatItNeeds) {
    test::scratch_dir const folder;
    auto const to = (folder / "copy.db").string();
    environment const settings{{"CXB_DATA_DIR", (folder / "data").string()}};
    auto const help = test::run_program({binary("cxb-api"), "backup", "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.output.find("Example: cxb-api backup"), std::string::npos);
    auto const none = test::run_program({binary("cxb-api"), "backup", "--to", to}, settings);
    EXPECT_EQ(none.exit_code, 69) << none.errors;
    auto remote = settings;
    remote["CXB_STORE_URL"] = "mongodb://127.0.0.1:1/";
    auto const elsewhere = test::run_program({binary("cxb-api"), "backup", "--to", to}, remote);
    EXPECT_EQ(elsewhere.exit_code, 1);
    EXPECT_NE(elsewhere.errors.find("mongodump"), std::string::npos) << elsewhere.errors;
    EXPECT_FALSE(std::filesystem::exists(to));
}

TEST_F(StoreOnDisk, CountsItsSyncs) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const metrics = http.call("GET", api_url + "/metrics").text;
    for (auto const* name :
         {"cxb_store_commit_seconds_count", "cxb_store_group_writes_count",
          "cxb_store_sync_seconds_count{file=\"log\"}", "cxb_store_log_syncs_total",
          "cxb_store_data_syncs_total", "cxb_store_writes_total", "cxb_store_queue_depth",
          "cxb_store_log_bytes", "cxb_store_free_bytes"})
        EXPECT_NE(metrics.find(name), std::string::npos) << name;
    EXPECT_EQ(metrics.find("cxb_store_log_syncs_total 0\n"), std::string::npos);
}

// 20-45
TEST_F(StoreOnDisk, ADamagedFileStopsTheStart) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    make_bot();
    kill_api();
    auto const file = data() / "cxb.db";
    // What only the log holds goes into the file, as it does at the next opening.
    ASSERT_EQ(backup(scratch / "copy.db").exit_code, 0);
    auto const size = std::filesystem::file_size(file);
    ASSERT_GT(size, 16384U);
    {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(static_cast<std::streamoff>(size / 2 / 4096 * 4096));
        out << std::string(8192, '\x5a');
    }
    auto const ran = test::run_program({binary("cxb-api"), "serve"},
                                       {{"CXB_DATA_DIR", data().string()}, {"CXB_HTTP_PORT", "0"}});
    EXPECT_EQ(ran.exit_code, 65) << ran.errors;
    EXPECT_NE(ran.errors.find("put a backup in its place"), std::string::npos) << ran.errors;
    EXPECT_EQ(backup(scratch / "copy2.db").exit_code, 65);
}

// 20-44
TEST_F(StoreOnDisk, AFullDiskIs503UntilThereIsSpace) {
    small_disk const disk(data());
    ASSERT_TRUE(disk.there()) << "no small disk can be mounted here: " << disk.why();
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const bot = make_bot();
    ASSERT_EQ(stored(http, bot, 0).status, 200);
    disk.fill();
    // Until the space the store has already is used up, it goes on.
    answer refused;
    int written = 1;
    for (; written < 3000; ++written) {
        refused = stored(http, bot, written);
        if (refused.status != 200) break;
    }
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(wire::text_at(refused.body, "code"), "store_unavailable");
    EXPECT_FALSE(refused.headers.get("Retry-After").empty());
    auto const ready = http.call("GET", api_url + "/ready");
    EXPECT_EQ(ready.status, 503);
    EXPECT_NE(ready.text.find("The disk of the store is full"), std::string::npos) << ready.text;
    EXPECT_EQ(http.call("GET", api_url + "/health").status, 200);
    EXPECT_EQ(wire::text_at(call_of("disk-0"), "status"), "completed");
    disk.make_room();
    EXPECT_TRUE(test::eventually([&] { return stored(http, bot, written).status == 200; }));
    EXPECT_EQ(http.call("GET", api_url + "/ready").status, 200);
    kill_api();  // before the disk goes
}

}  // namespace
}  // namespace cxb::e2e
