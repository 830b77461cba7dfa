#include "cxb/domain/result_merge.hpp"

#include <gtest/gtest.h>

#include "cxb/base/limits.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

constexpr std::string_view id_a = "019436f4-0000-7000-8000-00000000000a";
constexpr std::string_view id_b = "019436f4-0000-7000-8000-00000000000b";
constexpr std::string_view minted = "minted-token-0000000000";

result_payload payload(std::string_view body) {
    auto out = read_result(body);
    EXPECT_TRUE(out) << out.error().to_log_text() << body;
    return out ? *out : result_payload{};
}

std::string with_session(std::string_view members) {
    return R"({"session_id":"s1")" + (members.empty() ? "" : "," + std::string(members)) + "}";
}

merge_context at(int minute) {
    return {.now = *parse_timestamp("2026-01-02T03:00:00Z") + std::chrono::minutes(minute),
            .fresh_token = std::string(minted)};
}

/// A stored call to which results are posted one after another.
class stored_call {
  public:
    static stored_call none() { return {}; }
    static stored_call skeleton() {
        stored_call out;
        out.document_ = {{"session_id", "s1"},
                         {"status", "active"},
                         {"bot_id", "b1"},
                         {"caller_id", "+911"},
                         {"connected_event", {{"CUSTOMER", "Ravi"}}}};
        out.there_ = true;
        return out;
    }
    merge_outcome post(std::string_view members, merge_context const& context) {
        auto out =
            merge_result(there_ ? &document_ : nullptr, payload(with_session(members)), context);
        if (out.insert) there_ = true;
        for (auto const& member : out.set)
            document_[member.key()] = member.value();
        for (auto const& name : out.unset)
            document_.erase(name);
        return out;
    }
    merge_outcome post(std::string_view members) { return post(members, at(++minute_)); }
    [[nodiscard]] std::string text(std::string_view name) const {
        auto const* value = document_.if_contains(name);
        return value == nullptr ? "absent" : wire::to_text(*value);
    }
    [[nodiscard]] wire::json_array conflicts() const {
        auto const* list = document_.if_contains("result_conflicts");
        return list == nullptr ? wire::json_array{} : list->as_array();
    }
    wire::json_object& document() { return document_; }

  private:
    wire::json_object document_;
    bool there_ = false;
    int minute_ = 0;
};

constexpr std::string_view full =
    R"("disconnected_by":"customer","call_duration_seconds":92.5,"transcript":[{"role":"user",)"
    R"("content":"haan"}])";
constexpr std::string_view minimal = R"("disconnected_by":"error","call_duration_seconds":0)";

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

TEST(ResultMerge, FiveNewestConflicts) {
    auto call = stored_call::skeleton();
    for (int i = 1; i <= 8; ++i)
        call.post(R"("call_duration_seconds":)" + std::to_string(i));
    auto const list = call.conflicts();
    ASSERT_EQ(list.size(), max_result_conflicts);
    EXPECT_EQ(wire::to_text(list[0].at("members")), R"({"call_duration_seconds":3})");
    EXPECT_EQ(wire::to_text(list[4].at("members")), R"({"call_duration_seconds":7})");
}

TEST(ResultMerge, LargeConflictLosesItsLargestMembers) {
    auto call = stored_call::skeleton();
    auto const blob = [](char c) {
        return R"("qc_analysis":{"t":")" + std::string(100 * limits::kib, c) +
               R"("},)"
               R"("post_call_analysis":{"t":")" +
               std::string(50 * limits::kib, c) + "\"},";
    };
    call.post(blob('a') + R"("call_duration_seconds":1)");
    call.post(blob('b') + R"("call_duration_seconds":2)");
    ASSERT_EQ(call.conflicts().size(), 1U);
    auto const entry = call.conflicts()[0].as_object();
    EXPECT_LE(wire::to_text(entry.at("members")).size(), max_conflict_bytes);
    EXPECT_EQ(wire::to_text(entry.at("dropped")), R"(["qc_analysis"])");
    EXPECT_TRUE(entry.at("members").as_object().contains("post_call_analysis"));
}

