#include "support/required.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace cxb::test {
namespace {

/// Sets both variables for one test.
struct Required : ::testing::Test {
    void SetUp() override { set("", ""); }
    void TearDown() override { set(ci_.c_str(), all_.c_str()); }
    static void set(char const* ci, char const* all) {
        ::setenv("CI", ci, 1);
        ::setenv("CXB_TEST_REQUIRE_ALL", all, 1);
    }
    static std::string now(char const* name) {
        char const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        return text == nullptr ? "" : text;
    }

  private:
    std::string ci_ = now("CI");
    std::string all_ = now("CXB_TEST_REQUIRE_ALL");
};

TEST_F(Required, WhatIsMissingIsSkippedOnADevelopersMachine) {
    EXPECT_EQ(missing_here("java is not installed"), "java is not installed");
    EXPECT_EQ(missing_here(""), "");
}

TEST_F(Required, AndFailsWhereEverythingHasToRun) {
    for (auto const& [ci, all] : {std::pair{"true", ""}, std::pair{"", "1"}}) {
        set(ci, all);
        EXPECT_THROW((void)missing_here("java is not installed"), std::runtime_error);
        EXPECT_EQ(missing_here(""), "");
    }
    set("false", "0");
    EXPECT_FALSE(everything_is_required());
}

}  // namespace
}  // namespace cxb::test
