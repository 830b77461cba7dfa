#include "cxb/worker/outbox_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cxb/base/crypto.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::worker;
using namespace std::chrono_literals;
using cxb_test::files_in;
using cxb_test::read_file;
using cxb_test::write_file;

constexpr time_point t0{std::chrono::milliseconds{1'767'323'045'678}};

outbox_directory::options quick() {
    outbox_directory::options out;
    out.lock_wait = 0ms;
    return out;
}

outbox_header header(std::string id, time_point created = t0) {
    outbox_header out;
    out.id = std::move(id);
    out.session_id = "s-" + out.id;
    out.url = "http://api/api/v1/call-results";
    out.created_at = created;
    out.expires_at = created + lifetime_of(out.kind);
    return out;
}

struct OutboxDirectory : ::testing::Test {
    cxb_test::scratch_folder temp;
    std::filesystem::path const folder = temp.path() / "outbox" / "w1";
};

TEST_F(OutboxDirectory, LayoutModesAndEntryFormAreAsSpecified) {
    auto opened = outbox_directory::open(folder, quick());
    ASSERT_TRUE(opened);
    for (auto const* part : {"tmp", "new", "dead", "calls"}) {
        struct stat info{};
        ASSERT_EQ(::stat((folder / part).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0700U);
    }
    auto const put = opened->put(header("r1"), R"({"session_id":"s-r1"})");
    ASSERT_TRUE(put);
    EXPECT_EQ(put->name, "1767323045678-r1.entry");
    EXPECT_TRUE(files_in(folder / "tmp").empty());
    struct stat info{};
    ASSERT_EQ(::stat((folder / "new" / put->name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    std::string const body = R"({"session_id":"s-r1"})";
    EXPECT_EQ(read_file(folder / "new" / put->name),
              R"({"v":1,"class":"result","id":"r1","session_id":"s-r1",)"
              R"("url":"http://api/api/v1/call-results","created_at":"2026-01-02T03:04:05.678Z",)"
              R"("expires_at":"2026-01-09T03:04:05.678Z","length":21,"sha256":")" +
                  sha256_hex(body) + "\"}\n" + body);
    auto const loaded = opened->load(put->name);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->header.session_id, "s-r1");
    EXPECT_EQ(*opened->body(put->name), body);
    ASSERT_TRUE(opened->remove(put->name));
    ASSERT_TRUE(opened->remove(put->name));
    EXPECT_EQ(opened->body(put->name).error().code(), errc::not_found);
}

TEST_F(OutboxDirectory, BodyIsKeptByteForByte) {
    auto opened = outbox_directory::open(folder, quick());
    std::string const body = std::string("a\nb\0c", 5) + std::string(200000, 'x');
    auto const put = opened->put(header("r"), body);
    ASSERT_TRUE(put);
    EXPECT_EQ(*opened->body(put->name), body);
}

TEST_F(OutboxDirectory, IdsThatAreNoFileNamesAreRefused) {
    auto opened = outbox_directory::open(folder, quick());
    for (std::string const id : {"", "../x", "a/b", ".hidden", "a b"}) {
        auto const put = opened->put(header(id), "{}");
        ASSERT_FALSE(put) << id;
        EXPECT_EQ(put.error().code(), errc::invalid);
    }
    EXPECT_FALSE(opened->put(header(std::string(129, 'a')), "{}"));
}

// 10-35: a second owner of one folder is refused.
TEST_F(OutboxDirectory, SecondOwnerIsRefused) {
    {
        auto first = outbox_directory::open(folder, quick());
        ASSERT_TRUE(first);
        auto second = outbox_directory::open(folder, quick());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code(), errc::conflict);
        EXPECT_EQ(second.error().reason(), "outbox_locked");
        outbox_directory const moved = *std::move(first);
        EXPECT_FALSE(outbox_directory::open(folder, quick()));
    }
    EXPECT_TRUE(outbox_directory::open(folder, quick()));
}

TEST_F(OutboxDirectory, FolderThatCannotBeMadeIsUnavailable) {
    write_file(temp.path() / "outbox", "a file");
    auto const opened = outbox_directory::open(folder, quick());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), errc::unavailable);
}

