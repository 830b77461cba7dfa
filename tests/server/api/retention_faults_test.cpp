// The retention where something comes between: late results, lost leases, stores that fail, more
// than a turn may do (spec 21 §2.1).
#include <fstream>
#include <thread>

#include "cxb/testing/fault_store.hpp"
#include "server/api/retention_fixture.hpp"

namespace cxb::api::test {
namespace {

namespace fs = std::filesystem;
using testing::fault_store;
using testing::store_operation;

struct RetentionFaults : retention_test {};

TEST_F(RetentionFaults, ALateResultForARemovedCallIsThatOfAnUnknownOne) {
    begin();
    auto const old = whole_call();
    pass(24h * 8);
    ASSERT_EQ(turn(days(7, 0, 0, 0)).calls, 1U);
    EXPECT_EQ(post_result(result_of(old.session, {{"call_duration_seconds", 50}})).text("result"),
              "stored");
    EXPECT_EQ(why("call", old.session), "orphan_result");
    EXPECT_EQ(turn(days(7, 0, 0, 0)).calls, 0U) << "it is new";
    pass(24h * 8);
    EXPECT_EQ(turn(days(7, 0, 0, 0)).calls, 1U);
    EXPECT_EQ(rows_left(old.session), 0U);
}

TEST_F(RetentionFaults, ALateResultBringsNoRecordingBack) {
    begin();
    auto const old = whole_call();
    pass(24h * 8);
    ASSERT_EQ(turn(days(0, 7, 0, 0)).recordings, 1U);
    ASSERT_TRUE(is_gone(old));
    std::string const elsewhere = "2026/01/09/late.wav";
    fs::path const late = fs::path(settings.data_dir) / "objects" / elsewhere;
    fs::create_directories(late.parent_path());
    std::ofstream(late) << "RIFF";
    EXPECT_EQ(post_result(result_of(old.session,
                                    {{"call_duration_seconds", 50}, {"recording_key", elsewhere}}))
                  .text("result"),
              "updated");
    EXPECT_TRUE(eventually([&] { return !fs::exists(late); }));
    auto const shown = call(old.session);
    EXPECT_EQ(shown.json.at("call_duration_seconds").to_number<int>(), 50);
    EXPECT_FALSE(shown.json.at("has_recording").as_bool());
    EXPECT_FALSE(shown.json.as_object().contains("recording_key"));
    EXPECT_FALSE(shown.json.as_object().contains("public_recording_url"));
    EXPECT_EQ(why("recording", old.session), "retention");
}

TEST_F(RetentionFaults, AnUploadThatComesTooLateDoesNotStay) {
    begin();
    auto const marked = whole_call();
    auto const removed = whole_call();
    pass(24h + 1min);  // the links are good for the longest call more
    ASSERT_EQ(turn(days(0, 1, 0, 0)).recordings, 2U);
    ASSERT_TRUE(is_gone(marked) && is_gone(removed));
    EXPECT_EQ(upload(marked).status, 404);
    EXPECT_FALSE(fs::exists(file(marked)));
    ASSERT_EQ(turn(days(1, 0, 0, 0)).calls, 2U);
    EXPECT_EQ(upload(removed).status, 404);
    EXPECT_FALSE(fs::exists(file(removed)));
}

// Words that a late result brings are found by the next round.
TEST_F(RetentionFaults, WordsThatComeLateGoADayLater) {
    begin();
    auto const old = whole_call();
    pass(24h * 8);
    ASSERT_EQ(turn(days(0, 0, 7, 0)).transcripts, 1U);
    EXPECT_EQ(post_result(result_of(old.session, {{"call_duration_seconds", 50}})).text("result"),
              "updated");
    auto const back = call(old.session);
    EXPECT_TRUE(back.json.as_object().contains("transcript"));
    EXPECT_FALSE(back.json.as_object().contains("transcript_removed_at"));
    EXPECT_EQ(turn(days(0, 0, 7, 0)).transcripts, 0U);
    pass(24h);
    EXPECT_EQ(turn(days(0, 0, 7, 0)).transcripts, 1U);
    EXPECT_FALSE(call(old.session).json.as_object().contains("transcript"));
}

TEST_F(RetentionFaults, ALostFenceEndsTheTurn) {
    begin();
    constexpr std::size_t all = 10 * retention_portion;
    put_calls(all);
    pass(24h * 8);
    fault_store slow(**other);
    // Each commit is told late, so that there is time between two portions.
    slow.add({.on = store_operation::commit, .times = 0, .failure = std::nullopt, .delay = 30ms});
    result<retention_counts> done = retention_counts{};
    std::jthread turning([&] { done = turn_over(slow, days(0, 7, 0, 0)); });
    store_beside thief(settings);
    auto const removed = [&] {
        return thief
            .run((*thief).count(model::calls, store::all_of({store::eq("has_recording", false)})))
            .value();
    };
    EXPECT_TRUE(eventually([&] { return removed() > 0; }));
    EXPECT_TRUE(thief.run((*thief).update_one(model::system_runtime, store::by_id(lease_name),
                                              store::update{}.inc("fence", 1))));
    turning.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason(), "lease_lost");
    auto const treated = removed();
    EXPECT_LT(treated, static_cast<std::int64_t>(all));
    EXPECT_EQ(treated % static_cast<std::int64_t>(retention_portion), 0) << "whole portions";
    // Whoever holds it now goes on; the old lease has ended by then.
    pass(10min);
    EXPECT_EQ(turn(days(0, 7, 0, 0)).recordings, all - static_cast<std::size_t>(treated));
    EXPECT_EQ(removed(), static_cast<std::int64_t>(all));
}

TEST_F(RetentionFaults, AStoreThatFailsInBetweenLosesNothing) {
    settings.jobs.workers = 0;
    begin();
    put_calls(3 * retention_portion);
    pass(24h * 8);
    for (auto const& kept : {days(0, 0, 7, 0), days(7, 0, 0, 0)}) {
        fault_store failing(**other);
        failing.add({.on = store_operation::commit, .collection = "calls", .step = 2});
        auto const done = turn_over(failing, kept);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), errc::unavailable);
        pass(10min);
        auto const rest = turn(kept);
        EXPECT_EQ(rest.calls + rest.transcripts, 2 * retention_portion);
    }
    EXPECT_EQ(calls_where(store::eq("call_type", "bot")), 0);
}

