#include "store/conformance.hpp"

namespace cxb::store {
namespace {

class ConformanceCrud : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        use(items);
        use(others);
    }
};

INSTANTIATE_TEST_SUITE_P(Engines, ConformanceCrud, ::testing::ValuesIn(engines()),
                         [](auto const& row) { return row.param.name; });

TEST_P(ConformanceCrud, InsertedDocumentsComeBackUnchanged) {
    auto const text =
        R"({"_id":"1","name":"ä\"ब","n":-7,"r":1.5,"flag":true,"at":"2026-01-02T03:04:05.678Z",)"
        R"("owner":{"id":"o","more":[1,2.5,null,{"x":""}]},"big":18446744073709551615})";
    insert(items, text);
    EXPECT_EQ(text_of(items, "1"), text);
    EXPECT_EQ(text_of(items, "2"), "");
}

TEST_P(ConformanceCrud, MissingIdIsMadeAndNonTextIsRefused) {
    insert(items, R"({"name":"x"})");
    auto const found = test::run(store().find_one(items, all_of({eq("name", "x")}))).value();
    EXPECT_EQ(wire::text_at(*found, "_id").size(), 24U);
    EXPECT_THROW((void)test::run(store().insert(items, {{"_id", 5}})), std::logic_error);
    EXPECT_THROW((void)test::run(store().insert(items, {{"_id", ""}})), std::logic_error);
}

TEST_P(ConformanceCrud, TakenKeysAreConflictsThatNameTheirFields) {
    insert(items, R"({"_id":"1","name":"x"})");
    auto const same_id = test::run(store().insert(items, {{"_id", "1"}, {"name", "y"}}));
    ASSERT_FALSE(same_id);
    EXPECT_EQ(same_id.error().code(), errc::conflict);
    EXPECT_EQ(same_id.error().reason(), "duplicate_key");
    EXPECT_EQ(same_id.error().pointer(), "_id");
    auto const same_name = test::run(store().insert(items, {{"_id", "2"}, {"name", "x"}}));
    ASSERT_FALSE(same_name);
    EXPECT_EQ(same_name.error().pointer(), "name");
    insert(items, R"({"_id":"3","name":"z"})");
    auto const by_update =
        test::run(store().update_one(items, by_id("3"), update{}.set("name", "x")));
    ASSERT_FALSE(by_update);
    EXPECT_EQ(by_update.error().reason(), "duplicate_key");
    EXPECT_EQ(text_of(items, "3"), R"({"_id":"3","name":"z"})");
}

TEST_P(ConformanceCrud, UniqueKeysSkipDocumentsWithoutTheField) {
    insert(items, R"({"_id":"1"})");
    insert(items, R"({"_id":"2","name":null})");
    insert(items, R"({"_id":"3","name":7})");
    EXPECT_EQ(ids(items), (words{"1", "2", "3"}));
}

TEST_P(ConformanceCrud, PartialUniqueKeysCoverOnlyTheirDocuments) {
    insert(items, R"({"_id":"1","kind":"agent","owner":{"id":"a"}})");
    insert(items, R"({"_id":"2","kind":"bot","owner":{"id":"a"}})");
    insert(items, R"({"_id":"3","kind":"bot","owner":{"id":"a"}})");
    auto const taken = test::run(
        store().insert(items, {{"_id", "4"}, {"kind", "agent"}, {"owner", {{"id", "a"}}}}));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().pointer(), "owner.id,kind");
    auto const becomes =
        test::run(store().update_one(items, by_id("2"), update{}.set("kind", "agent")));
    EXPECT_FALSE(becomes);
    EXPECT_EQ(ids(items, all_of({eq("kind", "agent"), eq("owner.id", "a")})), words{"1"});
}

