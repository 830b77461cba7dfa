#include "cxb/testing/fault_store.hpp"

#include <gtest/gtest.h>

#include "cxb/client/blocking.hpp"
#include "cxb/testing/temp_folder.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"

namespace {
using namespace cxb;
using cxb::testing::fault_store;
using cxb::testing::store_operation;
using wire::json_object;

constexpr store::field_decl fields[] = {{"n", store::field_type::integer}};
constexpr store::collection things{"things", fields, {}};
constexpr store::collection others{"others", fields, {}};

struct FaultStore : ::testing::Test {
    void SetUp() override {
        store::sqlite_options options;
        options.path = folder.path() / "x.db";
        real = store::sqlite_document_store::open(std::move(options)).value();
        shaky.emplace(*real);
        EXPECT_TRUE(run(shaky->ensure(things)));
        EXPECT_TRUE(run(shaky->ensure(others)));
    }
    void TearDown() override { shaky->close(); }

    template <class T>
    result<T> run(store::async<T> work) {
        return runner.run(std::move(work));
    }
    result<void> insert(int n, store::collection const& into = things) {
        return run(shaky->insert(into, json_object{{"n", n}}));
    }
    std::int64_t stored(store::collection const& in = things) {
        return run(real->count(in, {})).value();
    }
    static store::filter is(int n) { return store::all_of({store::eq("n", wire::json_value(n))}); }

    cxb::testing::temp_folder folder;
    client::blocking_runner runner;
    std::unique_ptr<store::sqlite_document_store> real;
    std::optional<fault_store> shaky;
};

TEST_F(FaultStore, PassesEveryOperationOn) {
    int woken = 0;
    int const watch = shaky->watch(things, [&] { ++woken; });
    ASSERT_TRUE(insert(1));
    ASSERT_TRUE(run(shaky->bulk_insert(things, {json_object{{"n", 2}}, json_object{{"n", 3}}})));
    EXPECT_TRUE(run(shaky->find_one(things, is(2))).value());
    EXPECT_EQ(run(shaky->find(things, {})).value().items.size(), 3U);
    EXPECT_EQ(run(shaky->count(things, {})).value(), 3);
    EXPECT_EQ(run(shaky->group(things, {}, {}, {"n"})).value().front().sums.front(), 6);
    store::update more;
    more.set("n", wire::json_value(9));
    EXPECT_TRUE(run(shaky->update_one(things, is(1), more)).value());
    EXPECT_TRUE(run(shaky->find_one_and_update(things, is(2), more)).value());
    EXPECT_EQ(run(shaky->update_many(things, is(3), more)).value(), 1);
    store::batch writes;
    writes.insert(others, json_object{{"n", 1}});
    EXPECT_TRUE(run(shaky->commit(std::move(writes))).value().applied);
    EXPECT_EQ(run(shaky->remove(things, is(9))).value(), 3);
    EXPECT_TRUE(run(shaky->ping()));
    shaky->unwatch(watch);
    EXPECT_GT(woken, 0);
    EXPECT_EQ(shaky->failed(), 0U);
}

TEST_F(FaultStore, FailsTheNthOfWhatFits) {
    shaky->add({.on = store_operation::insert, .collection = "things", .step = 2});
    EXPECT_TRUE(insert(1));
    EXPECT_TRUE(insert(1, others));
    auto const refused = insert(2);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_TRUE(insert(3));
    EXPECT_EQ(stored(), 2);
    EXPECT_EQ(shaky->failed(), 1U);
}

TEST_F(FaultStore, MayFailAfterTheOperationWasDone) {
    shaky->add({.on = store_operation::insert,
                .failure = error{errc::deadline_exceeded},
                .carried_out = true});
    EXPECT_EQ(insert(1).error().code(), errc::deadline_exceeded);
    EXPECT_EQ(stored(), 1);
}

TEST_F(FaultStore, ReadsOrWrites) {
    shaky->add({.on = store_operation::any_read, .times = 0});
    EXPECT_TRUE(insert(1));
    EXPECT_FALSE(run(shaky->find_one(things, {})));
    EXPECT_FALSE(run(shaky->count(things, {})));
    EXPECT_TRUE(run(shaky->ping()));
    shaky->clear();
    shaky->add({.on = store_operation::any_write, .times = 0});
    EXPECT_TRUE(run(shaky->count(things, {})));
    EXPECT_FALSE(insert(2));
    EXPECT_FALSE(run(shaky->remove(things, {})));
    EXPECT_TRUE(run(shaky->ping()));
    shaky->clear();
    shaky->add({});
    EXPECT_FALSE(run(shaky->ping()));
    EXPECT_TRUE(run(shaky->ping()));
}

TEST_F(FaultStore, ACommitFitsByAnyOfItsCollections) {
    shaky->add({.on = store_operation::commit, .collection = "others", .times = 0});
    store::batch only;
    only.insert(things, json_object{{"n", 1}});
    EXPECT_TRUE(run(shaky->commit(std::move(only))));
    store::batch both;
    both.insert(things, json_object{{"n", 2}}).insert(others, json_object{{"n", 2}});
    EXPECT_FALSE(run(shaky->commit(std::move(both))));
    EXPECT_EQ(stored(), 1);
}

TEST_F(FaultStore, MayOnlyBeLate) {
    using namespace std::chrono_literals;
    shaky->add({.on = store_operation::insert, .failure = {}, .delay = 20ms});
    auto const began = std::chrono::steady_clock::now();
    EXPECT_TRUE(insert(1));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
    EXPECT_EQ(stored(), 1);
    EXPECT_EQ(shaky->failed(), 1U);
}

}  // namespace