// Calls that are too long to be changed together are changed in halves.
TEST_F(RetentionFaults, APortionThatIsTooLargeIsHalved) {
    settings.jobs.workers = 0;
    begin();
    put_calls(retention_portion + 1);
    pass(24h * 8);
    for (auto const& kept : {days(0, 7, 0, 0), days(7, 0, 0, 0)}) {
        fault_store narrow(**other);
        narrow.add({.on = store_operation::commit,
                    .collection = "calls",
                    .times = 2,
                    .failure = error{errc::too_large, "over 15 MiB"}});
        auto const done = turn_over(narrow, kept);
        ASSERT_TRUE(done) << done.error().to_log_text();
        EXPECT_EQ(done->calls + done->recordings, retention_portion + 1);
        EXPECT_EQ(narrow.failed(), 2U);
    }
}

// The first commit was done and told as failed: what it did is not done twice.
TEST_F(RetentionFaults, APortionWhoseEndIsUnknownIsFoundDone) {
    settings.jobs.workers = 0;
    begin();
    put_calls(2 * retention_portion);
    pass(24h * 8);
    fault_store failing(**other);
    failing.add({.on = store_operation::commit,
                 .collection = "calls",
                 .failure = error{errc::deadline_exceeded, "too slow"},
                 .carried_out = true});
    ASSERT_FALSE(turn_over(failing, days(0, 7, 0, 0)));
    pass(10min);
    EXPECT_EQ(turn(days(0, 7, 0, 0)).recordings, retention_portion);
    store::find_options jobs;
    jobs.limit = 0;
    auto const removals = other->run((*other)->find(
        server::jobs, store::all_of({store::eq("kind", "recording_removal")}), jobs));
    EXPECT_EQ(removals.value().items.size(), 2U) << "one for a portion";
}

TEST_F(RetentionFaults, AnObjectStoreThatFailsIsAskedAgain) {
    begin();
    auto const old = whole_call();
    fs::remove(file(old));
    fs::create_directories(file(old));  // what unlink cannot remove
    pass(24h * 8);
    ASSERT_EQ(turn(days(0, 7, 0, 0)).recordings, 1U);
    EXPECT_EQ(get("recordings/" + old.session).status, 404) << "at once";
    auto const job = [&] {
        return get("ops/jobs?kind=recording_removal").json.at("items").at(0).as_object();
    };
    ASSERT_TRUE(eventually([&] {
        return wire::int_at(job(), "attempts") == 1 && wire::text_at(job(), "state") == "queued";
    }));
    fs::remove(file(old));
    std::ofstream(file(old)) << "RIFF";
    clock.advance(36s);  // 30 s x 1.2 at most
    EXPECT_TRUE(eventually([&] { return wire::text_at(job(), "state") == "done"; }));
    EXPECT_FALSE(fs::exists(file(old)));
}

// Done portions are not looked at again: the next turn begins where the last one stopped.
TEST_F(RetentionFaults, ATurnGoesOnWhereTheLastOneStopped) {
    settings.jobs.workers = 0;
    begin();
    put_calls(retention_portion + 3);
    pass(24h * 8);
    ASSERT_EQ(turn(days(0, 0, 7, 0)).transcripts, retention_portion + 3);
    auto const place = other->find(model::system_runtime, store::by_id("retention"));
    ASSERT_TRUE(place);
    auto const before = parse_timestamp(wire::text_at(*place, "transcripts.before"));
    ASSERT_TRUE(before);
    EXPECT_EQ(clock.now() - *before, 24h * 7);
    // A treated call that lost its mark is found in the next round only.
    EXPECT_TRUE(other->run((*other)->update_one(model::calls,
                                                store::all_of({store::eq("session_id", "s-1")}),
                                                store::update{}.unset("transcript_removed_at"))));
    pass(1h);
    EXPECT_EQ(turn(days(0, 0, 7, 0)).transcripts, 0U);
    pass(24h);
    EXPECT_EQ(turn(days(0, 0, 7, 0)).transcripts, 1U);
}

TEST_F(RetentionFaults, ATurnEndsAndLeavesTheRestToTheNext) {
    settings.jobs.workers = 0;
    begin();
    constexpr std::size_t most = retention_portion * retention_portions;
    put_calls(most + 5);
    pass(24h * 30);
    EXPECT_EQ(turn(days(7, 0, 0, 0)).calls, most);
    EXPECT_EQ(turn(days(7, 0, 0, 0)).calls, 5U);
    EXPECT_EQ(calls_where(store::eq("call_type", "bot")), 0);
}

}  // namespace
}  // namespace cxb::api::test