TEST(ResultMerge, TokenOfTheFirstResult) {
    auto const token = [](stored_call call, std::string_view members, bool taken) {
        auto context = at(1);
        context.token_taken = taken;
        call.post(members, context);
        return call.text("recording_access_token");
    };
    constexpr std::string_view given =
        R"("recording_key":"a.wav","recording_access_token":"given-token-1234567890")";
    EXPECT_EQ(token(stored_call::skeleton(), given, false), "\"given-token-1234567890\"");
    EXPECT_EQ(token(stored_call::skeleton(), given, true), "\"" + std::string(minted) + "\"")
        << "another call has it";
    auto known = stored_call::skeleton();
    known.document()["recording_access_token"] = "existing-token-12345678";
    EXPECT_EQ(token(known, R"("recording_url":"https://a.example/r.wav")", false),
              "\"existing-token-12345678\"");
    EXPECT_EQ(token(known, given, false), "\"given-token-1234567890\"");
    EXPECT_EQ(token(stored_call::skeleton(),
                    R"("recording_key":"a.wav","recording_access_token":"short")", false),
              "\"" + std::string(minted) + "\"")
        << "a token that no link could carry is none";
    EXPECT_EQ(token(stored_call::skeleton(), R"("call_duration_seconds":4)", false), "absent");
    EXPECT_EQ(token(stored_call::skeleton(), R"("recording_access_token":"given-token-1234567890")",
                    false),
              "\"given-token-1234567890\"");
}

TEST(ResultMerge, TokenStaysOnUpdate) {
    auto call = stored_call::skeleton();
    call.post(R"("recording_key":"a.wav")");
    auto const first = call.text("recording_access_token");
    auto const out =
        call.post(R"("recording_key":"b.wav","recording_access_token":"given-token-1234567890")",
                  {.now = at(9).now, .fresh_token = "another-token-123456789"});
    EXPECT_EQ(out.decision, merge_decision::updated);
    EXPECT_EQ(call.text("recording_access_token"), first);
    EXPECT_EQ(wire::to_text(call.conflicts()[0].at("members")), R"({"recording_key":"a.wav"})");
}

TEST(ResultMerge, TokensNeverLieInConflicts) {
    auto call = stored_call::skeleton();
    call.post(full);
    call.post(R"("recording_access_token":"given-token-1234567890","disconnected_by":"error")");
    ASSERT_EQ(call.conflicts().size(), 1U);
    EXPECT_EQ(wire::to_text(call.conflicts()).find("given-token"), std::string::npos);
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

TEST(ResultMerge, ExtIsLaidOverMemberByMember) {
    auto call = stored_call::skeleton();
    call.post(std::string(full) + R"(,"lead":1,"score":2)");
    call.post(R"("call_duration_seconds":9,"score":3)");
    EXPECT_EQ(call.text("ext"), R"({"lead":1,"score":3})");
    auto const out =
        call.post(R"("call_duration_seconds":9,"a":")" + std::string(40 * limits::kib, 'x') + "\"");
    EXPECT_TRUE(out.warnings.empty());
    auto const over =
        call.post(R"("call_duration_seconds":9,"b":")" + std::string(40 * limits::kib, 'x') + "\"");
    ASSERT_EQ(over.warnings.size(), 1U);
    EXPECT_EQ(over.warnings[0].pointer, "/ext");
    EXPECT_EQ(call.text("ext").find("\"b\""), std::string::npos) << "64 KiB together";
}

TEST(ResultMerge, SystemNamesCannotBeForged) {
    auto call = stored_call::skeleton();
    call.post(std::string(full) +
              R"(,"status":"active","push_state":"delivered","rev":99,"result_missing":true,)"
              R"("cdr":{"a":1})");
    EXPECT_EQ(call.text("status"), "\"completed\"");
    EXPECT_EQ(call.text("push_state"), "absent");
    EXPECT_EQ(call.text("rev"), "absent");
    EXPECT_EQ(call.text("cdr"), "absent") << "CDR members are never in the payload";
    EXPECT_EQ(call.text("result_missing"), "absent");
    EXPECT_NE(call.text("ext").find("push_state"), std::string::npos);
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

TEST(ResultMerge, HasResult) {
    EXPECT_FALSE(has_result({{"session_id", "s"}, {"completed_at", nullptr}}));
    EXPECT_TRUE(has_result({{"completed_at", "2026-01-02T03:04:05.000Z"}}));
    EXPECT_TRUE(has_result({{"result_hash", "ab"}}));
}

}  // namespace