// 10-31: the power goes before each step of a put; afterwards there is the whole entry or nothing.
TEST_F(OutboxDirectory, PowerCutLeavesAllOrNothing) {
    constexpr disk_step steps[] = {disk_step::create, disk_step::write, disk_step::sync_file,
                                   disk_step::rename, disk_step::sync_directory};
    for (auto const cut : steps) {
        auto const place = temp.path() / ("cut" + std::to_string(static_cast<int>(cut)));
        {
            auto settings = quick();
            settings.keep_partial = true;
            settings.gate = [cut](disk_step step) -> result<void> {
                if (step == cut) return error{errc::unavailable, "power"};
                return {};
            };
            auto dying = outbox_directory::open(place, settings);
            EXPECT_FALSE(dying->put(header("r1"), "{\"a\":1}"));
            // What was never synced may be lost: only a prefix is left of it.
            for (auto const& name : files_in(place / "tmp"))
                if (cut == disk_step::sync_file)
                    std::filesystem::resize_file(place / "tmp" / name, 3);
        }
        auto again = outbox_directory::open(place, quick());
        ASSERT_TRUE(again);
        EXPECT_TRUE(files_in(place / "tmp").empty());
        auto const names = again->names();
        EXPECT_EQ(names.size(), cut == disk_step::sync_directory ? 1U : 0U);
        for (auto const& name : names)
            EXPECT_EQ(*again->body(name), "{\"a\":1}");
    }
}

TEST_F(OutboxDirectory, DiskErrorLeavesNoTemporaryFile) {
    auto settings = quick();
    bool broken = true;
    settings.gate = [&](disk_step step) -> result<void> {
        if (broken && step == disk_step::rename) return error{errc::unavailable, "full"};
        return {};
    };
    auto opened = outbox_directory::open(folder, settings);
    auto const put = opened->put(header("r1"), "{}");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().code(), errc::unavailable);
    EXPECT_TRUE(files_in(folder / "tmp").empty());
    broken = false;
    EXPECT_TRUE(opened->put(header("r1"), "{}"));
}

TEST_F(OutboxDirectory, DamagedEntriesAreTold) {
    auto opened = outbox_directory::open(folder, quick());
    auto const name = opened->put(header("r1"), "{\"abc\":1}")->name;
    auto const path = folder / "new" / name;
    auto const good = read_file(path);
    auto const expect_corrupt = [&](std::string const& bytes, std::string const& why) {
        write_file(path, bytes);
        auto const loaded = opened->load(name);
        ASSERT_FALSE(loaded) << why;
        EXPECT_EQ(loaded.error().code(), errc::corrupt_data);
        EXPECT_EQ(loaded.error().detail(), why);
    };
    auto swapped = [&](std::string const& from, std::string const& to) {
        auto out = good;
        out.replace(out.find(from), from.size(), to);
        return out;
    };
    expect_corrupt("", "no header line");
    expect_corrupt(good + "x", "length differs");
    expect_corrupt(swapped("\"abc\"", "\"abd\""), "sha256 differs");
    expect_corrupt("nonsense\n", "header is not JSON");
    expect_corrupt(swapped("\"v\":1", "\"v\":2"), "unknown version");
    expect_corrupt(swapped("\"result\"", "\"resul?\""), "unknown class");
    expect_corrupt(swapped("\"id\":\"r1\"", "\"id\":\"r/\""), "bad id or url");
    expect_corrupt(swapped("2026-01-02", "2026-13-02"), "bad created_at");
    write_file(path, good);
    EXPECT_TRUE(opened->load(name));
    write_file(folder / "new" / "odd-name", good);
    EXPECT_EQ(opened->load("odd-name").error().detail(), "bad file name");
}

TEST_F(OutboxDirectory, DeadEntriesAreListedRetriedAndDropped) {
    auto opened = outbox_directory::open(folder, quick());
    for (auto const* id : {"r1", "r2"}) {
        auto const put = opened->put(header(id), "{}");
        ASSERT_TRUE(opened->bury(put->name, {"refused", 422, "Bad", {"/x: wrong"}, t0 + 1s}));
    }
    EXPECT_TRUE(opened->names().empty());
    auto const name = std::string("1767323045678-r1.entry");
    EXPECT_EQ(read_file(folder / "dead" / (name + ".reason.json")),
              R"({"reason":"refused","status":422,"detail":"Bad","errors":["/x: wrong"],)"
              R"("at":"2026-01-02T03:04:06.678Z"})");
    auto const dead = list_dead(folder);
    ASSERT_EQ(dead.size(), 2U);
    EXPECT_EQ(dead[0].name, name);
    EXPECT_EQ(dead[0].header->session_id, "s-r1");
    EXPECT_EQ(dead[0].death.status, 422);
    EXPECT_EQ(dead[0].death.errors, std::vector<std::string>{"/x: wrong"});

    ASSERT_TRUE(retry_dead(folder, name, t0 + 24h));
    auto const back = opened->load(name);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->header.expires_at, t0 + 24h + lifetime_of(outbox_class::result));
    EXPECT_EQ(back->header.created_at, t0);
    ASSERT_TRUE(drop_dead(folder, "1767323045678-r2.entry"));
    EXPECT_TRUE(files_in(folder / "dead").empty());
    EXPECT_EQ(drop_dead(folder, name).error().code(), errc::not_found);
    EXPECT_EQ(retry_dead(folder, "../new/" + name, t0).error().code(), errc::not_found);
}

