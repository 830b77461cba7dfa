#include "cxb/contract/lookup/prompt_cache.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::lookup;

TEST(PromptCache, CacheRecreated) {
    auto const out = parse_cache_recreated(R"({"cached_content_name":"c","static_version":"v",)"
                                           R"("expires_at":"2026-01-02T05:34:05+01:30"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), R"({"cached_content_name":"c","static_version":"v",)"
                               R"("expires_at":"2026-01-02T04:04:05.000Z"})");
}

}  // namespace
