// Batches on a server without transactions: killed at every step, and many at once.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "cxb/base/random.hpp"
#include "src/store/mongo/workplace.hpp"
#include "store/mongo/protocol_kit.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr collection commits{"_cxb_commits", {}, {}};

mongo::bson_document raw_document(json_object const& from) {
    bson_error_t failed;
    auto const text = wire::to_text(from);
    auto* const raw = bson_new_from_json(reinterpret_cast<std::uint8_t const*>(text.data()),
                                         static_cast<ssize_t>(text.size()), &failed);
    mongo::bson_document made(raw);
    bson_destroy(raw);
    return made;
}

/// Everything a reader can see, in one text.
std::string picture(document_store& store) {
    std::string all;
    for (auto const* id : {"1", "2", "3", "4"})
        all += text_of(store, items, id) + '\n';
    return all + text_of(store, others, "o");
}

void fill(document_store& store) {
    ASSERT_TRUE(test::run(store.insert(items, {{"_id", "1"}, {"n", 1}})));
    ASSERT_TRUE(test::run(store.insert(items, {{"_id", "2"}, {"name", "old"}})));
    ASSERT_TRUE(test::run(store.insert(items, {{"_id", "3"}, {"name", "freed"}})));
}

/// Writes past the store, with the index that a store without transactions makes.
void leave_behind(std::string const& url, std::string const& database, json_object const& held) {
    auto const driver = mongo::mongo_driver::create({url, database}).value();
    auto client = driver->take();
    ASSERT_TRUE(client.run(mongo::command_kind::write,
                           mongo::insert_command("items", {raw_document(held)})));
    ASSERT_TRUE(client.run(
        mongo::command_kind::write,
        mongo::bson_document()
            .add("createIndexes", "items")
            .add_list("indexes",
                      std::vector{mongo::bson_document()
                                      .add("key", mongo::bson_document().add("_cxb.c.id", 1))
                                      .add("name", "cxb:batch")
                                      .add("sparse", true)})));
}

/// Inserts, changes, moves a unique key, removes, and takes the key that becomes free.
batch whole_batch() {
    return batch{}
        .update_one(items, all_of({eq("_id", "1"), eq("n", 1)}), update{}.inc("n", 1))
        .update_one(items, by_id("2"), update{}.set("name", "new"))
        .remove_one(items, by_id("3"))
        .insert(items, {{"_id", "4"}, {"name", "freed"}})
        .insert(others, {{"_id", "o"}});
}

constexpr char const* before =
    R"({"_id":"1","n":1}
{"_id":"2","name":"old"}
{"_id":"3","name":"freed"}
-
-)";
constexpr char const* after =
    R"({"_id":"1","n":2}
{"_id":"2","name":"new"}
-
{"_id":"4","name":"freed"}
{"_id":"o"})";

TEST_F(MongoProtocol, KilledAtAnyStepItIsAllOrNothing) {
    std::set<std::string> steps;
    for (int stop = 1;; ++stop) {
        auto const checker = open();
        ASSERT_TRUE(test::run(checker->remove(items, {})));
        ASSERT_TRUE(test::run(checker->remove(others, {})));
        fill(*checker);
        int count = 0;
        std::string last;
        mongo_options options;
        options.on_step = [&](std::string_view step) {
            last = step;
            if (++count == stop) throw killed{};
        };
        auto const victim = open(options);
        bool died = false;
        try {
            EXPECT_TRUE(test::run(victim->commit(whole_batch())).value().applied);
        } catch (killed const&) {
            died = true;
        }
        victim->close();
        steps.insert(last);
        bool const decided = !died || last == "apply" || last == "done";
        // At once, to every reader; and after recovery.
        EXPECT_EQ(picture(*checker), decided ? after : before) << stop << ' ' << last;
        EXPECT_TRUE(test::eventually([&] {
            (void)test::run(checker->ensure(items));
            (void)test::run(checker->ensure(others));
            return test::run(checker->count(commits, {})).value() == 0;
        })) << stop
            << ' ' << last;
        EXPECT_EQ(picture(*checker), decided ? after : before) << stop << ' ' << last;
        // Nothing is held any more.
        EXPECT_TRUE(
            test::run(checker->update_one(items, by_id("1"), update{}.inc("n", 1))).value());
        EXPECT_TRUE(test::run(checker->insert(items, {{"_id", "5"}, {"name", "fresh"}})));
        if (!died) break;
        ASSERT_LT(stop, 100);
    }
    EXPECT_EQ(steps, (std::set<std::string>{"record", "lock", "place", "decide", "apply", "done"}));
}

