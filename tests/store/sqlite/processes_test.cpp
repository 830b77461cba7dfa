// Several processes on one file: nothing is lost, nobody waits without end, and an older process
// leaves alone what a newer one has declared.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "store/sqlite/store_fixture.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int lanes = 8;
constexpr int rounds = 125;
constexpr int names = 500;

/// Counts up, and races for names that can be given once only.
asio::awaitable<result<int>> write_some(document_store& store, std::string who, int lane) {
    int won = 0;
    for (int i = 0; i < rounds; ++i) {
        auto const id = who + '-' + std::to_string(lane) + '-' + std::to_string(i);
        auto const counted =
            co_await store.update_one(others, by_id("counter"), update{}.inc("n", 1), true);
        if (!counted) co_return counted.error();
        auto const name = std::to_string((i * lanes + lane) % names);
        auto const taken = co_await store.insert(items, {{"_id", id}, {"name", name}});
        if (taken) ++won;
        if (!taken && taken.error().code() != errc::conflict) co_return taken.error();
        auto const seen = co_await store.find_one(items, all_of({eq("name", json_value(name))}));
        if (!seen || !*seen) co_return error{errc::internal, "a name is gone"};
    }
    co_return won;
}

// Runs in processes of its own.
void write_with_others(std::vector<std::string> const& path_and_name) {
    auto const& who = path_and_name.at(1);
    sqlite_options options;
    options.path = path_and_name.at(0);
    auto opened = sqlite_document_store::open(options);
    if (!opened) ::_exit(2);
    auto& store = **opened;
    if (!test::run(store.ensure(items)) || !test::run(store.ensure(others))) ::_exit(3);
    std::vector<asio::awaitable<result<int>>> all;
    for (int lane = 0; lane < lanes; ++lane)
        all.push_back(write_some(store, who, lane));
    int won = 0;
    for (auto const& each : test::run_all(std::move(all))) {
        if (!each) ::fprintf(stderr, "%s\n", each.error().to_log_text().c_str());
        if (!each) ::_exit(4);
        won += *each;
    }
    json_object const report{{"_id", "won-" + who}, {"n", won}};
    if (!test::run(store.insert(others, report))) ::_exit(5);
    if (store.stats().failed_groups != 0) ::_exit(6);
    opened->reset();
    ::_exit(0);
}
cxb_test::child_entry const writer{"write_with_others", write_with_others};

using SqliteProcesses = SqliteStore;

// 20-47. All of them also declare the collections at once, in a file that is not there yet.
TEST_F(SqliteProcesses, WriteTogetherWithoutLosingAnything) {
    std::vector<std::string> const who{"a", "b", "c", "d"};
    std::vector<pid_t> children;
    for (auto const& each : who)
        children.push_back(start_child("write_with_others", {path, each}));
    for (auto const child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0) << WEXITSTATUS(status);
    }
    auto const store = open();
    EXPECT_EQ(store->stats().start_check, sqlite::check_outcome::not_needed);
    auto const counter = test::run(store->find_one(others, by_id("counter"))).value();
    EXPECT_EQ(wire::int_at(*counter, "n"), 4 * lanes * rounds);
    EXPECT_EQ(count(*store), names);
    std::int64_t won = 0;
    for (auto const& each : who) {
        auto const report = test::run(store->find_one(others, by_id("won-" + each))).value();
        won += wire::int_at(*report, "n");
    }
    EXPECT_EQ(won, names);
}

