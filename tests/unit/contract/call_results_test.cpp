#include "cxb/contract/call_results/call_results.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

using document = parts::call_results;

document read(std::string_view text) {
    auto out = parse_call_results(text);
    EXPECT_TRUE(out) << out.error().to_log_text();
    return out ? *out : document{};
}

// 10-1
TEST(CallResults, AllFaultsTogether) {
    auto const out = parse_call_results(
        R"({"session_id":5,"transcript":[{"role":"user","content":""},{"role":"user",)"
        R"("content":""},)"
        R"({"role":"user","content":""},{"role":7,"content":""}]})");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().faults(),
              (std::vector<fault>{{"/session_id", "expected string, got number"},
                                  {"/transcript/3/role", "expected string, got number"}}));
}

TEST(CallResults, Aliases) {
    auto const out =
        read(R"({"session_id":"s","call_direction":"incoming","transcript":[{"role":"bot",)"
             R"("content":"a"},)"
             R"({"role":"customer","content":"b"},{"role":"caller","content":"c"}]})");
    EXPECT_TRUE(out.call_direction->is(call_direction::inbound));
    EXPECT_EQ((*out.transcript)[0].role, speaker::assistant);
    EXPECT_EQ((*out.transcript)[1].role, speaker::user);
    EXPECT_EQ((*out.transcript)[2].role, speaker::user);
    EXPECT_EQ(serialize(out).find("incoming"), std::string::npos) << "written as the known word";
}

// 10-3
TEST(CallResults, UnknownWordsSurvive) {
    auto const out = read(R"({"session_id":"s","disconnected_by":"martian"})");
    EXPECT_FALSE(out.disconnected_by->known());
    EXPECT_EQ(serialize(out), R"({"session_id":"s","result_seq":1,"disconnected_by":"martian"})");
}

TEST(CallResults, AbsentAndNullAreTheSame) {
    EXPECT_EQ(
        read(R"({"session_id":"s","connected_event":null,"transcript":null,"result_seq":null})"),
        read(R"({"session_id":"s"})"));
}

TEST(CallResults, BareIntents) {
    auto const out =
        read(R"({"session_id":"s","intents":["will_pay",{"name":"x","confidence":0.5}]})");
    ASSERT_EQ(out.intents->size(), 2U);
    EXPECT_EQ((*out.intents)[0].name, "will_pay");
    EXPECT_FALSE((*out.intents)[0].confidence);
    EXPECT_NE(serialize(out).find(R"("intents":[{"name":"will_pay"},)"), std::string::npos);
}

TEST(CallResults, HasCustomerMessage) {
    EXPECT_FALSE(has_customer_message(read(R"({"session_id":"s"})")));
    EXPECT_TRUE(has_customer_message(
        read(R"({"session_id":"s","transcript":[{"role":"customer","content":"haan"}]})")));
    EXPECT_FALSE(has_customer_message(read(
        R"({"session_id":"s","transcript":[{"role":"user","content":"  "},{"role":"assistant",)"
        R"("content":"x"}]})")));
    EXPECT_FALSE(has_customer_message(
        read(R"({"session_id":"s","has_customer_message":false,"transcript":[{"role":"user",)"
             R"("content":"x"}]})")))
        << "the worker's own word counts";
}

TEST(CallResults, UnknownMembersOfTheTopLevel) {
    auto const out = read(R"({"session_id":"s","lead":1.10,"more":{"a":null}})");
    EXPECT_EQ(out.ext.text(), R"({"lead":1.10,"more":{"a":null}})");
    auto const text = serialize(out);
    EXPECT_EQ(text, R"({"session_id":"s","result_seq":1,"ext":{"lead":1.10,"more":{"a":null}}})");
    EXPECT_EQ(read(text), out) << "taken apart again";
}

TEST(CallResults, TooManyUnknownMembers) {
    std::vector<fault> warnings;
    auto const out = parse_call_results(
        R"({"session_id":"s","bot_id":"b","blob":")" + std::string(limits::ext_json, 'x') + "\"}",
        {.warnings = &warnings});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->ext.text(), "{}");
    EXPECT_EQ(out->bot_id, "b");
    EXPECT_EQ(warnings.size(), 1U);
}

TEST(CallResults, UnknownMembersOfItemsStayInPlace) {
    auto const text =
        R"({"session_id":"s","result_seq":1,"transcript":[{"role":"user","content":"x",)"
        R"("mood":{"a":1}}],)"
        R"("events":[{"type":"dtmf","data":{"digit":"5"},"vendor":[1]}]})";
    EXPECT_EQ(serialize(read(text)), text);
}

TEST(CallResults, MoneyIsNotKnown) {  // 10-22
    auto const out = serialize(
        read(R"({"session_id":"s","usage_metrics":[{"kind":"llm","cost":1,"cost_usd":2,"price":3,)"
             R"("amount":4}]})"));
    EXPECT_EQ(out, R"({"session_id":"s","result_seq":1,"usage_metrics":[{"kind":"llm"}]})");
}

