#include "cxb/domain/result_payload.hpp"

#include <gtest/gtest.h>

#include "cxb/base/crypto.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/call_results/failure_result.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

result_payload read(std::string_view body) {
    auto out = read_result(body);
    EXPECT_TRUE(out) << out.error().to_log_text();
    return out ? *out : result_payload{};
}

TEST(ResultPayload, HashIsOfTheCanonicalBody) {
    auto const a = read(R"({"session_id":"s1","call_duration_seconds":5.0,"x":{"b":1,"a":2}})");
    auto const b = read(R"({ "x":{"a":2,"b":1}, "call_duration_seconds":5, "session_id":"s1" })");
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.hash,
              sha256_hex(R"({"call_duration_seconds":5,"session_id":"s1","x":{"a":2,"b":1}})"));
    EXPECT_NE(a.hash, read(R"({"session_id":"s1","call_duration_seconds":6})").hash);
}

TEST(ResultPayload, MembersHaveOneForm) {
    auto const out =
        read(R"({"session_id":"s1","call_direction":"outgoing",)"
             R"("call_start_time":"2026-01-02T08:34:05+05:30",)"
             R"("transcript":[{"role":"customer","content":"hi"}],"disconnected_by":null})");
    EXPECT_EQ(wire::text_at(out.members, "call_direction"), "outbound");
    EXPECT_EQ(wire::text_at(out.members, "call_start_time"), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(out.members.at("transcript").at(0).at("role").as_string(), "user");
    EXPECT_FALSE(out.members.contains("disconnected_by")) << "null reads as absent";
    EXPECT_EQ(out.session_id(), "s1");
}

TEST(ResultPayload, HasCustomerMessage) {
    auto const flag = [](std::string_view body) {
        auto const out = read(body);
        auto const* value = out.members.if_contains("has_customer_message");
        return value == nullptr ? std::string("absent") : wire::to_text(*value);
    };
    EXPECT_EQ(flag(R"({"session_id":"s"})"), "absent")
        << "a short correction leaves the stored one";
    EXPECT_EQ(flag(R"({"session_id":"s","transcript":[]})"), "false");
    EXPECT_EQ(flag(R"({"session_id":"s","transcript":[{"role":"user","content":" \n"}]})"),
              "false");
    EXPECT_EQ(flag(R"({"session_id":"s","transcript":[{"role":"caller","content":"ok"}]})"),
              "true");
    EXPECT_EQ(flag(R"({"session_id":"s","transcript":[{"role":"agent","content":"ok"}]})"),
              "false");
    EXPECT_EQ(flag(R"({"session_id":"s","has_customer_message":true,"transcript":[]})"), "true")
        << "the worker's own word counts";
}

// 10-22: exactly the stated summary, and money is gone.
TEST(ResultPayload, CacheSummaryAndNoMoney) {
    auto const out =
        read(R"({"session_id":"s","llm_cache_summary":{"worked":false},"usage_metrics":[)"
             R"({"kind":"post_call","prompt_tokens":5200,"completion_tokens":310,)"
             R"("cache_read_input_tokens":4096,"cache_status":"hit","cost":0.1,"price_usd":3,)"
             R"("amount":"1"},)"
             R"({"kind":"qc","prompt_tokens":3000,"cache_creation_input_tokens":2048,)"
             R"("completion_tokens":150,"cache_status":"created","cost_total":9}]})");
    EXPECT_EQ(wire::to_text(out.members.at("llm_cache_summary")),
              R"({"cache_read_input_tokens":4096,"cache_creation_input_tokens":2048,)"
              R"("fresh_prompt_tokens":2056,"completion_tokens":460,"enabled":true,)"
              R"("worked":true,"statuses":["hit","created"]})");
    auto const usage = wire::to_text(out.members.at("usage_metrics"));
    for (auto const* word : {"cost", "price", "amount"})
        EXPECT_EQ(usage.find(word), std::string::npos) << word;
    EXPECT_TRUE(out.cleared.empty());
}

TEST(ResultPayload, SummaryGoesWithTheUsageItWasMadeFrom) {
    auto const out = read(R"({"session_id":"s","llm_cache_summary":{"worked":true},)"
                          R"("usage_metrics":[{"kind":"llm"}]})");
    EXPECT_FALSE(out.members.contains("llm_cache_summary"));
    EXPECT_EQ(out.cleared, std::vector<std::string>{"llm_cache_summary"});
    auto const kept = read(R"({"session_id":"s","llm_cache_summary":{"worked":true}})");
    EXPECT_TRUE(kept.members.contains("llm_cache_summary")) << "without usage the sender's stays";
}

TEST(ResultPayload, Disposition) {
    auto const text = [](std::string_view analysis) {
        auto const out =
            read(R"({"session_id":"s","post_call_analysis":)" + std::string(analysis) + "}");
        return std::string(wire::text_at(out.members, "disposition"));
    };
    EXPECT_EQ(text(R"({"DISPOSITION":"PTP"})"), "PTP");
    EXPECT_EQ(text(R"({"DISPOSITION":7})"), "7");
    EXPECT_EQ(text(R"({"other":1})"), "");
    EXPECT_EQ(text(R"({"DISPOSITION":")" + std::string(300, 'x') + "\"}"), std::string(120, 'x'));
    EXPECT_FALSE(read(R"({"session_id":"s"})").members.contains("disposition"));
}

