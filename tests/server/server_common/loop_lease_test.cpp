#include "server/common/leases/loop_lease.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_entry.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

using namespace std::chrono_literals;
using test::run;
using wire::json_value;

constexpr store::field_decl note_fields[] = {{"at", store::field_type::integer}};
constexpr std::string_view by_at[] = {"at"};
constexpr store::index_decl note_indexes[] = {{by_at}};
constexpr store::collection notes{"notes", note_fields, note_indexes};

std::unique_ptr<store::document_store> open_store(std::filesystem::path const& file) {
    store::sqlite_options options;
    options.path = file.string();
    options.busy_timeout = 200ms;
    auto opened = store::sqlite_document_store::open(options).value();
    EXPECT_TRUE(run(opened->ensure(model::system_runtime)));
    EXPECT_TRUE(run(opened->ensure(notes)));
    return opened;
}

store::batch note(std::string id, std::int64_t fence) {
    store::batch out;
    out.insert(notes, {{"_id", std::move(id)}, {"fence", fence}, {"at", 0}}, "note");
    return out;
}

class LoopLease : public ::testing::Test {
  protected:
    loop_lease lease(std::string owner) {
        return {*store, time, {.name = "sweep", .owner = std::move(owner)}};
    }
    lease_change keep(loop_lease& what) { return run(what.keep()).value(); }
    std::string member(char const* name) {
        auto const row = run(store->find_one(model::system_runtime, store::by_id("sweep"))).value();
        return row && row->contains(name) ? wire::to_text(row->at(name)) : "";
    }

    test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::document_store> store = open_store(folder / "s.db");
};

TEST_F(LoopLease, OneHolderAtATimeWithARisingFence) {
    auto a = lease("a");
    auto b = lease("b");
    EXPECT_FALSE(a.held());
    EXPECT_EQ(keep(a), lease_change::taken);
    EXPECT_TRUE(a.held());
    EXPECT_EQ(a.fence(), 1);
    EXPECT_EQ(keep(b), lease_change::none);
    EXPECT_EQ(member("owner"), "\"a\"");
    for (int i = 0; i < 10; ++i) {
        time.advance(30s);
        EXPECT_EQ(keep(a), lease_change::kept);
        EXPECT_EQ(keep(b), lease_change::none);
    }
    time.advance(loop_lease_length);
    EXPECT_EQ(keep(b), lease_change::none) << "until is not before now";
    time.advance(1ms);
    EXPECT_EQ(keep(b), lease_change::taken);
    EXPECT_EQ(b.fence(), 2);
    EXPECT_EQ(keep(a), lease_change::lost);
    EXPECT_EQ(keep(a), lease_change::none);
    EXPECT_EQ(member("owner"), "\"b\"");
}

TEST_F(LoopLease, EndsForItsHolderBeforeOthersMayTakeIt) {
    auto a = lease("a");
    EXPECT_EQ(keep(a), lease_change::taken);
    time.advance(loop_lease_length - loop_lease_length / 10 - 1ms);
    EXPECT_TRUE(a.held());
    time.advance(1ms);
    EXPECT_FALSE(a.held());
    auto const refused = run(a.commit(note("n", 1)));
    EXPECT_EQ(refused.error().reason(), "lease_lost");
    EXPECT_EQ(run(store->count(notes, {})).value(), 0);
    // Nobody took it: it is its own successor, under a new fence.
    time.advance(1min);
    EXPECT_EQ(keep(a), lease_change::taken);
    EXPECT_EQ(a.fence(), 2);
}

// The clock goes back an hour while nobody lives to renew: the lease is free after its length.
TEST_F(LoopLease, AnEndInAFutureThatIsNoneIsBroughtBack) {
    auto a = lease("a");
    auto b = lease("b");
    EXPECT_EQ(keep(a), lease_change::taken);
    time.set_wall(time.now() - 1h);
    EXPECT_EQ(keep(b), lease_change::none);
    EXPECT_EQ(keep(a), lease_change::kept) << "who lives goes on";
    time.set_wall(time.now() - 1h);
    EXPECT_EQ(keep(b), lease_change::none);
    time.advance(loop_lease_length + 1ms);
    EXPECT_EQ(keep(b), lease_change::taken);
    EXPECT_EQ(b.fence(), 2);
}

