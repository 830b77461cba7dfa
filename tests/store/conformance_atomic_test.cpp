#include <atomic>
#include <set>

#include "store/conformance.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;

class ConformanceAtomic : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        use(items);
        use(others);
    }
};

INSTANTIATE_TEST_SUITE_P(Engines, ConformanceAtomic, ::testing::ValuesIn(engines()),
                         [](auto const& row) { return row.param.name; });

TEST_P(ConformanceAtomic, HundredTasksNeverTakeTheSameDocument) {
    constexpr int tasks = 100;
    std::vector<json_object> many;
    for (int i = 0; i < tasks; ++i)
        many.push_back({{"_id", std::to_string(i)}, {"n", 0}});
    ASSERT_TRUE(test::run(store().bulk_insert(items, many)));
    std::vector<asio::awaitable<result<std::optional<json_object>>>> all;
    for (int i = 0; i < tasks + 20; ++i)
        all.push_back(store().find_one_and_update(items, all_of({eq("n", 0)}), update{}.inc("n", 1),
                                                  {{"_id", false}}));
    std::set<std::string> taken;
    int none = 0;
    for (auto const& each : test::run_all(std::move(all))) {
        ASSERT_TRUE(each);
        if (!*each) {
            ++none;
            continue;
        }
        EXPECT_EQ(wire::int_at(**each, "n"), 1);
        EXPECT_TRUE(taken.insert(std::string(wire::text_at(**each, "_id"))).second);
    }
    EXPECT_EQ(taken.size(), static_cast<std::size_t>(tasks));
    EXPECT_EQ(none, 20);
}

TEST_P(ConformanceAtomic, ConcurrentCountersLoseNothing) {
    std::vector<asio::awaitable<result<bool>>> all;
    for (int i = 0; i < 200; ++i)
        all.push_back(store().update_one(items, by_id("c"), update{}.inc("n", 1), true));
    for (auto const& each : test::run_all(std::move(all)))
        EXPECT_TRUE(each.value());
    EXPECT_EQ(text_of(items, "c"), R"({"_id":"c","n":200})");
}

TEST_P(ConformanceAtomic, OneOfManyInsertsOfAKeyWins) {
    std::vector<asio::awaitable<result<void>>> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(store().insert(items, {{"name", "same"}}));
    int won = 0;
    for (auto const& each : test::run_all(std::move(all)))
        won += each ? 1 : 0;
    EXPECT_EQ(won, 1);
    EXPECT_EQ(test::run(store().count(items, {})).value(), 1);
}

TEST_P(ConformanceAtomic, BatchWritesAllCollections) {
    insert(items, R"({"_id":"1","n":1})");
    insert(items, R"({"_id":"2","n":1})");
    auto const done = test::run(store().commit(
        batch{}
            .insert(others, {{"_id", "o"}})
            .update_one(items, all_of({eq("_id", "1"), eq("n", 1)}), update{}.inc("n", 1))
            .upsert(others, by_id("p"), update{}.set("x", 1))
            .remove_one(items, by_id("2"))
            .update_if_any(items, by_id("none"), update{}.set("n", 1))));
    EXPECT_TRUE(done.value().applied);
    EXPECT_EQ(text_of(items, "1"), R"({"_id":"1","n":2})");
    EXPECT_EQ(ids(items), words{"1"});
    EXPECT_EQ(ids(others), (words{"o", "p"}));
    EXPECT_TRUE(test::run(store().commit({})).value().applied);
}

TEST_P(ConformanceAtomic, UnmetConditionUndoesTheBatchAndIsNamed) {
    insert(items, R"({"_id":"1","n":1})");
    auto const done = test::run(store().commit(
        batch{}
            .insert(others, {{"_id", "o"}}, "fact")
            .update_one(items, by_id("1"), update{}.set("n", 5), "first")
            .update_one(items, all_of({eq("_id", "1"), eq("n", 4)}), update{}.inc("n", 1), "rev")));
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->applied);
    EXPECT_EQ(done->failed, 2U);
    EXPECT_EQ(done->label, "rev");
    EXPECT_FALSE(done->duplicate_key);
    EXPECT_TRUE(ids(others).empty());
    EXPECT_EQ(text_of(items, "1"), R"({"_id":"1","n":1})");
    auto const gone = test::run(store().commit(batch{}.remove_one(items, by_id("9"), "gone")));
    EXPECT_EQ(gone.value().label, "gone");
}

