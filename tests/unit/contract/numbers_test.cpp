#include "cxb/contract/lookup/numbers.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::lookup;

TEST(Numbers, DidBinding) {
    auto const out =
        parse_did_binding(R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1","new":1})");
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1"})");
    EXPECT_TRUE(parse_did_binding(R"({"bot_id":"b1"})")) << "a smaller control plane";
}

TEST(Numbers, OutboundTrunkDefaults) {
    auto const out = parse_outbound_trunk(R"({"trunk_id":"ST_1"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->outbound_cps, 1);
    EXPECT_EQ(out->outbound_burst, 1);
    EXPECT_EQ(out->outbound_channels, 10);
    EXPECT_EQ(parse_outbound_trunk(R"({"trunk_id":"ST_1","outbound_cps":0.1})")->outbound_cps, 0.1);
}

}  // namespace
