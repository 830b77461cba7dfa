#include "cxb/contract/call_results/items.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

TEST(Items, TranscriptItemAlone) {
    auto const out = parse_transcript_item(
        R"({"role":"caller","content":"haan","start_seconds":1.5,"interrupted":true,)"
        R"("tone":"low"})");
    ASSERT_TRUE(out) << out.error().to_log_text();
    EXPECT_EQ(out->role, speaker::user);
    EXPECT_EQ(out->start_seconds, real_seconds{1.5});
    EXPECT_EQ(serialize(*out),
              R"({"role":"user","content":"haan","start_seconds":1.5,"interrupted":true,)"
              R"("tone":"low"})");
}

TEST(Items, NotInterruptedIsNotWritten) {
    EXPECT_EQ(
        serialize(*parse_transcript_item(R"({"role":"user","content":"","interrupted":false})")),
        R"({"role":"user","content":""})");
}

TEST(Items, EventDataIsAnyJson) {
    for (auto const* data : {"{}", "[1,2]", "\"text\"", "1.50", "false"}) {
        auto const out = parse_event_item(R"({"type":"dtmf","data":)" + std::string(data) + "}");
        ASSERT_TRUE(out) << data;
        EXPECT_EQ(out->data->text(), data);
    }
    EXPECT_FALSE(parse_event_item(R"({"type":"dtmf","data":null})")->data);
}

TEST(Items, EventDurationMayHaveAFraction) {
    auto const out = parse_event_item(R"({"type":"tool_call","duration_ms":640.5})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->duration_ms, real_milliseconds{640.5});
}

// A clock that was set back, or a recogniser that counts in percent, must not cost the whole
// result: the spec bounds neither.
TEST(Items, NumbersWithoutBoundsAreTaken) {
    EXPECT_TRUE(parse_event_item(R"({"type":"tool_call","duration_ms":-1})"));
    EXPECT_TRUE(parse_transcript_item(R"({"role":"user","content":"x","confidence":87})"));
}

TEST(Items, IntentBounds) {
    EXPECT_EQ(serialize(*parse_intent(R"({"name":"will_pay","confidence":1,"at_seconds":0.5})")),
              R"({"name":"will_pay","confidence":1,"at_seconds":0.5})");
    EXPECT_FALSE(parse_intent(R"({"name":"will_pay","confidence":1.01})"));
    EXPECT_FALSE(parse_intent(R"({"confidence":1})"));
}

TEST(Items, UnknownMembersOfAnItemAreBounded) {
    std::vector<fault> warnings;
    auto const out =
        parse_event_item(R"({"type":"dtmf","blob":")" + std::string(limits::item_json, 'x') + "\"}",
                         {.warnings = &warnings});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->unknown.text(), "{}");
    EXPECT_EQ(warnings.size(), 1U);
}

}  // namespace
