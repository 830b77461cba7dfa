// Unique keys that batches change on a server without transactions.
#include <atomic>

#include "store/mongo/protocol_kit.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;

TEST_F(MongoProtocol, NobodyTakesAKeyThatABatchMayGiveBack) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","name":"old","owner":{"id":"a","x":1},"kind":"agent"})"});
    EXPECT_THROW(
        (void)test::run(open(dying())->commit(
            batch{}
                .update_one(items, by_id("1"),
                            update{}.set("name", "new").set("owner.id", "b").set("kind", "parent"))
                .insert(others, {{"_id", "o"}}))),
        killed);
    // Both wait for the end of the lease; then the batch has never been.
    auto const old_key = test::run(store->insert(items, {{"_id", "2"}, {"name", "old"}}));
    ASSERT_FALSE(old_key);
    EXPECT_EQ(old_key.error().code(), errc::conflict);
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "3"}, {"name", "new"}})));
    auto const partial = test::run(store->insert(
        items, {{"_id", "4"}, {"owner", json_object{{"id", "a"}}}, {"kind", "agent"}}));
    ASSERT_FALSE(partial);
    EXPECT_EQ(text_of(*store, items, "1"),
              R"({"_id":"1","name":"old","owner":{"id":"a","x":1},"kind":"agent"})");
}

TEST_F(MongoProtocol, ReadersSeeKeysAsTheyWereUntilTheDecision) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","name":"old","n":1})", R"({"_id":"2","n":2})"});
    std::atomic<int> looks{0};
    mongo_options options;
    options.on_step = [&](std::string_view step) {
        if (step != "decide") return;
        ++looks;
        EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","name":"old","n":1})");
        EXPECT_EQ(
            test::run(store->find_one(items, all_of({gte("n", 0)}), {{"n"}})).value()->at("_id"),
            "1");
        EXPECT_EQ(test::run(store->count(items, all_of({lte("n", 1)}))).value(), 1);
    };
    auto const moving = open(options);
    auto const moved = test::run(
        moving->commit(batch{}
                           .update_one(items, by_id("1"), update{}.set("name", "new").set("n", 9))
                           .update_one(items, by_id("2"), update{}.set("name", "fresh"))));
    EXPECT_TRUE(moved.value().applied);
    EXPECT_EQ(looks, 1);
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","name":"new","n":9})");
    EXPECT_EQ(text_of(*store, items, "2"), R"({"_id":"2","n":2,"name":"fresh"})");
}

TEST_F(MongoProtocol, ReadsByKeysWaitForABatchThatChangesKeys) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","name":"old"})", R"({"_id":"2","n":1})"});
    EXPECT_THROW((void)test::run(open(dying())->commit(
                     batch{}
                         .update_one(items, by_id("1"), update{}.set("name", "new"))
                         .update_one(items, by_id("2"), update{}.set("name", "fresh")))),
                 killed);
    EXPECT_EQ(test::run(store->count(items, all_of({missing("name")}))).value(), 1);
    EXPECT_EQ(test::run(store->group(items, {}, {"name"})).value().size(), 2U);
    EXPECT_FALSE(test::run(store->find_one(items, all_of({eq("name", "fresh")}))).value());
}

TEST_F(MongoProtocol, KeysPassFromDocumentToDocumentInTheOrderOfTheBatch) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","name":"a"})", R"({"_id":"2","name":"b"})",
                        R"({"_id":"3","name":"c"})"});
    auto const passed =
        test::run(store->commit(batch{}
                                    .remove_one(items, by_id("3"))
                                    .update_one(items, by_id("2"), update{}.set("name", "c"))
                                    .update_one(items, by_id("1"), update{}.set("name", "b"))));
    EXPECT_TRUE(passed.value().applied);
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","name":"b"})");
    EXPECT_EQ(text_of(*store, items, "2"), R"({"_id":"2","name":"c"})");
    EXPECT_EQ(text_of(*store, items, "3"), "-");
}

TEST_F(MongoProtocol, AKeyMayComeWhereATextStood) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","owner":"text","kind":"agent"})"});
    auto const writes = [] {
        return batch{}
            .update_one(items, by_id("1"), update{}.set("owner.id", "a"))
            .insert(others, {{"_id", "o"}});
    };
    EXPECT_THROW((void)test::run(open(dying())->commit(writes())), killed);
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","owner":"text","kind":"agent"})");
    EXPECT_TRUE(test::run(store->commit(writes())).value().applied);
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","owner":{"id":"a"},"kind":"agent"})");
}

TEST_F(MongoProtocol, AKeyLostWhileItPassedOnHoldsOnlyItsDocument) {
    auto const store = open();
    insert_all(*store, {R"({"_id":"1","name":"k","n":1})"});
    std::atomic<int> places{0};
    mongo_options options;
    options.deadline = 2s;
    options.on_step = [&](std::string_view step) {
        // Between letting go and taking, somebody else takes the key.
        if (step == "place" && ++places == 2)
            EXPECT_TRUE(test::run(store->insert(items, {{"_id", "thief"}, {"name", "k"}})));
    };
    auto const passing = open(options);
    auto const lost = test::run(passing->commit(
        batch{}.remove_one(items, by_id("1")).insert(items, {{"_id", "2"}, {"name", "k"}})));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code(), errc::unavailable);
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","name":"k","n":1})");
    EXPECT_EQ(text_of(*store, items, "2"), "-");
    // Everything else goes on meanwhile.
    EXPECT_TRUE(test::run(store->ensure(items)));
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "3"}, {"name", "free"}})));
    EXPECT_FALSE(test::run(store->insert(items, {{"_id", "4"}, {"name", "k"}})));
    EXPECT_EQ(test::run(store->count(items, all_of({eq("name", "free")}))).value(), 1);
    ASSERT_TRUE(test::run(store->remove(items, by_id("thief"))));
    EXPECT_TRUE(test::run(store->update_one(items, by_id("1"), update{}.inc("n", 1))).value());
    EXPECT_EQ(text_of(*store, items, "1"), R"({"_id":"1","name":"k","n":2})");
}

}  // namespace
}  // namespace cxb::store