TEST_F(LoopLease, AReleasedOneIsFreeAtOnce) {
    auto a = lease("a");
    auto b = lease("b");
    EXPECT_EQ(keep(a), lease_change::taken);
    EXPECT_TRUE(run(a.release()));
    EXPECT_TRUE(run(a.release()));
    EXPECT_FALSE(a.held());
    EXPECT_EQ(keep(b), lease_change::taken);
    EXPECT_EQ(b.fence(), 2);
    EXPECT_TRUE(run(a.release())) << "what is b's stays b's";
    EXPECT_EQ(keep(b), lease_change::kept);
}

TEST_F(LoopLease, WritesOfAnOlderFenceAreRefused) {
    // A clock that stands still: its holder never notices that time has passed.
    testing::fake_clock frozen;
    loop_lease late(*store, frozen, {.name = "sweep", .owner = "late"});
    EXPECT_EQ(keep(late), lease_change::taken);
    EXPECT_TRUE(run(late.commit(note("first", late.fence()))).value().applied);
    time.advance(loop_lease_length + 1s);
    auto next = lease("next");
    EXPECT_EQ(keep(next), lease_change::taken);
    EXPECT_TRUE(late.held());
    auto const refused = run(late.commit(note("late", late.fence())));
    EXPECT_EQ(refused.error().code(), errc::precondition_failed);
    EXPECT_EQ(refused.error().reason(), "lease_lost");
    EXPECT_FALSE(late.held());
    EXPECT_FALSE(run(late.remove(notes, {})).has_value());
    EXPECT_EQ(run(store->count(notes, {})).value(), 1);
    EXPECT_TRUE(run(next.commit(note("next", next.fence()))).value().applied);
}

TEST_F(LoopLease, AnUnmetConditionOfTheWritesIsToldAsSuch) {
    auto a = lease("a");
    EXPECT_EQ(keep(a), lease_change::taken);
    auto writes = note("n", 1);
    writes.update_one(notes, store::by_id("nobody"), store::update{}.set("x", 1), "other");
    auto const outcome = run(a.commit(std::move(writes))).value();
    EXPECT_FALSE(outcome.applied);
    EXPECT_EQ(outcome.failed, 1U);
    EXPECT_EQ(outcome.label, "other");
    EXPECT_TRUE(a.held());
    EXPECT_EQ(run(store->count(notes, {})).value(), 0);
}

TEST_F(LoopLease, RemovesInBoundedPortions) {
    // The younger, the lower their ids.
    for (auto at = static_cast<std::int64_t>(leased_removals) + 2; at >= 0; --at)
        ASSERT_TRUE(run(store->insert(notes, {{"at", at}})));
    auto a = lease("a");
    EXPECT_EQ(keep(a), lease_change::taken);
    auto const old =
        store::all_of({store::lt("at", static_cast<std::int64_t>(leased_removals) + 2)});
    EXPECT_EQ(run(a.remove(notes, old)).value(), leased_removals);
    auto const oldest = run(store->find_one(notes, {}, {{"at", false}})).value();
    EXPECT_EQ(wire::int_at(*oldest, "at"), static_cast<std::int64_t>(leased_removals))
        << "found by what makes them old, not by a walk through all";
    EXPECT_EQ(run(a.remove(notes, old)).value(), 2U);
    EXPECT_EQ(run(a.remove(notes, old)).value(), 0U);
    EXPECT_EQ(run(store->count(notes, {})).value(), 1);
}

TEST_F(LoopLease, AStoreThatFailsLeavesWhatIsHeld) {
    auto a = lease("a");
    EXPECT_EQ(keep(a), lease_change::taken);
    store->close();
    time.advance(30s);
    EXPECT_EQ(run(a.keep()).error().code(), errc::unavailable);
    EXPECT_TRUE(a.held()) << "until its own clock ends it";
    time.advance(1min);
    EXPECT_FALSE(a.held());
}

// --- two processes -------------------------------------------------------------------------------

