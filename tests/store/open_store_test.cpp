// A URL chooses the engine.
#include "cxb/store/open/open_document_store.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "store/conformance.hpp"

namespace cxb::store {
namespace {

TEST(OpenStore, APathIsTheEmbeddedEngine) {
    test::scratch_dir const folder;
    std::atomic<int> commits{0};
    auto opened = open_document_store(
        {"sqlite:" + (folder.path() / "a.db").string(), "", [&](auto) { ++commits; }});
    ASSERT_TRUE(opened) << opened.error().to_log_text();
    ASSERT_TRUE(test::run(opened->store->ensure(items)));
    ASSERT_TRUE(test::run(opened->store->insert(items, {{"_id", "1"}})));
    EXPECT_GT(commits, 0);
    EXPECT_FALSE(opened->measures().empty());
}

TEST(OpenStore, AnotherSchemeIsInvalid) {
    for (auto const* url : {"", "postgres://someone:pass-word@host/db", "sqlite", "mongodb:"}) {
        auto const opened = open_document_store({url, "", {}});
        ASSERT_FALSE(opened) << url;
        EXPECT_EQ(opened.error().code(), errc::invalid);
        EXPECT_EQ(opened.error().to_log_text().find("pass-word"), std::string::npos);
    }
}

}  // namespace
}  // namespace cxb::store
