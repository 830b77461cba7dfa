// The small documents that start calls: core dialout, attach, dispatch, widget, and their answer.

#include <gtest/gtest.h>

#include "cxb/contract/attach/attach_request.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/widget/widget_request.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract;

// 10-24: values arrive as texts; `plan` is JSON text.
TEST(CallStart, CoreDialout) {
    auto const out = dialout::parse_core_dialout_request(
        R"({"bot_id":"b","to_number":"+911","connected_event":{"amount":"4200",)"
        R"("plan":"{\"code\":\"G1\"}"},)"
        R"("dial_id":"019436f2-7c00-7000-8000-0000000000aa"})");
    ASSERT_TRUE(out) << out.error().to_log_text();
    EXPECT_EQ(out->connected_event->text(), R"({"amount":"4200","plan":"{\"code\":\"G1\"}"})");
    EXPECT_EQ(out->dial_id, "019436f2-7c00-7000-8000-0000000000aa");
    EXPECT_FALSE(out->config_url);
}

TEST(CallStart, AttachKeepsReservedMembers) {
    auto const out = attach::parse_attach_request(
        R"({"room_name":"camp-1","bot_id":"b","connected_event":{"_campaign_attempt":1,)"
        R"("CUSTOMER":"Ravi"}})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->connected_event->text(), R"({"_campaign_attempt":1,"CUSTOMER":"Ravi"})");
    EXPECT_EQ(attach::serialize(*out),
              R"({"room_name":"camp-1","bot_id":"b",)"
              R"("connected_event":{"_campaign_attempt":1,"CUSTOMER":"Ravi"}})");
}

TEST(CallStart, DispatchOfAWithheldNumber) {
    auto const out = dispatch::parse_dispatch_request(
        R"({"room_name":"r","caller_number":"","dialed_number":"+911"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->caller_number, "");
}

TEST(CallStart, WidgetDefault) {
    auto const out = widget::parse_widget_request(R"({"bot_id":"b","room_name":"r"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->caller_id, "widget-user");
}

TEST(CallStart, AcceptedBodies) {
    EXPECT_EQ(dialout::serialize(dialout::call_accepted{.call_id = "c1", .room_name = "dialout-x"}),
              R"({"status":"accepted","call_id":"c1","room_name":"dialout-x"})");
    EXPECT_EQ(dialout::serialize(dialout::call_accepted{.call_id = "c1"}),
              R"({"status":"accepted","call_id":"c1"})");
    auto const relayed = dialout::parse_call_accepted(R"({"call_id":"c1","session_id":"s1"})");
    ASSERT_TRUE(relayed);
    EXPECT_EQ(relayed->status, "accepted");
    EXPECT_EQ(relayed->session_id, "s1");
}

TEST(CallStart, LogsHideNumbers) {
    dialout::core_dialout_request value;
    value.bot_id = "b";
    value.to_number = "+919876543210";
    auto const line = wire::log_text(value);
    EXPECT_EQ(line.find("9876543210"), std::string::npos) << line;
    EXPECT_NE(line.find("<personal:13 bytes>"), std::string::npos) << line;
}

}  // namespace
