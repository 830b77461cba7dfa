// Results of one call that differ: told one after the other and at once they follow the merge
// table, and whatever the order, the CRM hears of the call as the rules say.
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

constexpr int rounds = 40;

struct ResultRaces : api_test {
    peer crm{[](wire::http_request const&, int) { return json_reply(200, "{}"); }};
    std::string bot;

    void begin() {
        start();
        bot = make_bot({{"post_call_push",
                         {{"url", crm.url() + "/calls"},
                          {"key_mapper",
                           {{"id", "{{result.call_id}}"},
                            {"says", "{{analysis.DISPOSITION}}/{{result.status}}"}}}}}});
    }
    static json_object minimal(std::string const& session) {
        return {{"session_id", session}, {"disconnected_by", "error"}};
    }
    static json_object full(std::string const& session, char const* disposition = "PTP") {
        return {{"session_id", session},
                {"disconnected_by", "customer"},
                {"call_duration_seconds", 42},
                {"transcript", {{{"role", "user"}, {"content", "haan boliye"}}}},
                {"post_call_analysis", {{"DISPOSITION", disposition}}}};
    }
    // Both posted at once; which of them comes first is anybody's guess.
    std::vector<answer> together(json_object const& first, json_object const& second) {
        auto got = at_once(2, [&](std::size_t i) {
            client::outgoing_request request{url() + "/api/v1/call-results", {}};
            request.message.method = "POST";
            request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                       {"Content-Type", "application/json"}};
            request.message.body = wire::to_text(i == 0 ? first : second);
            return request;
        });
        for (auto const& one : got)
            EXPECT_EQ(one.status, 200) << one.body;
        return got;
    }
    // Asking this often may meet the rate limit; that answer only means: ask again.
    answer call(std::string const& session, char const* part = "") {
        answer got;
        EXPECT_TRUE(eventually([&] {
            got = admin("GET", "/api/v1/calls/" + session + part);
            return got.status != 429;
        }));
        return got;
    }
    static wire::json_array conflicts_of(answer const& call) {
        auto const* list = call.json.as_object().if_contains("result_conflicts");
        return list == nullptr ? wire::json_array{} : list->as_array();
    }
    // What holds in either order; tells whether the minimal one came first.
    bool expect_merged(std::string const& session, answer const& of_minimal,
                       answer const& of_full) {
        bool const minimal_first = of_minimal.text("result") == "stored";
        EXPECT_EQ(of_minimal.text("result"), minimal_first ? "stored" : "kept_previous");
        EXPECT_EQ(of_full.text("result"), minimal_first ? "updated" : "stored");
        auto const stored = call(session);
        EXPECT_EQ(stored.text("status"), "completed");
        EXPECT_EQ(stored.text("disconnected_by"), "customer");
        EXPECT_EQ(stored.json.at("transcript").at(0).at("content").as_string(), "haan boliye");
        EXPECT_EQ(stored.json.at("call_duration_seconds").to_number<int>(), 42);
        auto const conflicts = conflicts_of(stored);
        EXPECT_EQ(conflicts.size(), minimal_first ? 0U : 1U) << stored.body;
        if (!conflicts.empty()) {
            auto const& kept = conflicts[0].as_object();
            EXPECT_EQ(wire::text_at(kept, "reason"), "kept_previous");
            EXPECT_EQ(wire::text_at(kept, "members.disconnected_by"), "error");
        }
        return minimal_first;
    }
    std::vector<std::string> told(std::string const& session) {
        std::vector<std::string> out;
        for (auto const& one : crm.requests())
            if (one.body.find("\"" + session + "\"") != std::string::npos) out.push_back(one.body);
        return out;
    }
    bool all_done(std::string const& session) {
        auto const pushes = call(session, "/pushes");
        return std::ranges::all_of(pushes.json.as_array(), [](json_value const& job) {
            return wire::text_at(job.as_object(), "state") == "done";
        });
    }
    static std::string body_of(std::string const& session) {
        return R"({"id":")" + session + R"(","says":"PTP/completed"})";
    }
};

