#include "cxb/contract/call_results/call_results_ack.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

TEST(CallResultsAck, Bodies) {
    call_results_ack ack;
    ack.session_id = "s1";
    EXPECT_EQ(serialize(ack), R"({"status":"ok","session_id":"s1"})");
    ack.result = ack_result::kept_previous;
    EXPECT_EQ(serialize(ack), R"({"status":"ok","session_id":"s1","result":"kept_previous"})");
    EXPECT_TRUE(parse_call_results_ack(R"({"status":"ok","session_id":"s1"})"));
}

TEST(CallResultsAck, WordOfANewerControlPlane) {
    auto const out = parse_call_results_ack(R"({"session_id":"s1","result":"archived","rev":7})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->status, "ok");
    EXPECT_FALSE(out->result->known());
    EXPECT_EQ(out->result->text(), "archived");
}

}  // namespace