TEST_F(OutboxDirectory, CorruptDeadEntryCannotBeRetriedButIsListed) {
    auto opened = outbox_directory::open(folder, quick());
    auto const name = opened->put(header("r1"), "{}")->name;
    write_file(folder / "new" / name, "junk");
    ASSERT_TRUE(opened->bury(name, {"corrupt", 0, "no header line", {}, t0}));
    EXPECT_EQ(retry_dead(folder, name, t0).error().code(), errc::corrupt_data);
    ASSERT_EQ(list_dead(folder).size(), 1U);
    EXPECT_FALSE(list_dead(folder)[0].header);
}

TEST_F(OutboxDirectory, DeadEntriesGoAfterThirtyDays) {
    auto opened = outbox_directory::open(folder, quick());
    auto const name = opened->put(header("r1"), "{}")->name;
    ASSERT_TRUE(opened->bury(name, {"refused", 422, "", {}, t0}));
    EXPECT_EQ(purge_dead(folder, t0 + 30 * 24h - 1ms), 0U);
    EXPECT_EQ(purge_dead(folder, t0 + 30 * 24h), 1U);
    EXPECT_TRUE(files_in(folder / "dead").empty());
}

TEST_F(OutboxDirectory, JournalIsReplacedAndReadBack) {
    auto opened = outbox_directory::open(folder, quick());
    call_journal journal;
    journal.call_id = "c/1";
    journal.campaign_session_id = "camp";
    journal.results_url = "http://api/api/v1/call-results";
    journal.started_at = t0;
    ASSERT_TRUE(opened->put_journal(journal));
    journal.session_id = "s1";
    journal.webhook_url = "http://api/hook";
    journal.more["recording_key"] = "a/b.wav";
    ASSERT_TRUE(opened->put_journal(journal));
    write_file(folder / "calls" / "broken.json", "{");
    auto const read = opened->journals();
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].call_id, "c/1");
    EXPECT_EQ(read[0].session_id, "s1");
    EXPECT_EQ(read[0].campaign_session_id, "camp");
    EXPECT_EQ(read[0].webhook_url, "http://api/hook");
    EXPECT_EQ(read[0].started_at, t0);
    EXPECT_EQ(wire::text_at(read[0].more, "recording_key"), "a/b.wav");
    EXPECT_EQ(opened->corrupt_journals(), std::vector<std::string>{"broken.json"});
    ASSERT_TRUE(opened->bury_journal("broken.json", {"corrupt", 0, "damaged", {}, t0}));
    EXPECT_EQ(files_in(folder / "calls").size(), 1U);
    EXPECT_EQ(files_in(folder / "dead"),
              (std::vector<std::string>{"broken.json.entry", "broken.json.entry.reason.json"}));
    ASSERT_TRUE(opened->remove_journal("c/1"));
    EXPECT_TRUE(opened->journals().empty());
}

TEST_F(OutboxDirectory, FailedSecondJournalKeepsTheFirst) {
    auto settings = quick();
    int syncs = 0;
    settings.gate = [&](disk_step step) -> result<void> {
        if (step == disk_step::sync_file && ++syncs == 2) return error{errc::unavailable, "full"};
        return {};
    };
    auto opened = outbox_directory::open(folder, settings);
    call_journal journal;
    journal.call_id = "c1";
    journal.started_at = t0;
    ASSERT_TRUE(opened->put_journal(journal));
    journal.session_id = "s1";
    EXPECT_FALSE(opened->put_journal(journal));
    ASSERT_EQ(opened->journals().size(), 1U);
    EXPECT_EQ(opened->journals()[0].session_id, "");
}

TEST_F(OutboxDirectory, AdoptTakesOnlyFromTheDead) {
    auto const other = temp.path() / "outbox" / "w2";
    auto mine = outbox_directory::open(folder, quick());
    {
        auto theirs = outbox_directory::open(other, quick());
        ASSERT_TRUE(theirs->put(header("r9"), "{}"));
        call_journal journal;
        journal.call_id = "c9";
        journal.started_at = t0;
        ASSERT_TRUE(theirs->put_journal(journal));
        EXPECT_TRUE(mine->adopt(other)->empty());
        EXPECT_TRUE(mine->names().empty());
    }
    auto const taken = mine->adopt(other);
    ASSERT_TRUE(taken);
    ASSERT_EQ(taken->size(), 1U);
    EXPECT_EQ(taken->front().call_id, "c9");
    EXPECT_EQ(mine->names().size(), 1U);
    EXPECT_TRUE(files_in(other / "new").empty());
    EXPECT_TRUE(mine->adopt(folder)->empty());
    EXPECT_TRUE(mine->adopt(temp.path())->empty());
    EXPECT_TRUE(mine->has_session("s-r9"));
    EXPECT_FALSE(mine->has_session("s-r1"));
}

}  // namespace
