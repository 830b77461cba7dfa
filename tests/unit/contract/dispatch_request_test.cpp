#include "cxb/contract/dispatch/dispatch_request.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract;

TEST(DispatchRequest, DispatchOfAWithheldNumber) {
    auto const out = dispatch::parse_dispatch_request(
        R"({"room_name":"r","caller_number":"","dialed_number":"+911"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->caller_number, "");
}

}  // namespace