TEST_P(ConformanceCrud, UpdateOneChangesOneDocument) {
    insert(items, R"({"_id":"1","n":1})");
    EXPECT_TRUE(
        test::run(store().update_one(items, by_id("1"), update{}.inc("n", 2).set("name", "x")))
            .value());
    EXPECT_EQ(text_of(items, "1"), R"({"_id":"1","n":3,"name":"x"})");
    EXPECT_EQ(ids(items, all_of({eq("n", 3), eq("name", "x")})), words{"1"});
    EXPECT_TRUE(test::run(store().update_one(items, by_id("1"), update{}.set("n", 3))).value());
    EXPECT_FALSE(test::run(store().update_one(items, by_id("9"), update{}.set("n", 3))).value());
}

TEST_P(ConformanceCrud, UpdateNeverChangesTheId) {
    insert(items, R"({"_id":"1"})");
    EXPECT_THROW((void)test::run(store().update_one(items, by_id("1"), update{}.set("_id", "2"))),
                 std::logic_error);
    EXPECT_THROW((void)test::run(store().update_one(items, by_id("1"), update{}.unset("_id"))),
                 std::logic_error);
    EXPECT_THROW(
        (void)test::run(store().update_one(items, by_id("3"), update{}.set("_id", "4"), true)),
        std::logic_error);
    EXPECT_EQ(ids(items), words{"1"});
}

TEST_P(ConformanceCrud, UpsertInsertsFromEqualitiesAndChanges) {
    auto const where = all_of({eq("name", "x"), eq("owner.id", "o"), gt("n", 5)});
    auto const changes = update{}.set_on_insert("at", "2026-01-01T00:00:00.000Z").inc("n", 9);
    EXPECT_TRUE(test::run(store().update_one(items, where, changes, true)).value());
    auto const made = test::run(store().find_one(items, all_of({eq("name", "x")}))).value();
    ASSERT_TRUE(made);
    EXPECT_EQ(wire::text_at(*made, "owner.id"), "o");
    EXPECT_EQ(wire::int_at(*made, "n"), 9);
    EXPECT_EQ(wire::text_at(*made, "_id").size(), 24U);
    EXPECT_TRUE(test::run(store().update_one(items, where, changes, true)).value());
    EXPECT_EQ(test::run(store().count(items, {})).value(), 1);
    EXPECT_EQ(ids(items, all_of({eq("n", 18)})).size(), 1U);
    EXPECT_TRUE(test::run(store().update_one(items, by_id("i"), update{}.set("n", 1), true)));
    EXPECT_EQ(text_of(items, "i"), R"({"_id":"i","n":1})");
}

TEST_P(ConformanceCrud, UpsertThatMeetsATakenKeyIsAConflict) {
    insert(items, R"({"_id":"1","name":"x","n":1})");
    auto const done = test::run(store().update_one(items, all_of({eq("name", "x"), eq("n", 2)}),
                                                   update{}.set("flag", true), true));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason(), "duplicate_key");
}

TEST_P(ConformanceCrud, FindOneAndUpdateTakesTheFirstInOrder) {
    insert(items, R"({"_id":"1","n":3})");
    insert(items, R"({"_id":"2","n":1})");
    insert(items, R"({"_id":"3","n":2})");
    auto const lowest = test::run(store().find_one_and_update(
        items, all_of({exists("n")}), update{}.set("flag", true), {{"n", false}}));
    EXPECT_EQ(wire::to_text(*lowest.value()), R"({"_id":"2","n":1,"flag":true})");
    auto const highest =
        test::run(store().find_one_and_update(items, {}, update{}.unset("n"), {{"n", true}}));
    EXPECT_EQ(wire::to_text(*highest.value()), R"({"_id":"1"})");
    EXPECT_FALSE(
        test::run(store().find_one_and_update(items, by_id("9"), update{}.set("n", 1))).value());
    auto const made =
        test::run(store().find_one_and_update(items, by_id("9"), update{}.set("n", 1), {}, true));
    EXPECT_EQ(wire::to_text(*made.value()), R"({"_id":"9","n":1})");
}

