#include "cxb/domain/cache_summary.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace cxb;
using contract::call_results::cache_status;
using contract::call_results::usage_entry;
using contract::call_results::usage_kind;

usage_entry entry(usage_kind kind) {
    usage_entry out;
    out.kind = kind;
    return out;
}

// 10-22
TEST(CacheSummary, ExampleOfTheSpec) {
    auto analysis = entry(usage_kind::post_call);
    analysis.prompt_tokens = 5200;
    analysis.cache_read_input_tokens = 4096;
    analysis.completion_tokens = 310;
    analysis.cache_status = cache_status::hit;
    auto qc = entry(usage_kind::qc);
    qc.prompt_tokens = 3000;
    qc.cache_creation_input_tokens = 2048;
    qc.completion_tokens = 150;
    qc.cache_status = cache_status::created;
    auto talk = entry(usage_kind::llm);
    talk.prompt_tokens = 100000;
    talk.cache_read_input_tokens = 90000;
    auto const out = domain::cache_summary(std::vector{talk, analysis, qc});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->cache_read_input_tokens, 4096);
    EXPECT_EQ(out->cache_creation_input_tokens, 2048);
    EXPECT_EQ(out->fresh_prompt_tokens, 2056);
    EXPECT_EQ(out->completion_tokens, 460);
    EXPECT_TRUE(out->enabled);
    EXPECT_TRUE(out->worked);
    EXPECT_EQ(out->statuses, (std::vector<std::string>{"hit", "created"}));
    EXPECT_EQ(contract::call_results::serialize(*out),
              R"({"cache_read_input_tokens":4096,"cache_creation_input_tokens":2048,)"
              R"("fresh_prompt_tokens":2056,"completion_tokens":460,"enabled":true,)"
              R"("worked":true,"statuses":["hit","created"]})");
}

TEST(CacheSummary, NoneWithoutPostCallEntries) {
    EXPECT_FALSE(domain::cache_summary({}));
    EXPECT_FALSE(domain::cache_summary(std::vector{entry(usage_kind::llm)}));
}

TEST(CacheSummary, EnabledAndWorked) {
    auto one = entry(usage_kind::qc);
    EXPECT_FALSE(domain::cache_summary(std::vector{one})->enabled);
    one.cache_status = cache_status::disabled;
    EXPECT_FALSE(domain::cache_summary(std::vector{one})->enabled);
    one.cache_enabled = true;
    EXPECT_TRUE(domain::cache_summary(std::vector{one})->enabled);
    EXPECT_FALSE(domain::cache_summary(std::vector{one})->worked);
    one.cache_enabled.reset();
    one.cache_status = cache_status::miss;
    EXPECT_TRUE(domain::cache_summary(std::vector{one})->enabled);
}

TEST(CacheSummary, FreshTokens) {
    auto one = entry(usage_kind::qc);
    one.prompt_tokens = 100;
    one.cache_read_input_tokens = 300;
    EXPECT_EQ(domain::cache_summary(std::vector{one})->fresh_prompt_tokens, 0) << "never negative";
    one.prompt_tokens = std::numeric_limits<std::int64_t>::min();
    one.cache_read_input_tokens = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(domain::cache_summary(std::vector{one})->fresh_prompt_tokens, 0) << "never wraps";
    one.fresh_prompt_tokens = 7;
    EXPECT_EQ(domain::cache_summary(std::vector{one})->fresh_prompt_tokens, 7) << "own value wins";
}

TEST(CacheSummary, HugeCountsDoNotWrap) {
    auto one = entry(usage_kind::qc);
    one.cache_read_input_tokens = std::numeric_limits<std::int64_t>::max();
    one.cache_creation_input_tokens = std::numeric_limits<std::int64_t>::max();
    auto const out = domain::cache_summary(std::vector{one, one});
    EXPECT_EQ(out->cache_read_input_tokens, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(out->fresh_prompt_tokens, 0);
}

}  // namespace
