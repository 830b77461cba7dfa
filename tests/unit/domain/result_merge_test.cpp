#include "cxb/domain/result_merge.hpp"

#include <gtest/gtest.h>

#include "unit/domain/result_merge_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb::domain::testing_kit;

TEST(ResultMerge, OrphanIsInserted) {
    auto call = stored_call::none();
    auto const out = call.post(full);
    EXPECT_EQ(out.decision, merge_decision::stored);
    EXPECT_TRUE(out.insert);
    EXPECT_EQ(out.effect_round, 1);
    EXPECT_FALSE(out.call_updated);
    EXPECT_EQ(call.text("session_id"), "\"s1\"");
    EXPECT_EQ(call.text("orphan_result"), "true");
    EXPECT_EQ(call.text("status"), "\"completed\"");
    EXPECT_EQ(call.text("created_at"), "\"2026-01-02T03:01:00.000Z\"");
    EXPECT_EQ(call.text("completed_at"), "\"2026-01-02T03:01:00.000Z\"");
    EXPECT_EQ(call.text("result_hash").size(), 66U);
}

TEST(ResultMerge, FirstResultOfASkeleton) {
    auto call = stored_call::skeleton();
    auto const out = call.post(full);
    EXPECT_EQ(out.decision, merge_decision::stored);
    EXPECT_FALSE(out.insert);
    EXPECT_EQ(out.effect_round, 1);
    EXPECT_EQ(call.text("status"), "\"completed\"");
    EXPECT_EQ(call.text("orphan_result"), "absent");
    EXPECT_EQ(call.text("created_at"), "absent") << "the skeleton has its own";
    EXPECT_EQ(call.text("caller_id"), "\"+911\"") << "absent members never overwrite";
    EXPECT_EQ(call.text("recording_access_token"), "absent") << "no recording, no token";
    EXPECT_TRUE(call.conflicts().empty());
}

TEST(ResultMerge, NullLeavesWhatIsStored) {
    auto call = stored_call::skeleton();
    call.post(R"("connected_event":null,"caller_id":null,"call_duration_seconds":3)");
    EXPECT_EQ(call.text("connected_event"), R"({"CUSTOMER":"Ravi"})");
    EXPECT_EQ(call.text("caller_id"), "\"+911\"");
    call.post(R"("connected_event":{"other":1})");
    EXPECT_EQ(call.text("connected_event"), R"({"CUSTOMER":"Ravi"})") << "minimal after full";
    call.post(R"("connected_event":{"other":1},"call_duration_seconds":3)");
    EXPECT_EQ(call.text("connected_event"), R"({"other":1})")
        << "whole values, nothing merged inside";
}

TEST(ResultMerge, StatusByDisconnectWord) {
    auto const status = [](std::string_view members) {
        auto call = stored_call::skeleton();
        call.post(members);
        return call.text("status");
    };
    EXPECT_EQ(status(R"("disconnected_by":"error")"), "\"failed\"");
    EXPECT_EQ(status(R"("disconnected_by":"no_answer")"), "\"failed\"");
    EXPECT_EQ(status(R"("disconnected_by":"voicemail")"), "\"voicemail\"");
    EXPECT_EQ(status(""), "\"completed\"");
    // 10-3
    auto call = stored_call::skeleton();
    call.post(R"("disconnected_by":"martian")");
    EXPECT_EQ(call.text("disconnected_by"), "\"martian\"");
    EXPECT_EQ(call.text("status"), "\"completed\"");
}

// 10-17: a later recording alone keeps everything and brings a token.
TEST(ResultMerge, RecordingComesLater) {
    auto call = stored_call::skeleton();
    call.post(full);
    auto const out = call.post(R"("recording_key":"2026/01/02/s1.wav")");
    EXPECT_EQ(out.decision, merge_decision::updated);
    EXPECT_EQ(out.effect_round, 0);
    EXPECT_TRUE(out.call_updated);
    EXPECT_EQ(out.changed, std::vector<std::string>{"recording_key"});
    EXPECT_EQ(call.text("status"), "\"completed\"");
    EXPECT_NE(call.text("transcript"), "absent");
    EXPECT_EQ(call.text("recording_access_token"), "\"" + std::string(minted) + "\"");
    EXPECT_EQ(call.text("completed_at"), "\"2026-01-02T03:01:00.000Z\"") << "stays";
    EXPECT_EQ(call.text("updated_at"), "\"2026-01-02T03:02:00.000Z\"");
    EXPECT_TRUE(call.conflicts().empty()) << "nothing was replaced";
}

