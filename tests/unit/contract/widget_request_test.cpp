#include "cxb/contract/widget/widget_request.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract;

TEST(WidgetRequest, WidgetDefault) {
    auto const out = widget::parse_widget_request(R"({"bot_id":"b","room_name":"r"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->caller_id, "widget-user");
}

}  // namespace
