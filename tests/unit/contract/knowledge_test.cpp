#include "cxb/contract/lookup/knowledge.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::lookup;

TEST(Knowledge, KnowledgeQueryWritesOnlyWhatIsThere) {
    knowledge_query query;
    query.bot_id = "b1";
    query.query = "due date";
    query.timeout_ms = milliseconds{2000};
    EXPECT_EQ(serialize(query), R"({"bot_id":"b1","query":"due date","timeout_ms":2000})");
}

TEST(Knowledge, KnowledgeHits) {
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

}  // namespace