// 10-18: repeats change nothing and repeat no effects.
TEST(ResultMerge, SameBodyFiftyTimes) {
    auto call = stored_call::skeleton();
    EXPECT_EQ(call.post(full).effect_round, 1);
    auto const after_first = call.document();
    for (int i = 0; i < 49; ++i) {
        auto const out = call.post(full);
        EXPECT_EQ(out.decision, merge_decision::duplicate);
        EXPECT_EQ(out.effect_round, 0);
        EXPECT_FALSE(out.call_updated);
        EXPECT_FALSE(out.writes());
    }
    EXPECT_EQ(call.document(), after_first);
}

TEST(ResultMerge, SameIdAndSequenceIsADuplicateWhateverItSays) {
    auto call = stored_call::skeleton();
    auto const id = R"("result_id":")" + std::string(id_a) + "\",";
    call.post(id + std::string(full));
    EXPECT_EQ(call.text("result_id"), "\"" + std::string(id_a) + "\"");
    EXPECT_EQ(call.text("result_seq"), "1") << "default";
    EXPECT_EQ(call.post(id + R"("result_seq":1,"call_duration_seconds":1)").decision,
              merge_decision::duplicate);
    EXPECT_EQ(call.text("call_duration_seconds"), "92.5");
}

// 10-20: a higher sequence stays.
TEST(ResultMerge, LowerSequenceIsStale) {
    auto call = stored_call::skeleton();
    auto const id = R"("result_id":")" + std::string(id_a) + "\",";
    call.post(id + R"("result_seq":2,"call_duration_seconds":20,"disconnected_by":"bot")");
    auto const before = call.document();
    auto const out = call.post(id + R"("result_seq":1,"call_duration_seconds":10)");
    EXPECT_EQ(out.decision, merge_decision::stale);
    EXPECT_FALSE(out.writes());
    EXPECT_EQ(call.document(), before);
    auto const next = call.post(id + R"("result_seq":3,"call_duration_seconds":30)");
    EXPECT_EQ(next.decision, merge_decision::updated);
    EXPECT_EQ(call.text("result_seq"), "3");
    EXPECT_EQ(call.text("disconnected_by"), "\"bot\"");
}

TEST(ResultMerge, LowerSequenceOfAnotherIdIsNotStale) {
    auto call = stored_call::skeleton();
    call.post(R"("result_id":")" + std::string(id_a) +
              R"(","result_seq":2,"call_duration_seconds":20)");
    auto const out =
        call.post(R"("result_id":")" + std::string(id_b) + R"(","call_duration_seconds":10)");
    EXPECT_EQ(out.decision, merge_decision::updated);
    EXPECT_EQ(call.text("result_seq"), "1");
    EXPECT_EQ(call.text("call_duration_seconds"), "10");
}