TEST(CallResults, SnapshotSecretsInBothDirections) {
    auto value = read(R"({"session_id":"s","pipeline_config":{"api_key":"k"}})");
    EXPECT_EQ(value.pipeline_config->text(), R"({"api_key":"***"})");
    value.pipeline_config = wire::raw_json::trusted(R"({"llm":{"api_key":"k"}})");
    EXPECT_EQ(serialize(value),
              R"({"session_id":"s","result_seq":1,"pipeline_config":{"llm":{"api_key":"***"}}})");
}

TEST(CallResults, AnalysisIsUntouched) {
    auto const text = R"({"session_id":"s","result_seq":1,"post_call_analysis":{"b":1.10,)"
                      R"("a":12345678901234567890123}})";
    EXPECT_EQ(serialize(read(text)), text);
}

TEST(CallResults, FractionsAndWholeNumbers) {
    auto const out = read(R"({"session_id":"s","call_duration_seconds":42.0,"transfer_at":1.25})");
    EXPECT_EQ(out.call_duration_seconds, real_seconds{42});
    EXPECT_EQ(serialize(out),
              R"({"session_id":"s","result_seq":1,"call_duration_seconds":42,"transfer_at":1.25})");
}

TEST(CallResults, ListLimits) {
    auto const faults_of = [](std::string_view name, std::size_t n, std::string_view item) {
        std::string text = R"({"session_id":"s",")" + std::string(name) + "\":[";
        for (std::size_t i = 0; i < n; ++i)
            text += (i == 0 ? "" : ",") + std::string(item);
        auto const out = parse_call_results(text + "]}");
        return out ? std::string("accepted") : out.error().faults().front().pointer;
    };
    EXPECT_EQ(faults_of("transcript", 5000, R"({"role":"user","content":""})"), "accepted");
    EXPECT_EQ(faults_of("transcript", 5001, R"({"role":"user","content":""})"), "/transcript");
    EXPECT_EQ(faults_of("events", 10000, R"({"type":"x"})"), "accepted");
    EXPECT_EQ(faults_of("events", 10001, R"({"type":"x"})"), "/events");
    EXPECT_EQ(faults_of("latency_samples", 2001, R"({"turn":1})"), "/latency_samples");
    EXPECT_EQ(faults_of("usage_metrics", 5001, R"({"kind":"llm"})"), "/usage_metrics");
    EXPECT_EQ(faults_of("intents", 1025, "\"x\""), "/intents");
}

TEST(CallResults, TolerantReadersDropBadItems) {
    std::vector<fault> warnings;
    auto const out = parse_call_results(
        R"({"session_id":"s","transcript":[{"role":7,"content":"a"},{"role":"user",)"
        R"("content":"b"}],)"
        R"("events":[{"name":"no type"}]})",
        {.tolerant_items = true, .warnings = &warnings});
    ASSERT_TRUE(out) << out.error().to_log_text();
    EXPECT_EQ(out->transcript->size(), 1U);
    EXPECT_TRUE(out->events->empty());
    EXPECT_EQ(warnings.size(), 2U);
}

TEST(CallResults, SizeLimits) {
    auto const pointer_of = [](std::string const& member) {
        auto const out = parse_call_results(R"({"session_id":"s",)" + member + "}");
        return out ? std::string("accepted") : out.error().faults().front().pointer;
    };
    auto const blob = [](std::string_view name, std::size_t n) {
        return "\"" + std::string(name) + R"(":{"x":")" + std::string(n, 'x') + "\"}";
    };
    EXPECT_EQ(pointer_of(blob("post_call_analysis", 255 * limits::kib)), "accepted");
    EXPECT_EQ(pointer_of(blob("post_call_analysis", limits::analysis_json)), "/post_call_analysis");
    EXPECT_EQ(pointer_of(blob("qc_analysis", limits::analysis_json)), "/qc_analysis");
    EXPECT_EQ(pointer_of(blob("pipeline_config", limits::policy_json)), "/pipeline_config");
    EXPECT_EQ(pointer_of(blob("connected_event", limits::connected_event)), "/connected_event");
}

TEST(CallResults, LogsHideWhatIsPersonal) {
    auto const line = wire::log_text(read(
        R"({"session_id":"s","caller_id":"+919876543210","recording_access_token":"tok-secret",)"
        R"("transcript":[{"role":"user","content":"my pin is 1234"}]})"));
    for (auto const* text : {"9876543210", "tok-secret", "1234"})
        EXPECT_EQ(line.find(text), std::string::npos) << line;
    EXPECT_NE(line.find("***"), std::string::npos) << line;
}

}  // namespace