TEST(ResultPayload, SecretsOfTheSnapshot) {
    auto const out =
        read(R"({"session_id":"s","pipeline_config":{"llm":{"api_key":"k","prompt_cache_key":"p"},)"
             R"("Auth_Token":1}})");
    EXPECT_EQ(wire::to_text(out.members.at("pipeline_config")),
              R"({"llm":{"api_key":"***","prompt_cache_key":"p"},"Auth_Token":"***"})");
}

TEST(ResultPayload, UnknownMembers) {
    auto const out = read(R"({"session_id":"s","lead_score":7,"deep":{"a":[1]},)"
                          R"("transcript":[{"role":"user","content":"x","emotion":"calm"}],)"
                          R"("events":[{"type":"dtmf","vendor":{"z":1}}]})");
    EXPECT_EQ(wire::to_text(out.members.at("ext")), R"({"lead_score":7,"deep":{"a":[1]}})");
    EXPECT_EQ(out.members.at("transcript").at(0).at("emotion").as_string(), "calm");
    EXPECT_EQ(wire::to_text(out.members.at("events").at(0).at("vendor")), R"({"z":1})");
    EXPECT_TRUE(out.warnings.empty());
}

TEST(ResultPayload, TooManyUnknownMembersAreDroppedWithAWarning) {
    auto const body = R"({"session_id":"s","call_duration_seconds":3,"blob":")" +
                      std::string(65 * limits::kib, 'x') + "\"}";
    auto const out = read(body);
    EXPECT_FALSE(out.members.contains("ext"));
    EXPECT_EQ(out.warnings.size(), 1U);
    EXPECT_EQ(wire::to_text(out.members.at("call_duration_seconds")), "3");
}

TEST(ResultPayload, SequenceNeedsAnId) {
    EXPECT_FALSE(read(R"({"session_id":"s","result_seq":4})").members.contains("result_seq"));
    auto const out =
        read(R"({"session_id":"s","result_id":"019436f4-0000-7000-8000-000000000001"})");
    EXPECT_EQ(out.members.at("result_seq"), 1);
}

TEST(ResultPayload, Errors) {
    EXPECT_EQ(read_result("{").error().code(), errc::malformed);
    EXPECT_EQ(read_result("[]").error().code(), errc::invalid);
    EXPECT_EQ(read_result(std::string(9 * limits::mib, ' ')).error().code(),
              errc::too_large);  // 10-4
    // 10-1
    auto const out =
        read_result(R"({"session_id":5,"transcript":[{"role":"user","content":""},{"role":"user",)"
                    R"("content":""},)"
                    R"({"role":"user","content":""},{"role":7,"content":""}]})");
    ASSERT_FALSE(out);
    ASSERT_EQ(out.error().faults().size(), 2U);
    EXPECT_EQ(out.error().faults()[0].pointer, "/session_id");
    EXPECT_EQ(out.error().faults()[1].pointer, "/transcript/3/role");
}

TEST(ResultPayload, OfAResultBuiltInCode) {
    contract::call_results::result_ids ids;
    ids.session_id = "s1";
    auto value = contract::call_results::make_failure_result(ids, "error", "result_missing");
    value.pipeline_config = wire::raw_json::trusted(R"({"api_key":"k"})");
    auto const out = payload_of(value);
    EXPECT_EQ(out.session_id(), "s1");
    EXPECT_EQ(out.hash.size(), 64U);
    EXPECT_EQ(wire::to_text(out.members.at("pipeline_config")), R"({"api_key":"***"})");
    EXPECT_EQ(wire::text_at(out.members, "disconnected_by"), "error");
}

}  // namespace
