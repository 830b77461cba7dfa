#include "server/common/process/descriptor_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace cxb::server {
namespace {

class DescriptorLimit : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0); }
    ~DescriptorLimit() override { ::setrlimit(RLIMIT_NOFILE, &before_); }
    rlimit before_{};
};

TEST_F(DescriptorLimit, TheSoftLimitIsRaisedToTheHardOne) {
    rlimit const low{64, before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_descriptor_limit(), before_.rlim_max);
    rlimit now{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(now.rlim_cur, before_.rlim_max);
}

TEST(ConnectionsWithin, AnEighthOfTheDescriptorsIsLeftForOthers) {
    EXPECT_EQ(connections_within(1024, 16384), 896U);
    EXPECT_EQ(connections_within(524288, 16384), 16384U);
    EXPECT_EQ(connections_within(0, 16384), 0U);
}

}  // namespace
}  // namespace cxb::server
