#include "server/common/migrations/migration_runner.hpp"

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/fault_store.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::run;
using wire::json_value;

constexpr store::field_decl item_fields[] = {{"doubled", store::field_type::boolean}};
constexpr std::string_view by_doubled[] = {"doubled"};
constexpr store::index_decl item_indexes[] = {{by_doubled}};
constexpr store::collection items{"items", item_fields, item_indexes};
constexpr std::size_t item_count = 25;

std::unique_ptr<store::document_store> open_store(std::filesystem::path const& file) {
    store::sqlite_options options;
    options.path = file.string();
    auto opened = store::sqlite_document_store::open(options).value();
    EXPECT_TRUE(run(opened->ensure(model::system_runtime)));
    EXPECT_TRUE(run(opened->ensure(items)));
    return opened;
}

// Doubles `n` of each item once, ten items a portion; done twice it would show.
store::async<void> double_items(migration_work& work) {
    store::find_options options;
    options.limit = 10;
    for (;;) {
        CXB_CO_TRY(
            auto const page,
            co_await work.store().find(items, store::all_of({store::missing("doubled")}), options));
        if (page.items.empty()) co_return result<void>{};
        store::batch writes;
        for (auto const& item : page.items)
            writes.update_one(
                items, store::by_id(wire::text_at(item, "_id")),
                store::update{}.set("n", wire::int_at(item, "n") * 2).set("doubled", true));
        CXB_CO_CHECK(co_await work.commit(std::move(writes)));
    }
}

int second_ran = 0;
store::async<void> count_runs(migration_work&) {
    ++second_ran;
    co_return result<void>{};
}

constexpr migration both[] = {{"items_doubled", &double_items}, {"counted", &count_runs}};

class Migrations : public ::testing::Test {
  protected:
    Migrations() {
        second_ran = 0;
        for (std::size_t i = 0; i < item_count; ++i)
            EXPECT_TRUE(run(store->insert(items, {{"_id", "i" + std::to_string(i)}, {"n", i}})));
    }
    result<int> migrate(store::document_store& on, std::string owner = "a") {
        return run(migration_runner(on, time, {.owner = std::move(owner)}).run(both));
    }
    void expect_doubled_once() {
        auto const all = run(store->find(items, {}, {.limit = 0})).value().items;
        ASSERT_EQ(all.size(), item_count);
        for (auto const& item : all)
            EXPECT_EQ("i" + std::to_string(wire::int_at(item, "n") / 2),
                      std::string(wire::text_at(item, "_id")));
    }
    std::string done_by(std::string const& name) {
        auto const row =
            run(store->find_one(model::system_runtime, store::by_id("migration:" + name))).value();
        return row ? std::string(wire::text_at(*row, "by")) : "";
    }
    loop_lease lease_of(std::string owner) {
        return {*store,
                time,
                {.name = "migrations", .owner = std::move(owner), .length = migration_lease}};
    }

    test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::document_store> store = open_store(folder / "s.db");
};

TEST_F(Migrations, RunOnceEachAndAreRecorded) {
    EXPECT_EQ(migrate(*store).value(), 2);
    expect_doubled_once();
    EXPECT_EQ(done_by("items_doubled"), "a");
    EXPECT_EQ(done_by("counted"), "a");
    EXPECT_EQ(migrate(*store, "b").value(), 0);
    EXPECT_EQ(second_ran, 1);
    expect_doubled_once();
    EXPECT_EQ(run(lease_of("c").keep()).value(), lease_change::taken) << "the lease was given back";
}

TEST_F(Migrations, WithoutAnyNothingIsWritten) {
    EXPECT_EQ(run(migration_runner(*store, time, {.owner = "a"}).run({})).value(), 0);
    EXPECT_EQ(run(store->count(model::system_runtime, {})).value(), 0);
}

