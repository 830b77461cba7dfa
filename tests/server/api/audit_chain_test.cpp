#include "server/api/audit/audit_chain.hpp"

#include <gtest/gtest.h>

#include "cxb/base/crypto.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using namespace std::chrono_literals;
using cxb::test::run;
using wire::json_object;
using wire::json_value;

constexpr std::int64_t to_the_end = 1'000'000;

std::unique_ptr<store::document_store> open_store(std::filesystem::path const& file) {
    store::sqlite_options options;
    options.path = file.string();
    auto opened = store::sqlite_document_store::open(options).value();
    EXPECT_TRUE(run(opened->ensure(model::system_runtime)));
    EXPECT_TRUE(run(opened->ensure(model::audit_log)));
    return opened;
}

class AuditChain : public ::testing::Test {
  protected:
    void write_rows(int count) {
        for (int i = 0; i < count; ++i) {
            time.advance(1s);
            audited_write what;
            what.entry = {"bot.update", "bot", "b" + std::to_string(i), "Bot", {}};
            what.entry.changes.push_back({"n", i, i + 0.5});
            ASSERT_TRUE(run(trail.commit(audit_actor::system("test"), std::move(what))));
        }
    }
    chain_report verify(std::int64_t from = 1, std::int64_t to = to_the_end) {
        return run(verify_chain(*store, from, to, [] { return false; })).value();
    }
    // 0: all is well.
    std::int64_t bad(std::int64_t from = 1, std::int64_t to = to_the_end) {
        return verify(from, to).first_bad_seq.value_or(0);
    }
    json_object row(std::int64_t seq) {
        return run(store->find_one(model::audit_log, of(seq))).value().value();
    }
    static store::filter of(std::int64_t seq) { return store::all_of({store::eq("seq", seq)}); }
    void change(std::int64_t seq, store::update how) {
        EXPECT_TRUE(run(store->update_one(model::audit_log, of(seq), std::move(how))).value());
    }
    void change_head(store::update how) {
        EXPECT_TRUE(run(store->update_one(model::system_runtime, store::by_id(audit_head_id),
                                          std::move(how)))
                        .value());
    }
    // As a version that knows no hashes writes.
    void write_old_rows(int count) {
        for (int i = 0; i < count; ++i) {
            auto const head =
                run(store->find_one_and_update(model::system_runtime, store::by_id(audit_head_id),
                                               store::update{}.inc("seq", 1), {}, true))
                    .value()
                    .value();
            ASSERT_TRUE(run(store->insert(
                model::audit_log, {{"seq", wire::int_at(head, "seq")},
                                   {"at", format_timestamp(time.now())},
                                   {"action", "bot.update"},
                                   {"target", {{"type", "bot"}, {"id", "b"}, {"label", ""}}}})));
        }
    }

    cxb::test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::document_store> store = open_store(folder / "s.db");
    audit_trail trail{*store, time, system_random()};
};

// The hash was computed by another program (Python's json and hashlib).
TEST_F(AuditChain, TheHashIsWhatAnybodyElseComputes) {
    json_object sample{
        {"_id", "65f0000000000000000000ff"},
        {"seq", 1},
        {"at", "2026-01-01T00:00:00.000Z"},
        {"actor",
         {{"type", "user"}, {"id", "65f000000000000000000001"}, {"label", "asha@example.com"}}},
        {"action", "bot.update"},
        {"target", {{"type", "bot"}, {"id", "65f000000000000000000002"}, {"label", "अनुस्मारक"}}},
        {"changes", {{{"path", "max_call_duration_seconds"}, {"old", 600}, {"new", 0.5}}}},
        {"request_id", "r1"},
        {"ip", "127.0.0.1"},
        {"user_agent", "curl/8"}};
    EXPECT_EQ(seal_audit_row(sample, std::string(64, '0')),
              "9abb9c9d36060b688f783ceba8d55bb1a4d4c290a55f39d977a3cb5a769fe120");
    EXPECT_EQ(wire::text_at(sample, "hash"), audit_hash(sample));
    EXPECT_FALSE(shown_audit_row(sample).contains("_id"));
}

TEST_F(AuditChain, EachRowCarriesTheHashOfTheOneBefore) {
    write_rows(5);
    EXPECT_EQ(wire::text_at(row(1), "prev_hash"), std::string(64, '0'));
    for (std::int64_t seq = 2; seq <= 5; ++seq)
        EXPECT_EQ(wire::text_at(row(seq), "prev_hash"), wire::text_at(row(seq - 1), "hash"));
    auto const found = verify();
    EXPECT_FALSE(found.first_bad_seq);
    EXPECT_EQ(found.checked, 5);
    EXPECT_FALSE(found.next);
}

TEST_F(AuditChain, AnEmptyTrailIsWhole) {
    EXPECT_EQ(bad(), 0);
    EXPECT_EQ(verify().checked, 0);
}

