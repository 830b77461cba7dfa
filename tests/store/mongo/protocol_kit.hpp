#pragma once
/// @file
/// What tests of batches without transactions share.

#include <chrono>

#include "store/mongo/mongo_engines.hpp"

namespace cxb::store {

/// What a killed process looks like to the others.
struct killed {};

class MongoProtocol : public ::testing::Test {
  protected:
    test::scratch_dir folder;

    void SetUp() override { CXB_SKIP_IF_MISSING(test::missing_for_mongo_server()); }

    std::unique_ptr<mongo_document_store> open(mongo_options options = {}) {
        options.batch_lease = std::chrono::milliseconds{200};
        auto opened = open_on_test_server(folder.path(), std::move(options));
        EXPECT_FALSE(opened->transactions());
        EXPECT_TRUE(test::run(opened->ensure(items)));
        EXPECT_TRUE(test::run(opened->ensure(others)));
        return opened;
    }
};

inline std::string text_of(document_store& store, collection const& from, std::string_view id) {
    auto const found = test::run(store.find_one(from, by_id(id))).value();
    return found ? wire::to_text(*found) : "-";
}

inline void insert_all(document_store& store, std::vector<std::string> const& texts) {
    for (auto const& text : texts)
        ASSERT_TRUE(test::run(store.insert(items, wire::parse_json(text).value().get_object())));
}

/// Stops each batch before its decision, as a killed process would.
inline mongo_options dying() {
    mongo_options options;
    options.on_step = [](std::string_view step) {
        if (step == "decide") throw killed{};
    };
    return options;
}

}  // namespace cxb::store