TEST_F(SqliteProcesses, OneThatWritesWithoutAPauseLetsOthersIn) {
    auto const busy = open({.commit_delay = 2ms});
    auto const other = open({.commit_delay = 2ms});
    ASSERT_TRUE(test::run(busy->ensure(others)));
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> mine{0};
    std::thread writing([&] {
        while (!stop) {
            std::vector<asio::awaitable<result<bool>>> all;
            for (int i = 0; i < 50; ++i)
                all.push_back(busy->update_one(others, by_id("busy"), update{}.inc("n", 1), true));
            for (auto const& each : test::run_all(std::move(all)))
                EXPECT_TRUE(each);
            ++mine;
        }
    });
    while (mine == 0)
        std::this_thread::yield();
    // Each waits for a few commits of the other at most, so the other makes little more than two
    // in each turn of ours.
    auto const before = busy->stats().commits;
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(put(*other, std::to_string(i)));
    auto const meanwhile = busy->stats().commits - before;
    stop = true;
    writing.join();
    EXPECT_LT(meanwhile, 250U);
    EXPECT_GT(meanwhile, 0U);
    EXPECT_EQ(other->stats().failed_groups, 0U);
}

TEST_F(SqliteProcesses, TheWaitForAnotherIsBounded) {
    auto const store = open({.busy_timeout = 50ms});
    sqlite::lock_file other(path + "-lock");
    ASSERT_TRUE(other.open());
    ASSERT_TRUE(other.take_turn(1s));
    EXPECT_EQ(put(*store, "1").error().reason(), "store_unavailable");
    other.pass_turn();
    EXPECT_TRUE(put(*store, "1"));
}

// --- an upgrade, one process after the other ---------------------------------------------------

constexpr std::string_view by_a[] = {"a"};
constexpr std::string_view by_b[] = {"b.c"};
constexpr field_decl old_fields[] = {{"a", field_type::text}};
constexpr field_decl new_fields[] = {{"a", field_type::text}, {"b.c", field_type::integer}};
constexpr index_decl old_indexes[] = {{by_a}};
constexpr index_decl new_indexes[] = {{by_a}, {by_b, true}};
constexpr collection old_version{"growing", old_fields, old_indexes};
constexpr collection new_version{"growing", new_fields, new_indexes};

struct SqliteUpgrade : SqliteStore {
    static words found(document_store& in, int b) {
        find_options all;
        auto const rows = test::run(in.find(new_version, all_of({eq("b.c", b)}), all)).value();
        words ids;
        for (auto const& each : rows.items)
            ids.emplace_back(wire::text_at(each, "_id"));
        return ids;
    }
    static json_object row(std::string const& id, int b) {
        return {{"_id", id}, {"a", "x"}, {"b", json_object{{"c", b}}}};
    }
};

// 20-47
TEST_F(SqliteUpgrade, AnOlderProcessKeepsWhatANewerOneDeclared) {
    auto const older = open();
    ASSERT_TRUE(test::run(older->ensure(old_version)));
    ASSERT_TRUE(test::run(older->insert(old_version, row("1", 1))));
    auto const newer = open();
    ASSERT_TRUE(test::run(newer->ensure(new_version)));
    // What the older one goes on writing is found by the fields it does not know.
    ASSERT_TRUE(test::run(older->insert(old_version, row("2", 2))));
    ASSERT_TRUE(test::run(
        older->update_one(old_version, by_id("1"), update{}.set("b", json_object{{"c", 7}}))));
    EXPECT_EQ(found(*newer, 2), words{"2"});
    EXPECT_EQ(found(*newer, 7), words{"1"});
    EXPECT_EQ(found(*newer, 1), words{});
    // It restarts in the old version: columns, keys and their values stay.
    auto const restarted = open();
    ASSERT_TRUE(test::run(restarted->ensure(old_version)));
    ASSERT_TRUE(test::run(restarted->insert(old_version, row("3", 3))));
    EXPECT_EQ(found(*newer, 3), words{"3"});
    auto const taken = test::run(restarted->insert(old_version, row("4", 3)));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().reason(), "duplicate_key");
    EXPECT_EQ(taken.error().pointer(), "b.c");
    ASSERT_TRUE(test::run(newer->insert(new_version, row("5", 5))));
    EXPECT_EQ(found(*newer, 5), words{"5"});
}