TEST_P(ConformanceCrud, UpdateManyCountsWhatDiffers) {
    for (auto const* id : {"1", "2", "3"})
        insert(items, R"({"_id":")" + std::string(id) + R"(","n":1})");
    ASSERT_TRUE(test::run(store().update_one(items, by_id("3"), update{}.set("flag", true))));
    auto const changed =
        test::run(store().update_many(items, all_of({eq("n", 1)}), update{}.set("flag", true)));
    EXPECT_EQ(changed.value(), 2);
    // The change may move documents out of the filter it works through.
    EXPECT_EQ(
        test::run(store().update_many(items, all_of({eq("n", 1)}), update{}.inc("n", 1))).value(),
        3);
    EXPECT_TRUE(ids(items, all_of({eq("n", 1)})).empty());
}

TEST_P(ConformanceCrud, RemoveHonoursItsLimit) {
    for (int i = 0; i < 5; ++i)
        insert(items, R"({"n":1})");
    EXPECT_EQ(test::run(store().remove(items, all_of({eq("n", 1)}), 2)).value(), 2);
    EXPECT_EQ(test::run(store().remove(items, all_of({eq("n", 2)}))).value(), 0);
    EXPECT_EQ(test::run(store().remove(items, {})).value(), 3);
}

TEST_P(ConformanceCrud, BulkInsertIsAllOrNothing) {
    std::vector<json_object> many;
    for (int i = 0; i < 100; ++i)
        many.push_back({{"_id", std::to_string(i)}, {"n", i}});
    EXPECT_TRUE(test::run(store().bulk_insert(items, many)));
    EXPECT_EQ(test::run(store().count(items, {})).value(), 100);
    many = {{{"_id", "a"}}, {{"_id", "5"}}};
    EXPECT_FALSE(test::run(store().bulk_insert(items, many)));
    EXPECT_EQ(text_of(items, "a"), "");
}

TEST_P(ConformanceCrud, LargeDocumentsSurviveReopening) {
    json_object large{{"_id", "big"}, {"name", "x"}};
    large["text"] = std::string(8 * 1024 * 1024, 'x');
    ASSERT_TRUE(test::run(store().insert(items, large)));
    ASSERT_TRUE(test::run(store().update_one(items, by_id("big"), update{}.set("n", 1))));
    reopen();
    auto const found = test::run(store().find_one(items, all_of({eq("n", 1)}))).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(wire::text_at(*found, "text").size(), 8U * 1024 * 1024);
}

TEST_P(ConformanceCrud, UndeclaredFieldsAreProgrammingErrors) {
    auto const wrong = all_of({eq("nope", 1)});
    EXPECT_THROW((void)test::run(store().find_one(items, wrong)), std::logic_error);
    EXPECT_THROW((void)test::run(store().find(items, wrong)), std::logic_error);
    EXPECT_THROW((void)test::run(store().find(items, {}, {{{"nope", false}}})), std::logic_error);
    EXPECT_THROW((void)test::run(store().count(items, any_of({wrong}))), std::logic_error);
    EXPECT_THROW((void)test::run(store().group(items, {}, {"nope"})), std::logic_error);
    EXPECT_THROW((void)test::run(store().group(items, {}, {}, {"nope"})), std::logic_error);
    EXPECT_THROW((void)test::run(store().update_one(items, wrong, update{}.set("n", 1))),
                 std::logic_error);
    EXPECT_THROW((void)test::run(store().remove(items, wrong)), std::logic_error);
    EXPECT_THROW((void)test::run(store().commit(batch{}.remove_one(items, wrong))),
                 std::logic_error);
}

TEST_P(ConformanceCrud, PingAndClose) {
    EXPECT_TRUE(test::run(store().ping()));
    EXPECT_TRUE(test::run(store().ping()));
    store().close();
    store().close();
    EXPECT_EQ(test::run(store().ping()).error().code(), errc::unavailable);
    EXPECT_EQ(test::run(store().insert(items, {})).error().code(), errc::unavailable);
    EXPECT_EQ(test::run(store().find_one(items, {})).error().code(), errc::unavailable);
    EXPECT_EQ(test::run(store().find(items, {})).error().code(), errc::unavailable);
}

}  // namespace
}  // namespace cxb::store
