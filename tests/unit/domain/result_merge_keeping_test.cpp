// What a merge keeps beside the members themselves: tokens, conflicts, unknown members.

#include "cxb/domain/result_merge.hpp"

#include <gtest/gtest.h>

#include "cxb/base/limits.hpp"
#include "unit/domain/result_merge_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb::domain::testing_kit;

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

TEST(ResultMerge, ARenewedTokenWinsOverAGivenOne) {
    auto call = stored_call::skeleton();
    call.document()["recording_access_token"] = "existing-token-12345678";
    call.document()["recording_token_renewed_at"] = "2026-01-02T03:04:05.000Z";
    call.post(R"("recording_key":"a.wav","recording_access_token":"given-token-1234567890")");
    EXPECT_EQ(call.text("recording_access_token"), "\"existing-token-12345678\"");
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

}  // namespace