// 10-19: minimal, full, minimal again.
TEST(ResultMerge, MinimalFullMinimal) {
    auto call = stored_call::skeleton();
    auto const first = call.post(minimal);
    EXPECT_EQ(first.decision, merge_decision::stored);
    EXPECT_EQ(call.text("status"), "\"failed\"");
    auto const second = call.post(full);
    EXPECT_EQ(second.decision, merge_decision::updated);
    EXPECT_EQ(second.effect_round, 2);
    EXPECT_FALSE(second.call_updated);
    EXPECT_EQ(call.text("status"), "\"completed\"") << "recomputed";
    EXPECT_TRUE(call.conflicts().empty()) << "a minimal result leaves nothing to keep";
    auto const third = call.post(minimal);
    EXPECT_EQ(third.decision, merge_decision::kept_previous);
    EXPECT_EQ(third.effect_round, 0);
    EXPECT_FALSE(third.call_updated);
    EXPECT_EQ(call.text("status"), "\"completed\"");
    EXPECT_NE(call.text("transcript"), "absent");
    ASSERT_EQ(call.conflicts().size(), 1U);
    auto const entry = call.conflicts()[0].as_object();
    EXPECT_EQ(wire::text_at(entry, "reason"), "kept_previous");
    EXPECT_EQ(wire::text_at(entry, "members.disconnected_by"), "error");
    auto const again = call.post(minimal);
    EXPECT_EQ(again.decision, merge_decision::kept_previous);
    EXPECT_FALSE(again.writes()) << "told once";
}

