#include "cxb/contract/dialout/dialout_request.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::dialout;

// 10-24: both names together are refused at both pointers.
TEST(DialoutRequest, BothAliasesAreTwoFaults) {
    auto const out = parse_dialout_request(
        R"({"bot_id":"b","to_number":"+911","variables":{},"connected_event":{}})");
    ASSERT_FALSE(out);
    ASSERT_EQ(out.error().faults().size(), 2U);
    EXPECT_EQ(out.error().faults()[0].pointer, "/variables");
    EXPECT_EQ(out.error().faults()[1].pointer, "/connected_event");
}

TEST(DialoutRequest, VariablesUnderEitherName) {
    auto const given = [](std::string_view text) {
        auto const out = parse_dialout_request(text);
        return out ? call_variables(*out).text() : out.error().to_log_text();
    };
    EXPECT_EQ(given(R"({"bot_id":"b","to_number":"100","variables":{"a":1.10}})"), R"({"a":1.10})");
    EXPECT_EQ(given(R"({"bot_id":"b","to_number":"100","connected_event":{"a":2}})"), R"({"a":2})");
    EXPECT_EQ(given(R"({"bot_id":"b","to_number":"100"})"), "{}");
}

TEST(DialoutRequest, IgnoredMembersAreNamed) {  // 10-13 names them in X-CXB-Ignored-Fields
    std::vector<std::string> ignored;
    auto const out = parse_dialout_request(
        R"({"bot_id":"b","to_number":"100","priority":5,"colour":"red"})", {.ignored = &ignored});
    ASSERT_TRUE(out);
    EXPECT_EQ(ignored, (std::vector<std::string>{"priority", "colour"}));
}

TEST(DialoutRequest, BodyLimit) {
    auto const out = parse_dialout_request(R"({"bot_id":"b","to_number":"100","x":")" +
                                               std::string(limits::call_start_body, 'x') + "\"}",
                                           {.max_bytes = limits::call_start_body});
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), errc::too_large);
}

TEST(DialoutRequest, ValuesBuiltInCodeAreChecked) {
    dialout_request value;
    value.bot_id = "b";
    value.to_number = "+911140000000";
    EXPECT_TRUE(validate(value));
    value.variables = wire::raw_json::object();
    value.connected_event = wire::raw_json::object();
    EXPECT_FALSE(validate(value));
}

}  // namespace