TEST_F(MongoProtocol, WritersWaitForABatchTheyMeetAndThenGoOn) {
    auto const writer = open();
    fill(*writer);
    mongo_options options;
    options.on_step = [](std::string_view step) {
        if (step == "decide") throw killed{};
    };
    EXPECT_THROW((void)test::run(open(options)->commit(whole_batch())), killed);
    // Held, hidden and moved documents alike; each wait ends when the lease does.
    EXPECT_TRUE(test::run(writer->insert(items, {{"_id", "9"}, {"name", "new"}})));
    EXPECT_EQ(picture(*writer), before);
    EXPECT_THROW((void)test::run(
                     open(options)->commit(batch{}
                                               .update_one(items, by_id("1"), update{}.set("n", 7))
                                               .insert(others, {{"_id", "o"}}))),
                 killed);
    EXPECT_EQ(
        test::run(writer->update_many(items, all_of({exists("n")}), update{}.inc("n", 1))).value(),
        1);
    EXPECT_EQ(text_of(*writer, items, "1"), R"({"_id":"1","n":2})");
    EXPECT_TRUE(test::run(writer->insert(others, {{"_id", "o"}})));
}

TEST_F(MongoProtocol, LateOwnerLosesToTheObserverAndTriesAgain) {
    auto const other = open();
    fill(*other);
    std::atomic<int> decisions{0};
    mongo_options options;
    options.on_step = [&](std::string_view step) {
        // The lease ends and somebody else takes the batch back while its owner sleeps.
        if (step == "decide" && ++decisions == 1)
            EXPECT_TRUE(
                test::run(other->update_one(items, by_id("1"), update{}.set("flag", true))));
    };
    auto const owner = open(options);
    EXPECT_TRUE(test::run(owner->commit(whole_batch())).value().applied);
    EXPECT_EQ(decisions, 2);
    EXPECT_EQ(text_of(*owner, items, "1"), R"({"_id":"1","n":2,"flag":true})");
    EXPECT_EQ(text_of(*owner, others, "o"), R"({"_id":"o"})");
}

TEST_F(MongoProtocol, WhatWasHeldIsSettledAfterTheServerBecameAReplicaSet) {
    mongo_options as_set;
    as_set.url = test::mongo_url(test::mongo_server_port(test::server_role::replica_set));
    as_set.sweep_every = 50ms;
    as_set.batch_lease = 100ms;
    auto const earlier = open_on_test_server(folder.path(), as_set);
    ASSERT_TRUE(earlier->transactions());
    for (auto const* each : {&items, &others})
        ASSERT_TRUE(test::run(earlier->ensure(*each)));
    // As a store without transactions would have left it.
    auto const hidden = wire::parse_json(R"({"_id":"h","_cxb":{"c":{"id":"b1","new":true}}})");
    leave_behind(as_set.url, database_of(folder.path()), hidden.value().get_object());
    auto const later = open_on_test_server(folder.path(), as_set);
    ASSERT_TRUE(test::run(later->ensure(items)));
    EXPECT_TRUE(test::run(later->insert(items, {{"_id", "h"}, {"n", 1}})));
    EXPECT_EQ(text_of(*later, items, "h"), R"({"_id":"h","n":1})");
}

TEST_F(MongoProtocol, BatchOverItsLimitIsRefused) {
    auto const store = open();
    for (auto const* id : {"1", "2"})
        ASSERT_TRUE(test::run(
            store->insert(others, {{"_id", id}, {"text", std::string(8 * 1024 * 1024, 'x')}})));
    auto const refused =
        test::run(store->commit(batch{}
                                    .update_one(others, by_id("1"), update{}.set("x", 1))
                                    .update_one(others, by_id("2"), update{}.set("x", 1))));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::too_large);
    EXPECT_NE(refused.error().detail().find("15 MiB"), std::string::npos);
}

constexpr int accounts = 6;
constexpr std::int64_t opening_sum = 1000;

/// One transfer: both accounts and a row that tells of it.
batch transfer(std::string id, std::int64_t from, std::int64_t to, std::int64_t sum) {
    return batch{}
        .update_one(items, all_of({eq("_id", json_value(std::to_string(from))), gte("n", sum)}),
                    update{}.inc("n", -sum))
        .update_one(items, by_id(std::to_string(to)), update{}.inc("n", sum))
        .insert(others, {{"_id", std::move(id)}, {"from", from}, {"to", to}, {"sum", sum}});
}