// The triggers follow the same rules as the engine itself, kind by kind.
TEST_F(SqliteUpgrade, ColumnsOfTheTriggersAreThoseOfTheEngine) {
    static constexpr collection no_fields{"items", {}, {}};
    auto const newer = open();  // declares `items`
    auto const older = open();
    ASSERT_TRUE(test::run(older->ensure(no_fields)));
    char const* const documents[] = {
        R"({"name":"a","n":1,"r":1.5,"flag":true,"owner":{"id":"x"}})",
        R"({"at":"2026-01-01T00:00:00.000Z"})",
        R"({"name":1,"n":"1","r":"1","flag":"true","at":5,"owner":"x"})",
        R"({"name":null,"n":2.0,"r":3,"flag":false,"at":"2026-02-30T00:00:00.000Z","owner":{}})",
        R"({"n":2.5,"r":-7,"flag":0,"at":"2026-01-01T00:00:00Z","kind":"k"})",
        R"({"at":"tomorrow","n":9007199254740993})"};
    sqlite::connection db({.path = path});
    ASSERT_TRUE(db.open());
    int number = 0;
    for (auto const* text : documents) {
        auto one = wire::parse_json(text).value().get_object();
        auto const id = std::to_string(++number);
        one["_id"] = id + "-old";
        ASSERT_TRUE(test::run(older->insert(no_fields, one)));
        one["_id"] = id + "-new";
        if (one.contains("name")) one["name"] = one.at("name").is_string() ? "b" : one.at("name");
        ASSERT_TRUE(test::run(newer->insert(items, one)));
        auto same = db.prepare(
                          "SELECT a.n IS b.n,a.r IS b.r,a.flag IS b.flag,a.at IS b.at,"
                          "a.\"owner.id\" IS b.\"owner.id\",a.kind IS b.kind,"
                          "(a.name IS NULL)=(b.name IS NULL),a.cxb_fields=b.cxb_fields FROM items "
                          "a,items b WHERE a.id='" +
                          id + "-old' AND b.id='" + id + "-new'")
                        .value();
        ASSERT_TRUE(same.step().value());
        for (int i = 0; i < 8; ++i)
            EXPECT_EQ(same.integer(i), 1) << text << " column " << i;
    }
}

TEST_F(SqliteUpgrade, AloneItTidiesUp) {
    {
        auto const newer = open();
        ASSERT_TRUE(test::run(newer->ensure(new_version)));
    }
    auto const older = open();
    ASSERT_TRUE(test::run(older->ensure(old_version)));
    sqlite::connection db({.path = path});
    ASSERT_TRUE(db.open());
    auto columns = db.prepare("SELECT COUNT(*) FROM pragma_table_info('growing')").value();
    ASSERT_TRUE(columns.step().value());
    EXPECT_EQ(columns.integer(0), 4);  // id, doc, cxb_fields, a
}

TEST_F(SqliteUpgrade, AFieldOfAnotherKindKeepsTheOthersIndexes) {
    static constexpr field_decl text_b[] = {{"b.c", field_type::text}};
    static constexpr collection other_kind{"growing", text_b, {}};
    auto const one = open();
    ASSERT_TRUE(test::run(one->ensure(new_version)));
    auto const two = open();
    ASSERT_TRUE(test::run(two->ensure(other_kind)));
    ASSERT_TRUE(test::run(one->insert(new_version, row("1", 1))));
    ASSERT_TRUE(
        test::run(two->insert(other_kind, {{"_id", "2"}, {"b", json_object{{"c", "text"}}}})));
    EXPECT_TRUE(test::run(two->find_one(other_kind, all_of({eq("b.c", "text")}))).value());
    sqlite::connection db({.path = path});
    ASSERT_TRUE(db.open());
    auto indexes =
        db.prepare(
              "SELECT COUNT(*) FROM sqlite_master WHERE type='index' AND name LIKE 'cxb:grow%'")
            .value();
    ASSERT_TRUE(indexes.step().value());
    EXPECT_EQ(indexes.integer(0), 2);
}

}  // namespace
}  // namespace cxb::store