// Nothing is sent meanwhile, so one job tells of the call as it ended, in either order.
TEST_F(ResultRaces, DifferentDeliveriesAtOnceFollowTheMergeTable) {  // 10-19
    settings.jobs.workers = 0;
    begin();
    std::vector<std::string> sessions;
    for (int i = 0; i < rounds; ++i) {
        auto const session = config(bot).text("session_id");
        sessions.push_back(session);
        bool const swapped = i % 2 == 1;
        auto const got = swapped ? together(full(session), minimal(session))
                                 : together(minimal(session), full(session));
        expect_merged(session, got[swapped ? 1 : 0], got[swapped ? 0 : 1]);
        EXPECT_EQ(call(session).text("push_state"), "queued");
        EXPECT_EQ(call(session, "/pushes").json.as_array().size(), 1U);
        int results = 0;
        int queued = 0;
        auto const trace = call(session, "/trace");
        for (auto const& row : trace.json.as_array()) {
            results += wire::text_at(row.as_object(), "name") == "result" ? 1 : 0;
            queued += wire::text_at(row.as_object(), "name") == "push_queued" ? 1 : 0;
        }
        EXPECT_EQ(results, 2);
        EXPECT_EQ(queued, 1);
    }
    settings.jobs.workers = 4;
    restart();
    for (auto const& session : sessions) {
        EXPECT_TRUE(eventually([&] { return call(session).text("push_state") == "delivered"; }));
        EXPECT_EQ(told(session), std::vector<std::string>{body_of(session)});
    }
    EXPECT_EQ(crm.count(), sessions.size());
}

// With the CRM listening the minimal result may have gone out already: then the full one follows.
TEST_F(ResultRaces, WhatWentOutTooEarlyIsFollowedByTheFullResult) {  // 21-5
    begin();
    for (int i = 0; i < rounds; ++i) {
        auto const session = config(bot).text("session_id");
        auto const got = together(minimal(session), full(session));
        bool const minimal_first = expect_merged(session, got[0], got[1]);
        EXPECT_TRUE(eventually([&] { return all_done(session); }));
        EXPECT_EQ(call(session).text("push_state"), "delivered");
        auto const pushes = call(session, "/pushes").json.as_array();
        auto const sent = told(session);
        EXPECT_LE(pushes.size(), minimal_first ? 2U : 1U);
        EXPECT_EQ(sent.size(), pushes.size());
        EXPECT_EQ(std::ranges::count(sent, body_of(session)), 1) << sent.size();
    }
}

TEST_F(ResultRaces, OfTwoFullOnesAtOnceTheLaterWins) {
    settings.jobs.workers = 0;
    begin();
    for (int i = 0; i < rounds; ++i) {
        auto const session = config(bot).text("session_id");
        auto const got = together(full(session, "PTP"), full(session, "RTP"));
        std::size_t const winner = got[0].text("result") == "updated" ? 0 : 1;
        EXPECT_EQ(got[winner].text("result"), "updated");
        EXPECT_EQ(got[1 - winner].text("result"), "stored");
        char const* const words[] = {"PTP", "RTP"};
        auto const stored = call(session);
        EXPECT_EQ(stored.text("post_call_analysis.DISPOSITION"), words[winner]);
        EXPECT_EQ(stored.text("disposition"), words[winner]);
        auto const conflicts = conflicts_of(stored);
        ASSERT_EQ(conflicts.size(), 1U) << stored.body;
        EXPECT_EQ(wire::text_at(conflicts[0].as_object(), "members.post_call_analysis.DISPOSITION"),
                  words[1 - winner]);
        EXPECT_EQ(call(session, "/pushes").json.as_array().size(), 1U);
    }
}

TEST_F(ResultRaces, ConflictsAreShownWithTheCall) {
    begin();
    auto const session = config(bot).text("session_id");
    post_result(full(session, "A"));
    auto const first = call(session);
    EXPECT_TRUE(conflicts_of(first).empty());
    for (char const* word : {"B", "C", "D", "E", "F", "G"})
        EXPECT_EQ(post_result(full(session, word)).text("result"), "updated");
    EXPECT_EQ(post_result(minimal(session)).text("result"), "kept_previous");
    EXPECT_EQ(post_result(minimal(session)).text("result"), "kept_previous");
    auto const stored = call(session);
    auto const conflicts = conflicts_of(stored);
    ASSERT_EQ(conflicts.size(), 5U) << stored.body;
    char const* const replaced[] = {"C", "D", "E", "F"};
    for (std::size_t i = 0; i < 4; ++i) {
        auto const& entry = conflicts[i].as_object();
        EXPECT_EQ(wire::text_at(entry, "reason"), "replaced");
        EXPECT_EQ(wire::text_at(entry, "members.post_call_analysis.DISPOSITION"), replaced[i]);
        EXPECT_FALSE(wire::text_at(entry, "at").empty());
        // Only what changed is kept.
        EXPECT_FALSE(entry.at("members").as_object().contains("transcript"));
    }
    EXPECT_EQ(wire::text_at(conflicts[4].as_object(), "reason"), "kept_previous");
    EXPECT_EQ(stored.text("disposition"), "G");
    EXPECT_EQ(stored.text("completed_at"), first.text("completed_at"));
}

}  // namespace
}  // namespace cxb::api::test
