// The store's server may come up after us (spec 20 §1 "Start").
#include "server/api/app/store_at_start.hpp"

#include <gtest/gtest.h>

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct StoreAtStart : ::testing::Test {
    int tries = 0;
    int pauses_left = 5;
    std::vector<std::string> told;
    errc fault = errc::unavailable;
    int good_at = 0;

    result<store::opened_store> open(std::string url) {
        return open_when_there(
            {.url = std::move(url)},
            {[this](store::store_opening) -> result<store::opened_store> {
                 if (++tries == good_at) return store::opened_store{};
                 return error{fault, "away"}.with_note({"try " + std::to_string(tries)});
             },
             [this] { return pauses_left-- > 0; },
             [this](error const& away) { told.push_back(away.note()); }});
    }
};

TEST_F(StoreAtStart, AServerIsAskedUntilItAnswers) {
    good_at = 4;
    EXPECT_TRUE(open("mongodb://db"));
    EXPECT_EQ(tries, 4);
    EXPECT_EQ(told, std::vector<std::string>{"try 1"});
}

TEST_F(StoreAtStart, PatienceEndsWithTheLastFault) {
    auto const opened = open("mongodb+srv://db");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), errc::unavailable);
    EXPECT_EQ(tries, 6);
    EXPECT_EQ(opened.error().note(), "try 6");
}

TEST_F(StoreAtStart, WhatWaitingDoesNotMendEndsAtOnce) {
    fault = errc::invalid;
    EXPECT_FALSE(open("mongodb://db"));
    EXPECT_EQ(tries, 1);
    fault = errc::unavailable;
    EXPECT_FALSE(open("sqlite:/nowhere/cxb.db"));
    EXPECT_EQ(tries, 2);
    EXPECT_TRUE(told.empty());
}

TEST_F(StoreAtStart, PausesEnd) {
    EXPECT_FALSE(pauses_for(0ms)());
    auto const more = pauses_for(300ms);
    int seen = 0;
    while (more())
        ++seen;
    EXPECT_LE(seen, 2);
}

}  // namespace
}  // namespace cxb::api::test
