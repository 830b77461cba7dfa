#include "cxb/contract/attach/attach_request.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract;

TEST(AttachRequest, AttachKeepsReservedMembers) {
    auto const out = attach::parse_attach_request(
        R"({"room_name":"camp-1","bot_id":"b","connected_event":{"_campaign_attempt":1,)"
        R"("CUSTOMER":"Ravi"}})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->connected_event->text(), R"({"_campaign_attempt":1,"CUSTOMER":"Ravi"})");
    EXPECT_EQ(attach::serialize(*out),
              R"({"room_name":"camp-1","bot_id":"b",)"
              R"("connected_event":{"_campaign_attempt":1,"CUSTOMER":"Ravi"}})");
}

}  // namespace
