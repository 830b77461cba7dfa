#include "cxb/contract/dialout/core_dialout_request.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract;

// 10-24: values arrive as texts; `plan` is JSON text.
TEST(CoreDialoutRequest, CoreDialout) {
    auto const out = dialout::parse_core_dialout_request(
        R"({"bot_id":"b","to_number":"+911","connected_event":{"amount":"4200",)"
        R"("plan":"{\"code\":\"G1\"}"},)"
        R"("dial_id":"019436f2-7c00-7000-8000-0000000000aa"})");
    ASSERT_TRUE(out) << out.error().to_log_text();
    EXPECT_EQ(out->connected_event->text(), R"({"amount":"4200","plan":"{\"code\":\"G1\"}"})");
    EXPECT_EQ(out->dial_id, "019436f2-7c00-7000-8000-0000000000aa");
    EXPECT_FALSE(out->config_url);
}

TEST(CoreDialoutRequest, LogsHideNumbers) {
    dialout::core_dialout_request value;
    value.bot_id = "b";
    value.to_number = "+919876543210";
    auto const line = wire::log_text(value);
    EXPECT_EQ(line.find("9876543210"), std::string::npos) << line;
    EXPECT_NE(line.find("<personal:13 bytes>"), std::string::npos) << line;
}

}  // namespace