/// Runs random transfers; gives the ids of those that were acknowledged.
std::set<std::string> run_transfers(document_store& store, std::uint64_t seed, int count) {
    seeded_random random(seed);
    std::vector<std::string> ids;
    std::set<std::string> applied;
    for (int done = 0; done < count; done += 5) {
        std::vector<std::thread> lanes;
        std::mutex mutex;
        for (int lane = 0; lane < 5; ++lane) {
            auto const from = static_cast<std::int64_t>(random.below(accounts));
            auto const to =
                (from + 1 + static_cast<std::int64_t>(random.below(accounts - 1))) % accounts;
            auto const sum = static_cast<std::int64_t>(random.below(300));
            auto id = std::to_string(seed) + "-" + std::to_string(done + lane);
            lanes.emplace_back([&, id, from, to, sum] {
                try {
                    auto const made = test::run(store.commit(transfer(id, from, to, sum)));
                    std::lock_guard const lock(mutex);
                    if (made && made->applied) applied.insert(id);
                } catch (killed const&) {
                }
            });
        }
        for (auto& each : lanes)
            each.join();
    }
    return applied;
}

/// Independent of the store: balances must follow from the rows.
void check_books(document_store& store, std::set<std::string> const& acknowledged) {
    find_options everything;
    everything.limit = 0;
    std::vector<std::int64_t> expected(accounts, opening_sum);
    std::set<std::string> rows;
    for (auto const& each : test::run(store.find(others, {}, everything)).value().items) {
        rows.emplace(wire::text_at(each, "_id"));
        expected[static_cast<std::size_t>(wire::int_at(each, "from"))] -= wire::int_at(each, "sum");
        expected[static_cast<std::size_t>(wire::int_at(each, "to"))] += wire::int_at(each, "sum");
    }
    for (int i = 0; i < accounts; ++i) {
        auto const found = test::run(store.find_one(items, by_id(std::to_string(i)))).value();
        EXPECT_EQ(wire::int_at(*found, "n"), expected[static_cast<std::size_t>(i)]) << i;
        EXPECT_GE(wire::int_at(*found, "n"), 0);
    }
    for (auto const& id : acknowledged)
        EXPECT_TRUE(rows.contains(id)) << id;
}

TEST_F(MongoProtocol, RandomTransfersKeepTheBooksWhateverDies) {
    auto const checker = open();
    for (int i = 0; i < accounts; ++i)
        ASSERT_TRUE(
            test::run(checker->insert(items, {{"_id", std::to_string(i)}, {"n", opening_sum}})));
    std::mutex mutex;
    seeded_random dice(99);
    mongo_options options;
    options.on_step = [&](std::string_view) {
        std::lock_guard const lock(mutex);
        if (dice.below(40) == 0) throw killed{};
    };
    auto const first = open(options);
    auto const second = open(options);
    std::set<std::string> acknowledged;
    std::thread other([&] {
        auto const done = run_transfers(*first, 1, 60);
        std::lock_guard const lock(mutex);
        acknowledged.insert(done.begin(), done.end());
    });
    auto const done = run_transfers(*second, 2, 60);
    other.join();
    acknowledged.insert(done.begin(), done.end());
    EXPECT_GT(acknowledged.size(), 20U);
    EXPECT_TRUE(test::eventually([&] {
        (void)test::run(checker->ensure(items));
        (void)test::run(checker->ensure(others));
        return test::run(checker->count(commits, {})).value() == 0;
    }));
    check_books(*checker, acknowledged);
}

TEST_F(MongoProtocol, TransactionsKeepTheSameBooks) {
    mongo_options options;
    options.url = test::mongo_url(test::mongo_server_port(test::server_role::replica_set));
    auto const store = open_on_test_server(folder.path(), options);
    ASSERT_TRUE(store->transactions());
    ASSERT_TRUE(test::run(store->ensure(items)));
    ASSERT_TRUE(test::run(store->ensure(others)));
    for (int i = 0; i < accounts; ++i)
        ASSERT_TRUE(
            test::run(store->insert(items, {{"_id", std::to_string(i)}, {"n", opening_sum}})));
    check_books(*store, run_transfers(*store, 5, 60));
}

}  // namespace
}  // namespace cxb::store
