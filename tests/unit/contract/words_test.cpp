#include "cxb/contract/call_results/words.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

TEST(Words, AliasesAreReadAsTheKnownWord) {
    EXPECT_EQ(open_enum<call_direction>::from_text("incoming").text(), "inbound");
    EXPECT_EQ(open_enum<call_direction>::from_text("outgoing").text(), "outbound");
    EXPECT_EQ(open_enum<speaker>::from_text("bot").text(), "assistant");
    EXPECT_EQ(open_enum<speaker>::from_text("customer").text(), "user");
    EXPECT_EQ(open_enum<speaker>::from_text("caller").text(), "user");
}

TEST(Words, CaseCounts) {
    EXPECT_EQ(open_enum<disconnect_word>::from_text("RNR"), disconnect_word::rnr);
    EXPECT_FALSE(open_enum<disconnect_word>::from_text("rnr").known());
}

}  // namespace