TEST_P(ConformanceAtomic, LaterWritesOfABatchSeeEarlierOnes) {
    auto const done = test::run(store().commit(
        batch{}
            .insert(items, {{"_id", "1"}, {"n", 1}})
            .update_one(items, all_of({eq("_id", "1"), eq("n", 1)}), update{}.inc("n", 1))));
    EXPECT_TRUE(done.value().applied);
    EXPECT_EQ(text_of(items, "1"), R"({"_id":"1","n":2})");
}

TEST_P(ConformanceAtomic, TakenKeyUndoesTheBatch) {
    insert(items, R"({"_id":"1","name":"x"})");
    insert(items, R"({"_id":"2","name":"y"})");
    auto const by_insert = test::run(store().commit(
        batch{}.insert(others, {{"_id", "o"}}).insert(items, {{"name", "x"}}, "job")));
    EXPECT_FALSE(by_insert.value().applied);
    EXPECT_TRUE(by_insert.value().duplicate_key);
    EXPECT_EQ(by_insert.value().label, "job");
    auto const by_update = test::run(
        store().commit(batch{}
                           .insert(others, {{"_id", "o"}})
                           .update_one(items, by_id("2"), update{}.set("name", "x"), "move")));
    EXPECT_TRUE(by_update.value().duplicate_key);
    EXPECT_EQ(by_update.value().label, "move");
    EXPECT_TRUE(ids(others).empty());
}

TEST_P(ConformanceAtomic, ConcurrentBatchesOnOneConditionApplyOnce) {
    insert(items, R"({"_id":"1","n":0})");
    std::vector<asio::awaitable<result<commit_outcome>>> all;
    for (int i = 0; i < 40; ++i)
        all.push_back(store().commit(
            batch{}
                .insert(others, {{"_id", std::to_string(i)}})
                .update_one(items, all_of({eq("_id", "1"), eq("n", 0)}), update{}.inc("n", 1))));
    int applied = 0;
    for (auto const& each : test::run_all(std::move(all)))
        applied += each->applied ? 1 : 0;
    EXPECT_EQ(applied, 1);
    EXPECT_EQ(ids(others).size(), 1U);
}

TEST_P(ConformanceAtomic, ReadsSeeAcknowledgedWrites) {
    auto const rounds = [](document_store& store) -> asio::awaitable<int> {
        int stale = 0;
        for (int i = 1; i <= 100; ++i) {
            (void)(co_await store.update_one(items, by_id("1"), update{}.set("n", i), true))
                .value();
            auto const found = (co_await store.find_one(items, by_id("1"))).value();
            if (!found || wire::int_at(*found, "n") != i) ++stale;
        }
        co_return stale;
    };
    EXPECT_EQ(test::run(rounds(store())), 0);
}

TEST_P(ConformanceAtomic, WatchersHearOfTheirCollectionOnly) {
    std::atomic<int> heard{0};
    int const id = store().watch(items, [&] { ++heard; });
    insert(others, R"({"_id":"1"})");
    EXPECT_EQ(heard, 0);
    insert(items, R"({"_id":"1","n":1})");
    EXPECT_EQ(heard, 1);
    (void)test::run(store().update_one(items, by_id("9"), update{}.set("n", 2)));
    (void)test::run(store().remove(items, by_id("9")));
    (void)test::run(store().insert(items, {{"_id", "1"}}));
    EXPECT_EQ(heard, 1);
    (void)test::run(
        store().commit(batch{}.insert(items, {{"_id", "2"}}).remove_one(items, by_id("9"))));
    EXPECT_EQ(heard, 1);
    (void)test::run(
        store().commit(batch{}.insert(others, {{"_id", "2"}}).remove_one(items, by_id("1"))));
    EXPECT_EQ(heard, 2);
    store().unwatch(id);
    insert(items, R"({"_id":"3"})");
    EXPECT_EQ(heard, 2);
}

}  // namespace
}  // namespace cxb::store
