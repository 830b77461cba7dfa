// The embedded store finds what lists and clean-ups ask for by an index and in its order (spec 20
// §11): none of them walks through all documents or sorts all that fit.
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

struct QueryPlans : api_test {
    void SetUp() override { start(); }
    std::string plan_of(std::string const& query) {
        auto const plan =
            cxb::test::run_sqlite(settings.data_dir + "/cxb.db", "explain query plan " + query);
        EXPECT_EQ(plan.errors, "") << query;
        return plan.output;
    }
    // As the engine asks; `order` is followed by the id.
    void expect_index(std::string const& table, std::string const& where, std::string const& order,
                      bool newest_first) {
        std::string const way = newest_first ? " DESC" : "";
        auto const plan =
            plan_of("select doc,\"" + order + "\",id from " + table + " where " + where +
                    " order by \"" + order + "\"" + way + ",id" + way + " limit 200 offset 0");
        EXPECT_NE(plan.find("USING INDEX cxb:" + table), std::string::npos) << where << plan;
        EXPECT_EQ(plan.find("B-TREE FOR ORDER BY"), std::string::npos) << table << where << plan;
    }
};

TEST_F(QueryPlans, OfTheAuditLog) {
    std::string const seen =
        R"("target.type" is not 'settings' and "target.type" is not 'carrier')";
    for (std::string const& where :
         {std::string("1"), seen, std::string(R"("actor.id"='a')"), R"("actor.id"='a' and )" + seen,
          std::string(R"("action"='x')"), std::string(R"("at">='2026' and "at"<'2027')"),
          std::string(R"("target.type"='bot')"), R"("target.type"='bot' and )" + seen,
          std::string(R"("target.type"='bot' and "target.id"='b')")})
        expect_index("audit_log", where, "at", true);
    expect_index("audit_log", "seq>=1 and seq<=9", "seq", false);
}

TEST_F(QueryPlans, OfCleanUps) {
    for (std::pair<char const*, char const*> const one :
         {std::pair("live_prompt_cache_events", "at"), std::pair("call_refusals", "at"),
          std::pair("call_trace", "at"), std::pair("idempotency_keys", "expires_at"),
          std::pair("login_throttle", "expires_at"), std::pair("cdr_pending", "expires_at"),
          std::pair("livekit_events", "expires_at")})
        expect_index(one.first, "\"" + std::string(one.second) + "\"<'2026'", one.second, false);
    expect_index("jobs", "state='done' and done_at<'2026'", "done_at", false);
}

TEST_F(QueryPlans, OfBotsTheirVersionsAndRefusals) {
    expect_index("bots", "updated_at>='2026'", "updated_at", false);
    expect_index("bot_versions", "bot_id='b'", "version", true);
    expect_index("call_refusals", "bot_id='b'", "at", true);
    expect_index("live_prompt_cache_events", "bot_id='b'", "at", true);
}

// Of the calls of a portion, whatever state their jobs are in.
TEST_F(QueryPlans, OfTheJobsOfOldCalls) {
    std::string sessions = "''";
    for (int i = 1; i < 64; ++i)
        sessions += ",'s" + std::to_string(i) + "'";
    for (char const* more : {"", " and \"frozen_request.webhook_id\" is not null"}) {
        auto const plan = plan_of("select doc,id from jobs where session_id in (" + sessions + ")" +
                                  more + " order by id limit -1 offset 0");
        EXPECT_NE(plan.find("USING INDEX cxb:jobs:session_id"), std::string::npos) << plan;
    }
}

}  // namespace
}  // namespace cxb::api::test