constexpr auto short_lease = 1000ms;

// Counts wall-clock time as always, but its steady time stands still: a holder that is paused and
// does not notice.
class unaware_clock final : public clock {
  public:
    [[nodiscard]] time_point now() const noexcept override { return real_clock().now(); }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override { return {}; }
};

// The other process: takes the lease and writes as fast as it can until it is refused. Its last
// line says how it ended.
void write_until_refused(std::vector<std::string> const& folder_and_notices) {
    std::filesystem::path const folder = folder_and_notices.at(0);
    auto const store = open_store(folder / "s.db");
    unaware_clock const unaware;
    bool const notices = folder_and_notices.at(1) == "notices";
    loop_lease lease(*store, notices ? real_clock() : unaware,
                     {.name = "sweep", .owner = "holder", .length = short_lease});
    if (run(lease.keep()).value() != lease_change::taken) std::exit(1);
    for (int n = 0;; ++n) {
        bool const believed = lease.held();
        auto const done = run(lease.commit(note("holder-" + std::to_string(n), lease.fence())));
        if (n == 0) std::ofstream(folder / "holder.ready") << "{}";
        if (done) continue;
        std::ofstream(folder / "holder.end")
            << (believed ? "refused" : "stopped") << ' ' << done.error().reason();
        return;
    }
}
cxb_test::child_entry const holder_entry{"hold_a_lease", write_until_refused};

// A process that is stopped in the middle of a transaction holds the whole file; then it is let go
// on and stopped again.
void pause_between_writes(test::child_process const& holder, store::document_store& store) {
    EXPECT_TRUE(test::eventually([&] {
        holder.signal(SIGSTOP);
        auto const status = "/proc/" + std::to_string(holder.pid()) + "/stat";
        EXPECT_TRUE(test::eventually([&] {
            auto const facts = test::read_file(status);
            return facts.find(") T ") != std::string::npos ||
                   facts.find(") Z ") != std::string::npos;
        }));
        bool const writable =
            run(store.update_one(notes, store::by_id("probe"), store::update{}.set("at", 0), true))
                .has_value();
        if (!writable) holder.signal(SIGCONT);
        return writable;
    }));
}

class LeaseOfTwoProcesses : public ::testing::TestWithParam<bool> {};

// 20 §1: a paused holder that wakes up late writes nothing. With its own clock it stops before its
// next write; without, the fence refuses it.
TEST_P(LeaseOfTwoProcesses, ThePausedHoldersLateWriteIsRefused) {
    test::scratch_dir const folder;
    auto const store = open_store(folder / "s.db");
    test::child_process holder(
        {.name = "holder",
         .arguments = {std::filesystem::read_symlink("/proc/self/exe").string(), "--child",
                       "hold_a_lease", folder.path().string(), GetParam() ? "notices" : "unaware"},
         .environment = {},
         .directory = folder.path()});
    ASSERT_TRUE(holder.wait_ready(folder / "holder.ready"));
    pause_between_writes(holder, *store);
    loop_lease next(*store, real_clock(),
                    {.name = "sweep", .owner = "next", .length = short_lease});
    ASSERT_TRUE(test::eventually([&] {
        auto const got = run(next.keep());
        return got && *got == lease_change::taken;
    }));
    EXPECT_EQ(next.fence(), 2);
    auto const before = run(store->count(notes, {})).value();
    EXPECT_TRUE(run(next.commit(note("next", 2))).value().applied);
    holder.signal(SIGCONT);
    ASSERT_EQ(holder.wait_exit(), 0) << holder.log_text();
    auto const end = test::read_file(folder / "holder.end");
    if (GetParam())
        EXPECT_TRUE(end == "stopped lease_lost" || end == "refused lease_lost") << end;
    else
        EXPECT_EQ(end, "refused lease_lost");
    EXPECT_EQ(run(store->count(notes, {})).value(), before + 1) << "the late write is there";
}

INSTANTIATE_TEST_SUITE_P(Clocks, LeaseOfTwoProcesses, ::testing::Bool(),
                         [](auto const& info) { return info.param ? "noticing" : "unaware"; });

}  // namespace
}  // namespace cxb::server