// Each way of changing what is stored, and the row that is named.
TEST_F(AuditChain, WhateverIsChangedByHandIsNamed) {
    write_rows(10);
    struct attempt {
        char const* what;
        std::function<void()> tamper;
        std::int64_t named;
    };
    auto const remove = [&](std::int64_t seq) {
        EXPECT_EQ(run(store->remove(model::audit_log, of(seq))).value(), 1);
    };
    auto const swap = [&](std::int64_t a, std::int64_t b) {
        change(a, store::update{}.set("seq", 1000));
        change(b, store::update{}.set("seq", a));
        change(1000, store::update{}.set("seq", b));
    };
    auto const rehash = [&](std::int64_t seq) {  // who knows the rule repairs the row itself
        auto changed = row(seq);
        changed["action"] = "nothing";
        change(
            seq,
            store::update{}.set("action", "nothing").set("hash", json_value(audit_hash(changed))));
    };
    attempt const attempts[] = {
        {"first", [&] { change(1, store::update{}.set("action", "x")); }, 1},
        {"middle", [&] { change(5, store::update{}.set("changes", json_value(nullptr))); }, 5},
        {"nested", [&] { change(6, store::update{}.set("actor.label", "x")); }, 6},
        {"last", [&] { change(10, store::update{}.set("at", "2020-01-01T00:00:00.000Z")); }, 10},
        {"new member", [&] { change(7, store::update{}.set("more", 1)); }, 7},
        {"hash gone", [&] { change(3, store::update{}.unset("hash")); }, 3},
        {"rehashed", [&] { rehash(4); }, 5},
        {"last rehashed", [&] { rehash(10); }, 10},
        {"first removed", [&] { remove(1); }, 1},
        {"middle removed", [&] { remove(6); }, 6},
        {"last removed", [&] { remove(10); }, 10},
        {"swapped", [&] { swap(3, 8); }, 3},
        {"row beyond the head",
         [&] {
             auto extra = row(10);
             extra["_id"] = "extra";
             extra["seq"] = 11;
             seal_audit_row(extra, std::string(wire::text_at(row(10), "hash")));
             EXPECT_TRUE(run(store->insert(model::audit_log, std::move(extra))));
         },
         11},
        {"head gone",
         [&] {
             EXPECT_EQ(
                 run(store->remove(model::system_runtime, store::by_id(audit_head_id))).value(), 1);
         },
         1},
    };
    auto const kept = run(store->find(model::audit_log, {}, {.limit = 0})).value().items;
    auto const head =
        run(store->find_one(model::system_runtime, store::by_id(audit_head_id))).value().value();
    for (auto const& each : attempts) {
        each.tamper();
        EXPECT_EQ(bad(), each.named) << each.what;
        EXPECT_TRUE(run(store->remove(model::audit_log, {})));
        EXPECT_TRUE(run(store->bulk_insert(model::audit_log, kept)));
        EXPECT_TRUE(run(store->remove(model::system_runtime, {})));
        EXPECT_TRUE(run(store->insert(model::system_runtime, head)));
        ASSERT_EQ(bad(), 0) << each.what;
    }
}

TEST_F(AuditChain, ARangeIsCheckedByItself) {
    write_rows(10);
    change(2, store::update{}.set("action", "x"));
    EXPECT_EQ(bad(), 2);
    EXPECT_EQ(bad(1, 1), 0);
    EXPECT_EQ(bad(4, 9), 0);
    EXPECT_EQ(verify(4, 9).checked, 6);
    EXPECT_EQ(bad(11), 0);
    EXPECT_EQ(bad(9, 3), 0);
    // The link to the row before the range counts.
    change(6, store::update{}.set("prev_hash", json_value(std::string(64, '1'))));
    EXPECT_EQ(bad(6, 6), 6);
}

TEST_F(AuditChain, GoesInPortionsAndTellsWhereTimeWasUp) {
    write_rows(static_cast<int>(audit_portion) + 5);
    int looks = 0;
    auto const first =
        run(verify_chain(*store, 1, to_the_end, [&] { return ++looks > 1; })).value();
    EXPECT_EQ(first.checked, static_cast<std::int64_t>(audit_portion));
    ASSERT_TRUE(first.next);
    EXPECT_EQ(*first.next, static_cast<std::int64_t>(audit_portion) + 1);
    auto const rest = verify(*first.next);
    EXPECT_EQ(rest.checked, 5);
    EXPECT_FALSE(rest.next || rest.first_bad_seq);
}

// Whoever lost too often is told to try again, and does.
asio::awaitable<result<void>> write_some(audit_trail& trail, std::string who, int count) {
    for (int n = 0; n < count;) {
        audited_write what;
        what.entry = {"bot.update", "bot", who, std::to_string(n), {}};
        auto const done = co_await trail.commit(audit_actor::system(who), std::move(what));
        if (done)
            ++n;
        else if (done.error().code() != errc::unavailable)
            co_return done;
    }
    co_return result<void>{};
}

