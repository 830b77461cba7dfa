#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "cxb/store/directory/directory_object_store.hpp"
#include "support/child_process.hpp"

namespace cxb::store {
namespace {

std::string read_all(object_store& objects, std::string_view key, std::uint64_t offset = 0) {
    auto reader = objects.open(key, offset).value();
    std::string out;
    std::string piece;
    do {
        EXPECT_TRUE(reader->read(piece, 7));
        out += piece;
    } while (!piece.empty());
    return out;
}

struct DirectoryObjectStore : ::testing::Test {
    test::scratch_dir scratch;
    std::unique_ptr<directory_object_store> objects =
        directory_object_store::open_at(scratch / "objects", system_random()).value();

    void put(std::string_view key, std::string_view content) {
        auto writer = objects->create(key, 1024).value();
        ASSERT_TRUE(writer->write(content));
        ASSERT_TRUE(writer->commit());
    }
};

TEST_F(DirectoryObjectStore, ObjectsComeBackWholeAndFromAnyOffset) {
    put("2026/01/02/s1.wav", "0123456789");
    EXPECT_EQ(read_all(*objects, "2026/01/02/s1.wav"), "0123456789");
    EXPECT_EQ(read_all(*objects, "2026/01/02/s1.wav", 8), "89");
    auto const info = objects->stat("2026/01/02/s1.wav").value();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->size, 10U);
    EXPECT_FALSE(objects->stat("2026/01/02/s2.wav").value());
    EXPECT_FALSE(objects->stat("2026/01/02").value());
    EXPECT_EQ(objects->open("nothing", 0).error().code(), errc::not_found);
}

TEST_F(DirectoryObjectStore, ReplacingIsAllOrNothingAndChangesTheEtag) {
    put("k", "old");
    auto const before = objects->stat("k").value()->etag;
    auto reader = objects->open("k", 0).value();
    put("k", "newer");
    std::string piece;
    ASSERT_TRUE(reader->read(piece, 100));
    EXPECT_EQ(piece, "old");  // an open reader keeps what it opened
    EXPECT_EQ(read_all(*objects, "k"), "newer");
    EXPECT_NE(objects->stat("k").value()->etag, before);
}

TEST_F(DirectoryObjectStore, AbandonedWriterLeavesNothing) {  // 21-24
    {
        auto writer = objects->create("half", 1024).value();
        ASSERT_TRUE(writer->write("half an obj"));
    }
    EXPECT_FALSE(objects->stat("half").value());
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "objects/.tmp~"));
    std::ofstream(scratch / "objects/.tmp~/crashed") << "left by a crash";
    objects = directory_object_store::open_at(scratch / "objects", system_random()).value();
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "objects/.tmp~"));
}

TEST_F(DirectoryObjectStore, NoKeyMeetsTheTemporaryFiles) {
    put(".tmp/s1.wav", "kept");
    objects = directory_object_store::open_at(scratch / "objects", system_random()).value();
    EXPECT_EQ(read_all(*objects, ".tmp/s1.wav"), "kept");
    EXPECT_FALSE(is_object_key(".tmp~/crashed"));
}

TEST_F(DirectoryObjectStore, NamesTooLongForTheDiskAreNoKeys) {
    auto const key = "a/" + std::string(300, 'b');
    EXPECT_FALSE(objects->stat(key).value());
    EXPECT_EQ(objects->open(key, 0).error().code(), errc::not_found);
    auto writer = objects->create(key, 10);
    if (writer) EXPECT_EQ((*writer)->commit().error().code(), errc::invalid);
    EXPECT_EQ(objects->create(key + "/c", 10).error().code(), errc::invalid);
    EXPECT_TRUE(objects->remove(key));
}

TEST_F(DirectoryObjectStore, AnObjectThatCannotBeOpenedIsNotAbsent) {
    put("k", "x");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit const none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    auto const opened = objects->open("k", 0);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(opened.error().code(), errc::unavailable);
}

TEST_F(DirectoryObjectStore, LimitStopsTheWriter) {
    auto writer = objects->create("big", 4).value();
    EXPECT_TRUE(writer->write("1234"));
    EXPECT_EQ(writer->write("5").error().code(), errc::too_large);
}

TEST_F(DirectoryObjectStore, KeysNeverLeaveTheStore) {  // 21-23
    std::ofstream(scratch / "secret") << "outside";
    for (char const* key : {"../secret", "a/../../secret", "/etc/passwd", "", "a b", "a\\b", "..",
                            "a/..", "%2e%2e/secret", "a\n"}) {
        EXPECT_FALSE(objects->stat(key)) << key;
        EXPECT_FALSE(objects->open(key, 0)) << key;
        EXPECT_FALSE(objects->create(key, 10)) << key;
        EXPECT_FALSE(objects->remove(key)) << key;
    }
    EXPECT_TRUE(is_object_key("a..b/c!_.*'()-9"));
    EXPECT_FALSE(is_object_key(std::string(513, 'a')));
}

TEST_F(DirectoryObjectStore, RemoveIsRepeatable) {
    put("a/b", "x");
    EXPECT_TRUE(objects->remove("a/b"));
    EXPECT_TRUE(objects->remove("a/b"));
    EXPECT_FALSE(objects->stat("a/b").value());
    EXPECT_TRUE(objects->ping());
}

}  // namespace
}  // namespace cxb::store
