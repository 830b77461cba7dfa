// What a committed batch tells listeners: ids and states, and nothing of those who spoke.
#include "server/api/events/event_news.hpp"

#include <gtest/gtest.h>

#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

std::string told(store::batch const& writes) {
    std::string out;
    for (auto const& one : news_of(writes))
        out.append(out.empty() ? "" : "\n").append(one.type + " " + wire::to_text(one.data));
    return out;
}

TEST(EventNews, ANewCallIsToldWithoutWhatIsPersonal) {
    store::batch writes;
    writes.insert(model::calls, {{"_id", "x"},
                                 {"session_id", "s-1"},
                                 {"bot_id", "b-1"},
                                 {"bot_name", "Renewals"},
                                 {"caller_id", "+919876543210"},
                                 {"phone", "+919876543210"},
                                 {"status", "active"},
                                 {"is_test", false},
                                 {"crm_data", {{"name", "Asha"}}},
                                 {"push_state", "none"}});
    EXPECT_EQ(
        told(writes),
        R"(call.created {"session_id":"s-1","bot_id":"b-1","status":"active","is_test":false})");
}

TEST(EventNews, AChangeTellsTheStatesItWrites) {
    store::batch writes;
    writes.update_one(model::calls, model::of_session("s-1"),
                      store::update{}
                          .set("status", "completed")
                          .set("disconnected_by", "customer")
                          .set("transcript", wire::json_array{"hello"})
                          .inc("rev", 1));
    EXPECT_EQ(told(writes), R"(call.updated {"session_id":"s-1","status":"completed",)"
                            R"("disconnected_by":"customer"})");
    store::batch log;
    log.update_if_any(model::calls, model::of_session("s-1"),
                      store::update{}.push("integration_log", json_object{{"url", "https://x"}}));
    EXPECT_EQ(told(log), R"(call.updated {"session_id":"s-1"})");
}

TEST(EventNews, ACallThatIsWrittenTwiceIsToldOnce) {
    store::batch writes;
    writes.update_if_any(model::calls, model::of_session("s-1"),
                         store::update{}.set("status", "completed"));
    writes.update_if_any(model::calls, model::of_session("s-1"),
                         store::update{}.set("has_recording", true));
    writes.update_if_any(model::calls, model::of_session("s-2"), store::update{}.inc("rev", 1));
    EXPECT_EQ(
        told(writes),
        "call.updated {\"session_id\":\"s-1\",\"status\":\"completed\",\"has_recording\":true}"
        "\ncall.updated {\"session_id\":\"s-2\"}");
}

TEST(EventNews, APushIsToldWithItsJob) {
    store::batch queued;
    queued.update_one(model::calls, model::of_session("s-1"),
                      store::update{}.set("push_state", "queued").set("push_job", "j-1"));
    EXPECT_EQ(told(queued),
              "call.updated {\"session_id\":\"s-1\"}\npush.updated "
              R"({"session_id":"s-1","push_state":"queued","job_id":"j-1"})");
    // An end is bound to the job it is about, which need not be the newest any more.
    auto where = model::of_session("s-1");
    where.any = {store::all_of({store::eq("push_job", "j-0")}),
                 store::all_of({store::missing("push_job")})};
    store::batch ended;
    ended.update_if_any(model::calls, where, store::update{}.set("push_state", "dead"));
    EXPECT_EQ(told(ended),
              "call.updated {\"session_id\":\"s-1\"}\npush.updated "
              R"({"session_id":"s-1","push_state":"dead","job_id":"j-0"})");
}

TEST(EventNews, OtherWritesTellNothing) {
    store::batch writes;
    writes.insert(model::call_trace, {{"session_id", "s-1"}, {"status", "x"}});
    writes.remove_one(model::calls, model::of_session("s-1"));
    writes.update_one(model::bots, store::by_id("b-1"), store::update{}.set("status", "x"));
    writes.update_one(model::calls, store::by_id("no session here"),
                      store::update{}.set("status", "completed"));
    EXPECT_EQ(told(writes), "");
}

// States come from outside too (`disconnected_by` of a Core): a text stays a word.
TEST(EventNews, ATextThatIsNoWordIsLeftOut) {
    store::batch writes;
    writes.update_one(model::calls, model::of_session("s-1"),
                      store::update{}
                          .set("disconnected_by", json_value(std::string(129, 'x')))
                          .set("status", json_object{{"a", 1}}));
    EXPECT_EQ(told(writes), R"(call.updated {"session_id":"s-1"})");
}

TEST(EventNews, OnlyADeadJobIsNews) {
    json_object row{{"_id", "j-1"},    {"kind", "crm_push"}, {"session_id", "s-1"},
                    {"bot_id", "b-1"}, {"attempts", 3},      {"last_error", "status_400"},
                    {"state", "dead"}, {"key", "push:s-1:1"}};
    auto const dead = news_of_job(row);
    ASSERT_TRUE(dead);
    EXPECT_EQ(dead->type, "job.dead");
    EXPECT_EQ(
        wire::to_text(dead->data),
        R"({"job_id":"j-1","kind":"crm_push","session_id":"s-1","bot_id":"b-1","attempts":3})");
    for (char const* state : {"queued", "running", "done", "cancelled"}) {
        row["state"] = state;
        EXPECT_FALSE(news_of_job(row)) << state;
    }
}

TEST(EventNews, EveryTypeHasATopicThatCanBeAskedFor) {
    for (char const* type :
         {"call.created", "call.updated", "push.updated", "fleet.status", "job.dead",
          "settings.changed", "campaign.updated", "knowledge.document"})
        EXPECT_NE(std::ranges::find(event_topics, topic_of(type)), std::end(event_topics)) << type;
    EXPECT_EQ(topic_of("snapshot_needed"), "");
    EXPECT_EQ(topic_of(""), "");
}

}  // namespace
}  // namespace cxb::api
