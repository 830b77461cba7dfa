#include "cxb/contract/dialout/call_accepted.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract;

TEST(CallAccepted, AcceptedBodies) {
    dialout::call_accepted value;
    value.call_id = "c1";
    EXPECT_EQ(dialout::serialize(value), R"({"status":"accepted","call_id":"c1"})");
    value.room_name = "dialout-x";
    EXPECT_EQ(dialout::serialize(value),
              R"({"status":"accepted","call_id":"c1","room_name":"dialout-x"})");
    auto const relayed = dialout::parse_call_accepted(R"({"call_id":"c1","session_id":"s1"})");
    ASSERT_TRUE(relayed);
    EXPECT_EQ(relayed->status, "accepted");
    EXPECT_EQ(relayed->session_id, "s1");
}

}  // namespace