TEST(ResultMerge, WhatIsMinimal) {
    auto const is_min = [](std::string_view members) {
        return is_minimal(payload(with_session(members)).members);
    };
    EXPECT_TRUE(is_min(""));
    EXPECT_TRUE(is_min(R"("call_duration_seconds":0,"transcript":[],"events":[{"type":"dtmf"}])"));
    EXPECT_FALSE(is_min(R"("call_duration_seconds":0.5)"));
    EXPECT_FALSE(is_min(R"("transcript":[{"role":"user","content":""}])"));
    EXPECT_FALSE(is_min(R"("recording_key":"a.wav")"));
    EXPECT_FALSE(is_min(R"("recording_url":"https://a.example/b")"));
}

TEST(ResultMerge, LastWriterWinsMemberByMember) {
    auto call = stored_call::skeleton();
    call.post(std::string(full) + R"(,"qc_analysis":{"overall_score":8})");
    auto const out = call.post(R"("call_duration_seconds":90,"qc_analysis":{"overall_score":5},)"
                               R"("disconnected_by":"customer","analysis_status":"done")");
    EXPECT_EQ(out.decision, merge_decision::updated);
    EXPECT_TRUE(out.call_updated);
    EXPECT_EQ(out.changed, (std::vector<std::string>{"call_duration_seconds", "qc_analysis",
                                                     "analysis_status"}));
    ASSERT_EQ(call.conflicts().size(), 1U);
    auto const entry = call.conflicts()[0].as_object();
    EXPECT_EQ(wire::text_at(entry, "reason"), "replaced");
    EXPECT_EQ(wire::to_text(entry.at("members")),
              R"({"call_duration_seconds":92.5,"qc_analysis":{"overall_score":8}})")
        << "old values of changed members only";
    EXPECT_EQ(wire::text_at(entry, "at"), "2026-01-02T03:02:00.000Z");
    EXPECT_FALSE(wire::text_at(entry, "hash").empty());
}

TEST(ResultMerge, NumbersOfAStoreCompareByValue) {
    auto call = stored_call::skeleton();
    call.post(R"("call_duration_seconds":90,"disconnected_by":"bot")");
    call.document()["call_duration_seconds"] = 90.0;
    auto const out = call.post(R"("call_duration_seconds":90,"disconnected_by":"customer")");
    EXPECT_EQ(out.changed, std::vector<std::string>{"disconnected_by"});
}

TEST(ResultMerge, ReaperAndTheRealResult) {
    auto call = stored_call::skeleton();
    auto reaper = at(1);
    reaper.by_reaper = true;
    auto const reaped = call.post(R"("disconnected_by":"error")", reaper);
    EXPECT_EQ(reaped.decision, merge_decision::stored);
    EXPECT_EQ(call.text("result_missing"), "true");
    EXPECT_EQ(call.text("status"), "\"failed\"");
    auto const real = call.post(full, at(2));
    EXPECT_EQ(real.decision, merge_decision::updated);
    EXPECT_EQ(real.effect_round, 2);
    EXPECT_EQ(call.text("result_missing"), "absent");
    EXPECT_EQ(call.text("status"), "\"completed\"");
    auto const late = call.post(R"("disconnected_by":"error","worker_id":"r")", reaper);
    EXPECT_EQ(late.decision, merge_decision::stale) << "the reaper yields to any result";
    EXPECT_FALSE(late.writes());
}

TEST(ResultMerge, MinimalAfterTheReaper) {
    auto call = stored_call::skeleton();
    auto reaper = at(1);
    reaper.by_reaper = true;
    call.post(R"("disconnected_by":"error")", reaper);
    auto const out = call.post(R"("disconnected_by":"no_answer")", at(2));
    EXPECT_EQ(out.decision, merge_decision::updated);
    EXPECT_EQ(out.effect_round, 0);
    EXPECT_EQ(call.text("result_missing"), "absent");
    EXPECT_EQ(call.post(full, at(3)).effect_round, 2);
}

TEST(ResultMerge, SummaryIsRemovedWithItsUsage) {
    auto call = stored_call::skeleton();
    call.post(std::string(full) +
              R"(,"usage_metrics":[{"kind":"qc","cache_read_input_tokens":5}])");
    EXPECT_NE(call.text("llm_cache_summary"), "absent");
    call.post(R"("call_duration_seconds":9,"usage_metrics":[{"kind":"llm"}])");
    EXPECT_EQ(call.text("llm_cache_summary"), "absent");
}

TEST(ResultMerge, TwoOrdersOfTwoResultsEndAlikeUpToTheLastWriter) {
    auto one = stored_call::skeleton();
    one.post(minimal);
    one.post(full);
    auto two = stored_call::skeleton();
    two.post(full);
    two.post(minimal);
    for (auto const* name : {"status", "disconnected_by", "transcript", "call_duration_seconds"})
        EXPECT_EQ(one.text(name), two.text(name)) << name;
}

TEST(ResultMerge, EqualInputGivesEqualOutput) {
    auto const stored = stored_call::skeleton().document();
    auto const body = payload(with_session(full));
    auto const a = merge_result(&stored, body, at(1));
    auto const b = merge_result(&stored, body, at(1));
    EXPECT_EQ(a.set, b.set);
    EXPECT_EQ(a.unset, b.unset);
}

// A repetition is recognised without making it ready for storing.
TEST(ResultMerge, KnownAlready) {
    auto const posted = [](std::string_view members) {
        return read_posted(with_session(members)).value();
    };
    auto const first = R"("result_id":"019436f4-0000-7000-8000-00000000000a","result_seq":2)";
    auto call = stored_call::skeleton();
    EXPECT_EQ(known_already(call.document(), posted(first)), std::nullopt) << "no result yet";
    call.post(first);
    EXPECT_EQ(known_already(call.document(), posted(first)), merge_decision::duplicate);
    EXPECT_EQ(known_already(call.document(),
                            posted(R"("result_id":"019436f4-0000-7000-8000-00000000000a")")),
              merge_decision::stale);
    EXPECT_EQ(known_already(call.document(), posted(full)), std::nullopt);
    call.post(full);
    EXPECT_EQ(known_already(call.document(), posted(full)), merge_decision::duplicate)
        << "without an id by the hash";
}

// Results are large: what is stored is what was read, moved and never copied.
TEST(ResultMerge, LargeMembersAreNotCopied) {
    auto const item_of = [](wire::json_object const& members) {
        return members.at("transcript").as_array().data();
    };
    auto const skeleton = stored_call::skeleton().document();
    for (auto const* stored : {&skeleton, static_cast<wire::json_object const*>(nullptr)}) {
        auto body = payload(with_session(full));
        auto const* const before = item_of(body.members);
        auto const out = merge_result(stored, std::move(body), at(1));
        EXPECT_EQ(item_of(out.set), before);
    }
}

TEST(ResultMerge, HasResult) {
    EXPECT_FALSE(has_result({{"session_id", "s"}, {"completed_at", nullptr}}));
    EXPECT_TRUE(has_result({{"completed_at", "2026-01-02T03:04:05.000Z"}}));
    EXPECT_TRUE(has_result({{"result_hash", "ab"}}));
}

}  // namespace
