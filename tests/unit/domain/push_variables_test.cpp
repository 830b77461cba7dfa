#include "cxb/domain/push_variables.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

push_context context() {
    return {find_time_zone("Asia/Kolkata").value(), "https://api.example.com",
            parse_timestamp("2026-06-05T10:15:00Z").value(), nullptr};
}

wire::json_object call(std::string_view text) {
    return wire::parse_json(text).value().as_object();
}

std::string result_value(wire::json_object const& document, std::string_view name) {
    auto const built = build_push_variables(document, context());
    auto const* value = built.result.if_contains(name);
    EXPECT_NE(value, nullptr) << name;
    return value == nullptr ? "" : value_as_text(*value);
}

// 21-11
TEST(PushVariables, MapperExampleOfTheSpec) {
    auto const document = call(R"({"session_id":"s1","post_call_analysis":{"DISPOSITION":"PTP"},
        "call_duration_seconds":42.0,"crm_data":{"CUSTOMERID":"C9"}})");
    auto const mapper = call(R"({"disposition":"{{analysis.DISPOSITION}}",
        "duration":"{{result.call_duration_seconds}}","customer_id":"{{CUSTOMERID}}",
        "x":"{{analysis.NOPE}}","d":"{{DISPOSITION}}"})");
    auto const built = build_push_variables(document, context());
    EXPECT_EQ(wire::to_text(render_push_body(mapper, built, document)),
              R"({"disposition":"PTP","duration":"42","customer_id":"C9","x":"","d":""})");
}

TEST(PushVariables, NonTextValuesAreWalked) {
    auto const document = call(R"({"session_id":"s1","crm_data":{"A":"1"}})");
    auto const mapper = call(R"({"n":5,"nested":{"{{A}}":["{{A}}",true,{"deep":"{{NOPE}}"}]}})");
    EXPECT_EQ(wire::to_text(
                  render_push_body(mapper, build_push_variables(document, context()), document)),
              R"({"n":5,"nested":{"{{A}}":["1",true,{"deep":""}]}})");
}

// 21-12
TEST(PushVariables, TimesInTheBotZone) {
    auto const document = call(R"({"call_start_time":"2026-01-02T03:04:05Z",
        "call_answer_time":"2026-01-02T03:04:17.250Z",
        "call_end_time":"2026-01-02T03:05:49.750Z"})");
    EXPECT_EQ(result_value(document, "call_start_time"), "2026-01-02 08:34:05");
    EXPECT_EQ(result_value(document, "call_start_time_iso"), "2026-01-02T08:34:05+05:30");
    EXPECT_EQ(result_value(document, "call_answer_time"), "2026-01-02 08:34:17");
    EXPECT_EQ(result_value(document, "call_end_time_iso"), "2026-01-02T08:35:49+05:30");
}

// 21-12
TEST(PushVariables, TimesThatMustBeDerived) {
    auto document = call(R"({"created_at":"2026-01-02T03:04:05.000Z","transport":"attach",
        "call_duration_seconds":92.5})");
    EXPECT_EQ(result_value(document, "call_start_time"), "2026-01-02 08:34:05");
    EXPECT_EQ(result_value(document, "call_answer_time"), "");
    EXPECT_EQ(result_value(document, "call_end_time"), "2026-01-02 08:35:37");
    document["transport"] = "websocket";
    EXPECT_EQ(result_value(document, "call_answer_time"), "2026-01-02 08:34:05");
    document.erase("call_duration_seconds");
    EXPECT_EQ(result_value(document, "call_end_time"), "");
    EXPECT_EQ(result_value({}, "call_start_time"), "");
    EXPECT_EQ(result_value({}, "call_start_time_iso"), "");
}

// 21-13
TEST(PushVariables, CoarseLabels) {
    for (auto const& [word, label] :
         std::vector<std::pair<std::string, std::string>>{{"customer", "Connected"},
                                                          {"bot", "Connected"},
                                                          {"timeout", "Connected"},
                                                          {"error", "Failed"},
                                                          {"no_answer", "Unknown"},
                                                          {"rejected", "Unknown"},
                                                          {"voicemail", "Unknown"},
                                                          {"RNR", "Unknown"},
                                                          {"outside_hours", "Unknown"},
                                                          {"martian", "Unknown"},
                                                          {"", "Unknown"}})
        EXPECT_EQ(result_value({{"disconnected_by", word}}, "disposition"), label) << word;
    EXPECT_EQ(result_value({}, "disposition"), "Unknown");
}

TEST(PushVariables, Durations) {
    EXPECT_EQ(result_value({{"call_duration_seconds", 92.5}}, "call_duration_seconds"), "92.5");
    EXPECT_EQ(result_value({{"call_duration_seconds", 42.0}}, "call_duration_seconds"), "42");
    EXPECT_EQ(result_value({{"call_duration_seconds", 0}}, "call_duration_seconds"), "0");
    EXPECT_EQ(result_value({}, "call_duration_seconds"), "");
}