TEST_F(AuditChain, ConcurrentWritersOfSeveralProcessesKeepOneChain) {
    constexpr int processes = 4;
    constexpr int writers = 5;
    constexpr int each = 5;
    std::vector<std::unique_ptr<store::document_store>> stores;
    std::vector<std::unique_ptr<audit_trail>> trails;
    std::vector<asio::awaitable<result<void>>> tasks;
    for (int i = 0; i < processes; ++i) {
        stores.push_back(open_store(folder / "s.db"));
        trails.push_back(std::make_unique<audit_trail>(*stores.back(), time, system_random()));
        for (int n = 0; n < writers; ++n)
            tasks.push_back(write_some(*trails.back(), std::to_string(i), each));
    }
    for (auto const& done : cxb::test::run_all(std::move(tasks)))
        EXPECT_TRUE(done) << done.error().to_log_text();
    auto const found = verify();
    EXPECT_EQ(found.checked, processes * writers * each);
    EXPECT_FALSE(found.first_bad_seq);
}

TEST_F(AuditChain, RowsOfAnOlderVersionAreSealedOnce) {
    write_old_rows(static_cast<int>(audit_portion) + 30);
    EXPECT_FALSE(row(1).contains("hash"));
    write_rows(2);
    EXPECT_EQ(bad(), 0);
    EXPECT_EQ(verify().checked, static_cast<std::int64_t>(audit_portion) + 32);
    // It goes on beside the new one.
    write_old_rows(3);
    write_rows(1);
    EXPECT_EQ(bad(), 0);
    write_old_rows(2);
    EXPECT_EQ(bad(), 0) << "looking seals too";
    change(5, store::update{}.set("action", "x"));
    EXPECT_EQ(bad(), 5) << "what is sealed is not sealed anew";
}

TEST_F(AuditChain, AnOlderVersionMayHaveRemovedTheOldestRows) {
    write_old_rows(10);
    EXPECT_EQ(run(store->remove(model::audit_log, store::all_of({store::lt("seq", 4)}))).value(),
              3);
    write_rows(1);
    EXPECT_EQ(bad(), 0);
    EXPECT_EQ(verify().checked, 8);
    EXPECT_EQ(run(store->remove(model::audit_log, of(4))).value(), 1);
    EXPECT_EQ(bad(), 4);
}

TEST_F(AuditChain, TheRetentionLeavesAWholeChain) {
    write_rows(300);
    auto const from = time.now() - 49s;  // of 300 rows, one a second, 50 stay
    server::loop_lease lease(*store, time, {.name = "clean_up", .owner = "a"});
    ASSERT_TRUE(run(lease.keep()));
    EXPECT_EQ(run(remove_old_audit_rows(*store, lease, from)).value(), audit_portion);
    EXPECT_EQ(bad(), 0);
    EXPECT_EQ(run(remove_old_audit_rows(*store, lease, from)).value(), 50U);
    EXPECT_EQ(run(remove_old_audit_rows(*store, lease, from)).value(), 0U);
    EXPECT_EQ(verify().checked, 50);
    EXPECT_EQ(bad(), 0);
    write_rows(1);
    EXPECT_EQ(bad(), 0);
    // What somebody else removes is still noticed.
    EXPECT_EQ(run(store->remove(model::audit_log, of(251))).value(), 1);
    EXPECT_EQ(bad(), 251);
    ASSERT_TRUE(run(lease.release()));
    EXPECT_EQ(run(remove_old_audit_rows(*store, lease, time.now())).error().reason(), "lease_lost");
}

TEST_F(AuditChain, AClockThatJumpsLeavesNoHole) {
    write_rows(3);
    time.set_wall(time.now() - 1h);
    write_rows(3);
    time.advance(2h);
    write_rows(3);
    server::loop_lease lease(*store, time, {.name = "clean_up", .owner = "a"});
    ASSERT_TRUE(run(lease.keep()));
    // Rows 4 to 6 are older by their clock, but stand behind younger ones.
    auto const moment = *parse_timestamp(wire::text_at(row(1), "at"));
    EXPECT_EQ(run(remove_old_audit_rows(*store, lease, moment)).value(), 0U);
    EXPECT_EQ(bad(), 0);
}

TEST_F(AuditChain, MomentsBecomeRows) {
    write_rows(5);
    auto const at = [&](std::int64_t seq) {
        return *parse_timestamp(wire::text_at(row(seq), "at"));
    };
    EXPECT_EQ(run(audit_seq_from(*store, at(3))).value(), 3);
    EXPECT_EQ(run(audit_seq_from(*store, at(3) + 1ms)).value(), 4);
    EXPECT_EQ(run(audit_seq_from(*store, at(5) + 1ms)).value(), 6);
    EXPECT_EQ(run(audit_seq_before(*store, at(3))).value(), 2);
    EXPECT_EQ(run(audit_seq_before(*store, at(1))).value(), 0);
}

TEST_F(AuditChain, BytesThatAreNoTextDoNotBreakTheTrail) {
    server::request_context context;
    context.request.headers.set("User-Agent", "caf\xE9");
    audited_write what;
    what.entry = {"login", "user", "u", "u", {}};
    ASSERT_TRUE(run(trail.commit(audit_actor::of(context), std::move(what))));
    EXPECT_EQ(wire::text_at(row(1), "user_agent"), "caf?");
    EXPECT_EQ(bad(), 0);
}

}  // namespace
}  // namespace cxb::api::test
