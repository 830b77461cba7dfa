#include "cxb/contract/agent_desk/enqueue_request.hpp"

#include <gtest/gtest.h>

#include "cxb/contract/agent_desk/enqueue_ack.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::agent_desk;

enqueue_request read(std::string_view text) {
    auto out = parse_enqueue_request(text);
    EXPECT_TRUE(out) << out.error().to_log_text();
    return out ? *std::move(out) : enqueue_request{};
}

TEST(EnqueueRequest, CallerAndBotAreObjectsOrOneText) {
    auto const objects =
        read(R"({"call_id":"c","room":"r","caller":{"number":"+91987","name":"Ravi"},)"
             R"("bot":{"id":"b","name":"Renewals"}})");
    EXPECT_EQ(objects.caller.name, "Ravi");
    EXPECT_EQ(objects.bot.name, "Renewals");
    auto const texts = read(R"({"call_id":"c","room":"r","caller":"+91987","bot":"b"})");
    EXPECT_EQ(texts.caller.number, "+91987");
    EXPECT_EQ(texts.bot.id, "b");
    EXPECT_EQ(read(R"({"call_id":"c","room":"r","caller":91987,"bot":"b"})").caller.number,
              "91987");
    EXPECT_EQ(serialize(texts),
              R"({"call_id":"c","room":"r","caller":{"number":"+91987"},"bot":{"id":"b"},)"
              R"("escalation_reason":"","transcript":[],"variables":{},"context":{},)"
              R"("required_skills":[],"priority":5})");
}

TEST(EnqueueRequest, OtherNamesAreReadAndTheCanonicalOnesWin) {
    auto const flat = read(R"({"call_id":"c","room_name":"r","caller_id":"1","bot_id":"b",)"
                           R"("connected_event":{"a":1}})");
    EXPECT_EQ(flat.room, "r");
    EXPECT_EQ(flat.caller.number, "1");
    EXPECT_EQ(flat.bot.id, "b");
    EXPECT_EQ(flat.variables.text(), R"({"a":1})");
    auto const both = read(
        R"({"call_id":"c","room_name":"x","room":"r","caller":"1","caller_id":"2","bot":"b"})");
    EXPECT_EQ(both.room, "r");
    EXPECT_EQ(both.caller.number, "1");
    EXPECT_EQ(both.ext.text(), "{}");
}

TEST(EnqueueRequest, ParentIsTheCallItselfUnlessSaid) {
    EXPECT_EQ(parent_of(read(R"({"call_id":"c","room":"r","caller":"1","bot":"b"})")), "c");
    EXPECT_EQ(parent_of(read(
                  R"({"call_id":"c","room":"r","caller":"1","bot":"b","parent_call_id":"p"})")),
              "p");
}

TEST(EnqueueRequest, TurnsAreTranscriptItemsWithAnId) {
    auto const value =
        read(R"({"call_id":"c","room":"r","caller":"1","bot":"b","transcript":[)"
             R"({"role":"bot","text":"Namaste","id":"t1","final":false,"tone":"calm"}]})");
    ASSERT_EQ(value.transcript.size(), 1U);
    auto const& turn = value.transcript[0];
    EXPECT_TRUE(turn.role == contract::call_results::speaker::assistant);
    EXPECT_EQ(turn.content, "Namaste");
    EXPECT_EQ(turn.id, "t1");
    EXPECT_FALSE(turn.final);
    EXPECT_EQ(turn.unknown.text(), R"({"tone":"calm"})");
}

// spec 10 §1.2: unknown members of the top level are kept, together at most 64 KiB.
TEST(EnqueueRequest, UnknownMembersAreKept) {
    auto const start = std::string(R"({"call_id":"c","room":"r","caller":"1","bot":"b","x":")");
    EXPECT_EQ(read(start + "y\"}").ext.text(), R"({"x":"y"})");
    std::vector<fault> warnings;
    auto const out = parse_enqueue_request(start + std::string(limits::ext_json, 'y') + "\"}",
                                           {.warnings = &warnings});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->ext.text(), "{}");
    EXPECT_EQ(warnings.size(), 1U);
}

// spec 10 §1.3
TEST(EnqueueRequest, BodyLimit) {
    auto const text = R"({"call_id":"c","room":"r","caller":"1","bot":"b","x":")" +
                      std::string(limits::enqueue_body, 'y') + "\"}";
    EXPECT_EQ(parse_enqueue_request(text, {.max_bytes = limits::enqueue_body}).error().code(),
              errc::too_large);
}

TEST(EnqueueRequest, TolerantReadersDropBadTurns) {
    std::vector<fault> warnings;
    auto const out =
        parse_enqueue_request(R"({"call_id":"c","room":"r","caller":"1","bot":"b",)"
                              R"("transcript":[{"role":"user"},{"role":"user","content":"x"}]})",
                              {.tolerant_items = true, .warnings = &warnings});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->transcript.size(), 1U);
    EXPECT_EQ(warnings.size(), 1U);
}

TEST(EnqueueRequest, LogsHideTheCaller) {
    auto const text =
        wire::log_text(read(R"({"call_id":"c","room":"r","caller":"+919876543210","bot":"b",)"
                            R"("variables":{"CUSTOMER":"Ravi"},"context":{"summary":"secret"}})"));
    for (auto const* hidden : {"9876543210", "Ravi", "secret"})
        EXPECT_EQ(text.find(hidden), std::string::npos) << text;
}

// What tells a second entry; absent `transcribe` means false.
TEST(EnqueueAck, DuplicateAndTranscribe) {
    auto const first = parse_enqueue_ack(R"({"status":"waiting","call_id":"c","position":2})");
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->duplicate);
    EXPECT_FALSE(first->transcribe);
    EXPECT_EQ(first->position, 2);
    auto const again =
        parse_enqueue_ack(R"({"status":"waiting","call_id":"c","duplicate":true,"transcribe":true,)"
                          R"("waiting_timeout_seconds":120,"deadline_at":"2026-01-02T03:04:05Z"})");
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate);
    EXPECT_TRUE(again->transcribe);
    EXPECT_EQ(again->waiting_timeout_seconds, std::chrono::seconds{120});
}

}  // namespace