TEST(PushVariables, RecordingLinks) {
    auto const link = [](std::string_view text) {
        return recording_link(call(text), "https://api.example.com");
    };
    EXPECT_EQ(link(R"({"recording_key":"k","recording_access_token":"tok","recording_url":"u"})"),
              "https://api.example.com/api/v1/public/recordings/tok");
    EXPECT_EQ(link(R"({"recording_key":"k","recording_url":"u"})"), "");
    EXPECT_EQ(link(R"({"recording_url":"https://x/y.wav","recording_access_token":"tok"})"),
              "https://x/y.wav");
    EXPECT_EQ(link("{}"), "");
}

TEST(PushVariables, CallNamespace) {
    auto const document = call(R"({"session_id":"s1","stream_id":"st","caller_id":"+91",
        "connected_event":{"caller_id":"own","PLAN":"G1"},
        "sip_context":{"headers":{"x-acct-id":"77","x-plan":"gold"}},
        "sip_headers_raw":{"X-Acct-Id":"77","X-Plan":"gold","X-Other":"1"}})");
    auto const built = build_push_variables(document, context());
    EXPECT_EQ(wire::to_text(built.call),
              R"({"caller_id":"own","PLAN":"G1","stream_id":"st","session_id":"s1",)"
              R"("sip_header_x_acct_id":"77","sip_header_x_plan":"gold",)"
              R"("sip_headers_json":"{\"X-Acct-Id\":\"77\",\"X-Plan\":\"gold\",)"
              R"(\"X-Other\":\"1\"}"})");
    auto named = context();
    named.sip_header_config =
        wire::parse_json(R"({"enabled":true,"headers":[{"header":"X-Plan","name":"plan"}]})")
            .value();
    EXPECT_EQ(build_push_variables(document, named).call.at("sip_header_plan"), "gold");
    EXPECT_EQ(build_push_variables({}, context()).call.at("sip_headers_json"), "{}");
}

TEST(PushVariables, Transcript) {
    auto const document = call(R"({"transcript":[
        {"role":"assistant","content":"Namaste \"जी\"","turn":0},
        {"role":"user","content":"haan","timestamp":"2026-01-02T03:04:05.000Z"},
        {"role":"tool","content":"x"},{"role":"agent","content":"hello"}]})");
    EXPECT_EQ(result_value(call(R"({"transcript":[{"role":"assistant","content":"a \"जी\""},
        {"role":"user","content":"b","timestamp":"2026-01-02T03:04:05.000Z"}]})"),
                           "transcript"),
              "[\n  {\n    \"role\": \"assistant\",\n    \"content\": \"a \\\"जी\\\"\"\n  },\n"
              "  {\n    \"role\": \"user\",\n    \"content\": \"b\",\n"
              "    \"timestamp\": \"2026-01-02T03:04:05.000Z\"\n  }\n]");
    EXPECT_EQ(result_value(document, "transcript_text"),
              "Bot: Namaste \"जी\"\nCustomer: haan\nAgent: hello");
    EXPECT_EQ(result_value({}, "transcript"), "[]");
    EXPECT_EQ(result_value({}, "transcript_text"), "");
}

TEST(PushVariables, Transfers) {
    auto const document = call(R"({"was_transferred":true,"transfer_destination":"+911140000000",
        "transfer_target":"desk","transfer_at":21.5})");
    EXPECT_EQ(result_value(document, "was_transferred"), "yes");
    EXPECT_EQ(result_value(document, "transfer_destination"), "+911140000000");
    EXPECT_EQ(result_value(document, "transfer_at"), "21.5");
    EXPECT_EQ(result_value(document, "transfer_failed_reason"), "");
    EXPECT_EQ(result_value({}, "was_transferred"), "no");
    EXPECT_EQ(result_value({}, "transfer_target"), "");
}

TEST(PushVariables, PreSeededNames) {
    auto const document = call(R"({"post_call_analysis":{"DISPOSITION":"PTP","own":1},
        "qc_analysis":{"overall_score":8}})");
    auto const built = build_push_variables(document, context());
    EXPECT_EQ(wire::to_text(built.analysis),
              R"({"DISPOSITION":"PTP","SUB_DISPOSITION":"","CALLING_REMARKS":"","SUMMARY":"",)"
              R"("callback_requested":"","callback_preferred_time_text":"","callback_reason":"",)"
              R"("callback_confidence":"","own":1})");
    EXPECT_EQ(wire::to_text(built.qc), R"({"empathy_score":"","compliance_score":"",)"
                                       R"("overall_score":8,"remarks":""})");
    EXPECT_EQ(built.system.at("current_day"), "Friday");
}

TEST(PushVariables, EmptyMapperGivesTheDefaultBody) {
    auto const document = call(R"({"session_id":"s1","bot_id":"b1","status":"completed",
        "disconnected_by":"customer","call_duration_seconds":42,"caller_id":"+91",
        "post_call_analysis":{"DISPOSITION":"PTP"}})");
    auto const built = build_push_variables(document, context());
    EXPECT_EQ(wire::to_text(render_push_body({}, built, document)),
              R"({"call_id":"s1","bot_id":"b1","status":"completed","disposition":"Connected",)"
              R"("disconnected_by":"customer","call_duration_seconds":"42","caller_id":"+91",)"
              R"("recording_url":"","transcript":"[]","analysis":{"DISPOSITION":"PTP"},"qc":{}})");
}

TEST(PushVariables, FieldsAsForm) {
    EXPECT_EQ(push_fields_text({{"a b", "1&2"}, {"n", 5}, {"o", wire::json_object{{"k", "v"}}}}),
              "a%20b=1%262&n=5&o=%7B%22k%22%3A%22v%22%7D");
    EXPECT_EQ(push_fields_text({}), "");
}

}  // namespace
