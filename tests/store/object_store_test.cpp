// What is the directory engine's own; what all engines keep stands in object_conformance_test.cpp.
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

TEST_F(DirectoryObjectStore, AbandonedWriterLeavesNoFile) {  // 21-24
    {
        auto writer = objects->create("half", 1024).value();
        ASSERT_TRUE(writer->write("half an obj"));
    }
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

TEST_F(DirectoryObjectStore, NoKeyReachesAFileBesideTheStore) {  // 21-23
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

}  // namespace
}  // namespace cxb::store
