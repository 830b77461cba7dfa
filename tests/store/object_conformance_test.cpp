// What every engine of `object_store` keeps.
#include <gtest/gtest.h>

#include <thread>

#include "cxb/base/limits.hpp"
#include "store/object_stores.hpp"
#include "support/required.hpp"

namespace cxb::store {
namespace {

constexpr std::uint64_t room = 64 * limits::mib;

struct ObjectEngines : ::testing::TestWithParam<test::object_engine> {
    std::unique_ptr<test::object_store_run> run;

    void SetUp() override {
        CXB_SKIP_IF_MISSING(GetParam().missing());
        run = GetParam().open();
    }
    object_store& objects() { return run->objects(); }
    void put(std::string_view key, std::string_view content) {
        auto writer = objects().create(key, room).value();
        ASSERT_TRUE(writer->write(content));
        auto const made = writer->commit();
        ASSERT_TRUE(made) << made.error().to_log_text();
        EXPECT_EQ(made->size, content.size());
    }
    std::string read_all(std::string_view key, std::uint64_t offset = 0, std::size_t at_most = 7) {
        auto opened = objects().open(key, offset);
        if (!opened) {
            ADD_FAILURE() << opened.error().to_log_text();
            return {};
        }
        std::string out;
        std::string piece;
        do {
            EXPECT_TRUE((*opened)->read(piece, at_most));
            EXPECT_LE(piece.size(), at_most);
            out += piece;
        } while (!piece.empty());
        return out;
    }
};

std::string pattern_of(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>(i % 251);
    return out;
}

TEST_P(ObjectEngines, ObjectsComeBackWholeAndFromAnyOffset) {
    put("2026/01/02/s1.wav", "0123456789");
    EXPECT_EQ(read_all("2026/01/02/s1.wav"), "0123456789");
    EXPECT_EQ(read_all("2026/01/02/s1.wav", 8), "89");
    EXPECT_EQ(read_all("2026/01/02/s1.wav", 10), "");
    EXPECT_EQ(read_all("2026/01/02/s1.wav", 1000), "");
    auto const info = objects().stat("2026/01/02/s1.wav").value();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->size, 10U);
    EXPECT_TRUE(info->etag.starts_with('"') && info->etag.ends_with('"')) << info->etag;
    EXPECT_LT(real_clock().now() - info->modified, std::chrono::minutes{5});
    EXPECT_FALSE(objects().stat("2026/01/02/s2.wav").value());
    EXPECT_FALSE(objects().stat("2026/01/02").value());
    EXPECT_EQ(objects().open("nothing", 0).error().code(), errc::not_found);
}

TEST_P(ObjectEngines, ReplacingIsAllOrNothingAndChangesTheEtag) {
    put("k", "old");
    auto const before = objects().stat("k").value()->etag;
    auto reader = objects().open("k", 0).value();
    put("k", "newer");
    std::string piece;
    ASSERT_TRUE(reader->read(piece, 100));
    EXPECT_EQ(piece, "old");  // an open reader keeps what it opened
    EXPECT_EQ(read_all("k"), "newer");
    EXPECT_NE(objects().stat("k").value()->etag, before);
}

TEST_P(ObjectEngines, LargeObjectsPassInPieces) {
    std::string const large = pattern_of(20 * limits::mib + 12345);
    auto writer = objects().create("large", room).value();
    constexpr std::size_t step = 777'777;
    for (std::size_t at = 0; at < large.size(); at += step)
        ASSERT_TRUE(writer->write(std::string_view(large).substr(at, step)));
    EXPECT_FALSE(objects().stat("large").value());  // nothing before the commit
    ASSERT_TRUE(writer->commit());
    EXPECT_EQ(objects().stat("large").value()->size, large.size());
    EXPECT_TRUE(read_all("large", 0, limits::mib) == large);
    std::uint64_t const from = 9 * limits::mib + 1;
    EXPECT_TRUE(read_all("large", from, limits::mib) == large.substr(from));
}

TEST_P(ObjectEngines, AnEmptyObjectIsAnObject) {
    put("nothing.wav", "");
    ASSERT_TRUE(objects().stat("nothing.wav").value());
    EXPECT_EQ(objects().stat("nothing.wav").value()->size, 0U);
    EXPECT_EQ(read_all("nothing.wav"), "");
}

TEST_P(ObjectEngines, AnAbandonedWriterLeavesNothing) {  // 21-24
    for (std::size_t const size : {std::size_t{11}, std::size_t{10} * limits::mib}) {
        auto writer = objects().create("half", room).value();
        ASSERT_TRUE(writer->write(std::string(size, 'x')));
        writer.reset();
        EXPECT_FALSE(objects().stat("half").value());
    }
    put("half", "whole");
    EXPECT_EQ(read_all("half"), "whole");
}

TEST_P(ObjectEngines, LimitStopsTheWriter) {
    auto writer = objects().create("big", 4).value();
    EXPECT_TRUE(writer->write("1234"));
    EXPECT_EQ(writer->write("5").error().code(), errc::too_large);
}

TEST_P(ObjectEngines, KeysNeverLeaveTheStore) {  // 21-23
    for (char const* key : {"../secret", "a/../../secret", "/etc/passwd", "", "a b", "a\\b", "..",
                            "a/..", "%2e%2e/secret", "a\n"}) {
        EXPECT_EQ(objects().stat(key).error().code(), errc::invalid) << key;
        EXPECT_EQ(objects().open(key, 0).error().code(), errc::invalid) << key;
        EXPECT_EQ(objects().create(key, 10).error().code(), errc::invalid) << key;
        EXPECT_EQ(objects().remove(key).error().code(), errc::invalid) << key;
    }
}

TEST_P(ObjectEngines, OddKeysAreKeptApart) {
    for (char const* key : {"a..b/c!_.*'()-9", "a..b/c!_.*'()-8", "A..b/c", ".x/y", "x.y/.z"})
        put(key, key);
    for (char const* key : {"a..b/c!_.*'()-9", "a..b/c!_.*'()-8", "A..b/c", ".x/y", "x.y/.z"})
        EXPECT_EQ(read_all(key), key);
}

TEST_P(ObjectEngines, RemoveIsRepeatable) {
    put("a/b", "x");
    EXPECT_TRUE(objects().remove("a/b"));
    EXPECT_TRUE(objects().remove("a/b"));
    EXPECT_FALSE(objects().stat("a/b").value());
    EXPECT_EQ(objects().open("a/b", 0).error().code(), errc::not_found);
}

TEST_P(ObjectEngines, PingProvesWritingAndLeavesNothing) {
    auto const done = objects().ping();
    EXPECT_TRUE(done) << done.error().to_log_text();
}

TEST_P(ObjectEngines, ManyThreadsUseOneStore) {
    constexpr int threads = 8;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([this, i] {
            std::string const key = "t/" + std::to_string(i);
            std::string const bytes = pattern_of(100'000 + static_cast<std::size_t>(i));
            put(key, bytes);
            EXPECT_TRUE(read_all(key, 0, 65536) == bytes);
            EXPECT_TRUE(objects().remove(key));
        });
    for (auto& each : all)
        each.join();
}

INSTANTIATE_TEST_SUITE_P(Objects, ObjectEngines, ::testing::ValuesIn(test::object_engines()),
                         [](auto const& about) { return about.param.name; });

}  // namespace
}  // namespace cxb::store