// As two processes that start at the same moment.
TEST_F(Migrations, OfSeveralAtOnceEachRunsInOne) {
    std::vector<std::unique_ptr<store::document_store>> stores;
    std::vector<std::unique_ptr<migration_runner>> runners;
    std::vector<asio::awaitable<result<int>>> tasks;
    for (int i = 0; i < 4; ++i) {
        stores.push_back(open_store(folder / "s.db"));
        runners.push_back(std::make_unique<migration_runner>(
            *stores.back(), time,
            migration_options{.owner = "p" + std::to_string(i), .look_every = 1ms}));
        tasks.push_back(runners.back()->run(both));
    }
    int carried_out = 0;
    for (auto const& done : test::run_all(std::move(tasks)))
        carried_out += done.value();
    EXPECT_EQ(carried_out, 2);
    EXPECT_EQ(second_ran, 1);
    expect_doubled_once();
}

// The process fails at each of its writes in turn; the next start completes what it began.
TEST_F(Migrations, AFailureAnywhereIsMadeGoodByTheNextStart) {
    std::size_t failures = 0;
    for (std::size_t step = 1;; ++step) {
        testing::fault_store shaky(*store);
        shaky.add({.on = testing::store_operation::any_write, .step = step});
        auto const tried = migrate(shaky);
        if (shaky.failed() == 0) break;
        ++failures;
        if (tried) continue;  // the release of the lease failed after all was done
        EXPECT_EQ(tried.error().code(), errc::unavailable);
        time.advance(migration_lease + 1s);  // it died: the lease was not given back
        EXPECT_TRUE(migrate(*store));
        expect_doubled_once();
        // Back to the beginning for the next step.
        EXPECT_TRUE(run(store->remove(model::system_runtime, {})));
        for (std::size_t i = 0; i < item_count; ++i)
            EXPECT_TRUE(run(
                store->update_one(items, store::by_id("i" + std::to_string(i)),
                                  store::update{}.set("n", static_cast<int>(i)).unset("doubled"))));
    }
    EXPECT_GE(failures, 8U) << "lease, renewals, portions, records";
}

TEST_F(Migrations, WaitForAHolderThatDied) {
    auto dead = lease_of("dead");
    ASSERT_EQ(run(dead.keep()).value(), lease_change::taken);
    migration_runner waiting(*store, time, {.owner = "b", .look_every = 1ms});
    std::vector<asio::awaitable<result<int>>> tasks;
    tasks.push_back(waiting.run(both));
    tasks.push_back(
        [](testing::fake_clock& clock, store::document_store& at) -> asio::awaitable<result<int>> {
            // It has looked at least once when nothing was done before the lease ended.
            auto const before = co_await at.count(items, store::all_of({store::exists("doubled")}));
            clock.advance(migration_lease + 1s);
            co_return static_cast<int>(before.value());
        }(time, *store));
    auto const done = test::run_all(std::move(tasks));
    EXPECT_EQ(done[0].value(), 2);
    EXPECT_EQ(done[1].value(), 0);
    expect_doubled_once();
}

TEST_F(Migrations, GiveUpWhenAnotherHoldsTheLeaseForTooLong) {
    auto other = lease_of("other");
    ASSERT_EQ(run(other.keep()).value(), lease_change::taken);
    auto const refused =
        run(migration_runner(*store, time, {.owner = "b", .patience = 0ms, .look_every = 1ms})
                .run(both));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(second_ran, 0);
    EXPECT_EQ(done_by("counted"), "");
}

testing::fake_clock* the_clock = nullptr;
store::document_store* the_store = nullptr;
// Paused for longer than its lease while another takes it.
store::async<void> overtaken(migration_work& work) {
    the_clock->advance(migration_lease + 1s);
    loop_lease other(*the_store, *the_clock,
                     {.name = "migrations", .owner = "other", .length = migration_lease});
    CXB_CO_TRY(auto const got, co_await other.keep());
    EXPECT_EQ(got, lease_change::taken);
    store::batch writes;
    writes.insert(items, {{"_id", "late"}});
    CXB_CO_CHECK(co_await work.commit(std::move(writes)));
    co_return result<void>{};
}

TEST_F(Migrations, WhoLostTheLeaseWritesNothing) {
    the_clock = &time;
    the_store = store.get();
    constexpr migration one[] = {{"overtaken", &overtaken}};
    auto const refused = run(migration_runner(*store, time, {.owner = "a"}).run(one));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_FALSE(run(store->find_one(items, store::by_id("late"))).value());
    EXPECT_EQ(done_by("overtaken"), "");
}

}  // namespace
}  // namespace cxb::server
