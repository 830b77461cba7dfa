// The small answers of spec 10 §3.8.

#include <gtest/gtest.h>

#include "cxb/contract/lookup/knowledge.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/contract/lookup/prompt_cache.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::lookup;

TEST(Lookup, DidBinding) {
    auto const out =
        parse_did_binding(R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1","new":1})");
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1"})");
    EXPECT_TRUE(parse_did_binding(R"({"bot_id":"b1"})")) << "a smaller control plane";
}

TEST(Lookup, OutboundTrunkDefaults) {
    auto const out = parse_outbound_trunk(R"({"trunk_id":"ST_1"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->outbound_cps, 1);
    EXPECT_EQ(out->outbound_burst, 1);
    EXPECT_EQ(out->outbound_channels, 10);
    EXPECT_EQ(parse_outbound_trunk(R"({"trunk_id":"ST_1","outbound_cps":0.1})")->outbound_cps, 0.1);
}

TEST(Lookup, KnowledgeQueryWritesOnlyWhatIsThere) {
    knowledge_query query;
    query.bot_id = "b1";
    query.query = "due date";
    query.timeout_ms = milliseconds{2000};
    EXPECT_EQ(serialize(query), R"({"bot_id":"b1","query":"due date","timeout_ms":2000})");
}

TEST(Lookup, KnowledgeHits) {
    auto const none = parse_knowledge_hits(R"({"results":[],"took_ms":3})");
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->action);
    auto const hits =
        parse_knowledge_hits(R"({"results":[{"text":"x","score":0.5}],"action":"fallback",)"
                             R"("fallback_message":"one moment"})");
    ASSERT_TRUE(hits);
    EXPECT_TRUE(hits->action->is(knowledge_action::fallback));
    EXPECT_EQ(hits->results[0].score, 0.5);
}

TEST(Lookup, CacheRecreated) {
    auto const out = parse_cache_recreated(R"({"cached_content_name":"c","static_version":"v",)"
                                           R"("expires_at":"2026-01-02T05:34:05+01:30"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), R"({"cached_content_name":"c","static_version":"v",)"
                               R"("expires_at":"2026-01-02T04:04:05.000Z"})");
}

}  // namespace
