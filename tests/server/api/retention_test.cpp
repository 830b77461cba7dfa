// What goes when its time is over, and what stays (settings `retention`, spec 21 §2.1).
#include "server/api/retention_fixture.hpp"

namespace cxb::api::test {
namespace {

namespace fs = std::filesystem;

struct Retention : retention_test {};

TEST_F(Retention, NothingIsRemovedForEver) {
    begin();
    auto const old = whole_call();
    pass(24h * 4000);
    EXPECT_FALSE(turn(days(0, 0, 0, 0)).any());
    EXPECT_EQ(call(old.session).status, 200);
    EXPECT_TRUE(fs::exists(file(old)));
}

TEST_F(Retention, AnOldCallGoesWithAllThatBelongsToIt) {
    begin();
    auto const old = whole_call();
    EXPECT_TRUE(other->run((*other)->insert(
        model::dialouts,
        {{"session_id", old.session}, {"dial_id", "d-1"}, {"to_number", "+919876543210"}})));
    pass(24h * 8);
    auto const young = whole_call();
    auto const overview = [&] {
        auto const got =
            get("analytics/overview?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
        return wire::to_text(got.json.at("calls")) + wire::to_text(got.json.at("pushes"));
    };
    auto const before = overview();
    auto const gone = turn(days(7, 0, 0, 0));
    EXPECT_EQ(gone.calls, 1U);
    EXPECT_EQ(gone.recordings + gone.transcripts + gone.traces, 0U);
    EXPECT_EQ(counted("calls"), 1);
    EXPECT_EQ(rows_left(old.session), 0U);
    EXPECT_EQ(call(old.session).status, 404);
    EXPECT_EQ(why("call", old.session), "call_not_found");
    EXPECT_EQ(overview(), before) << "reports go on counting it";
    EXPECT_TRUE(is_gone(old));
    EXPECT_EQ(call(young.session).status, 200);
    EXPECT_TRUE(fs::exists(file(young)));
    EXPECT_GT(rows_left(young.session), 2U);
    EXPECT_FALSE(turn(days(7, 0, 0, 0)).any());
}

TEST_F(Retention, ActiveCallsAndThoseWithPeopleStay) {
    begin();
    auto const active = begin_call();
    auto const handed = whole_call();
    EXPECT_TRUE(other->run((*other)->insert(
        model::agent_desk_handoffs, {{"parent_call_id", handed.session}, {"status", "open"}})));
    pass(24h * 30);
    EXPECT_EQ(turn(days(1, 0, 0, 0)).calls, 0U);
    EXPECT_EQ(call(active.session).text("status"), "active");
    EXPECT_EQ(call(handed.session).status, 200);
    EXPECT_FALSE(turn(days(0, 1, 1, 0)).any());
    EXPECT_TRUE(call(handed.session).json.as_object().contains("transcript"));
    EXPECT_TRUE(other->run((*other)->update_one(
        model::agent_desk_handoffs,
        store::all_of({store::eq("parent_call_id", json_value(handed.session))}),
        store::update{}.set("status", "closed"))));
    EXPECT_EQ(turn(days(1, 0, 0, 0)).calls, 1U);
    EXPECT_EQ(call(handed.session).status, 404);
}

TEST_F(Retention, APushThatWaitsGoesWithItsCall) {
    crm_status = 503;
    begin();
    auto const old = whole_call();
    auto const queued = [&] {
        auto const got =
            get("analytics/overview?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
        return got.json.at("pushes").at("queued").to_number<int>();
    };
    ASSERT_TRUE(eventually([&] { return why("push", old.session) == "retrying"; }));
    EXPECT_EQ(queued(), 1);
    stop();
    pass(24h * 2);
    settings.jobs.workers = 0;  // it would be due by now
    start();
    auto const sent = crm.count();
    EXPECT_EQ(turn(days(1, 0, 0, 0)).calls, 1U);
    EXPECT_EQ(queued(), 0);
    EXPECT_TRUE(rows(server::jobs, old.session).empty());
    stop();
    settings.jobs.workers = 4;
    start();
    EXPECT_TRUE(is_gone(old)) << "the next job of this process has been";
    EXPECT_EQ(crm.count(), sent);
}

TEST_F(Retention, ARecordingGoesAndNoWayLeadsToIt) {
    begin();
    auto const old = whole_call();
    auto const link = call(old.session).text("public_recording_url").substr(url().size());
    ASSERT_EQ(send("GET", link).body, "RIFF");
    pass(24h * 8);
    auto const young = whole_call();
    auto const gone = turn(days(0, 7, 0, 0));
    EXPECT_EQ(gone.recordings, 1U);
    EXPECT_EQ(gone.calls + gone.transcripts + gone.traces, 0U);
    EXPECT_TRUE(is_gone(old));
    EXPECT_EQ(get("recordings/" + old.session).status, 404);
    EXPECT_EQ(send("GET", link).status, 404);
    EXPECT_EQ(why("recording", old.session), "retention");
    auto const shown = call(old.session);
    EXPECT_FALSE(shown.json.at("has_recording").as_bool());
    for (char const* name : {"recording_key", "recording_size", "public_recording_url"})
        EXPECT_FALSE(shown.json.as_object().contains(name)) << name;
    EXPECT_TRUE(shown.json.as_object().contains("transcript"));
    EXPECT_EQ(admin("POST", "/api/v1/calls/" + old.session + "/recording-token").status, 404);
    EXPECT_EQ(why("recording", young.session), "ready");
    EXPECT_FALSE(turn(days(0, 7, 0, 0)).any());
    EXPECT_EQ(counted("recordings"), 1);
}

TEST_F(Retention, WhatWasSaidGoesAndTheOutcomeStays) {
    begin();
    auto const old = whole_call();
    pass(24h * 8);
    ASSERT_NE(wire::to_text(rows(server::jobs, old.session).at(0)).find("frozen_request"),
              std::string::npos);
    auto const gone = turn(days(0, 0, 7, 0));
    EXPECT_EQ(gone.transcripts, 1U);
    EXPECT_EQ(gone.calls + gone.recordings + gone.traces, 0U);
    auto const shown = call(old.session);
    EXPECT_FALSE(shown.json.as_object().contains("transcript"));
    EXPECT_EQ(shown.body.find("bol raha"), std::string::npos) << shown.body;
    auto const& event = shown.json.at("events").at(0).as_object();
    EXPECT_EQ(wire::text_at(event, "name"), "get_premium");
    EXPECT_FALSE(event.contains("data"));
    EXPECT_EQ(shown.json.at("integration_log").at(0).at("status").to_number<int>(), 200);
    EXPECT_FALSE(shown.json.at("integration_log").at(0).as_object().contains("request_excerpt"));
    EXPECT_EQ(shown.text("disposition"), "PTP");
    EXPECT_EQ(shown.text("post_call_analysis.DISPOSITION"), "PTP");
    EXPECT_FALSE(shown.text("transcript_removed_at").empty());
    EXPECT_TRUE(fs::exists(file(old)));
    for (auto const& job : rows(server::jobs, old.session))
        EXPECT_FALSE(job.contains("frozen_request"));
    auto const same =
        admin("POST", "/api/v1/calls/" + old.session + "/push", json_object{{"mode", "same"}});
    EXPECT_EQ(same.status, 404) << same.body;
    EXPECT_FALSE(turn(days(0, 0, 7, 0)).any());
}

// What was said also stands in the bodies of jobs; what is still to be sent stays as it is.
TEST_F(Retention, OnlyJobsThatHaveEndedLoseTheirBodies) {
    begin();
    put_calls(1);
    for (char const* state : {"queued", "running", "done", "dead", "cancelled"})
        other->insert(server::jobs, {{"kind", "nobody_runs_it"},
                                     {"key", state},
                                     {"state", state},
                                     {"session_id", "s-0"},
                                     {"frozen_request", {{"webhook_id", "w"}}}});
    pass(24h * 8);
    EXPECT_EQ(turn(days(0, 0, 7, 0)).transcripts, 1U);
    auto const jobs = rows(server::jobs, "s-0");
    EXPECT_EQ(jobs.size(), 5U);
    for (auto const& job : jobs) {
        auto const state = wire::text_at(job, "state");
        EXPECT_EQ(job.contains("frozen_request"), state == "queued" || state == "running") << state;
    }
}

TEST_F(Retention, TracesGoByTheirOwnAge) {
    begin();
    auto const old = whole_call();
    pass(24h * 40);
    auto const gone = turn(days(0, 0, 0, 30));
    EXPECT_GT(gone.traces, 0U);
    EXPECT_EQ(gone.calls + gone.recordings + gone.transcripts, 0U);
    EXPECT_TRUE(rows(model::call_trace, old.session).empty());
    EXPECT_EQ(call(old.session).status, 200);
    EXPECT_EQ(counted("traces"), static_cast<double>(gone.traces));
}

TEST_F(Retention, AllTogether) {
    begin();
    auto const oldest = whole_call();
    pass(24h * 10);
    auto const old = whole_call();
    pass(24h * 10);
    auto const young = whole_call();
    auto const gone = turn(days(15, 9, 5, 3));
    EXPECT_EQ(gone.calls, 1U);
    EXPECT_EQ(gone.recordings, 1U);
    EXPECT_EQ(gone.transcripts, 1U);
    EXPECT_GT(gone.traces, 0U);
    EXPECT_EQ(call(oldest.session).status, 404);
    EXPECT_TRUE(is_gone(oldest) && is_gone(old));
    EXPECT_EQ(why("recording", old.session), "retention");
    EXPECT_FALSE(call(old.session).json.as_object().contains("transcript"));
    EXPECT_TRUE(call(young.session).json.as_object().contains("transcript"));
    EXPECT_EQ(why("recording", young.session), "ready");
    EXPECT_FALSE(rows(model::call_trace, young.session).empty());
}

TEST_F(Retention, SettingsCountFromWhenTheyAreSet) {
    begin();
    auto const old = whole_call();
    pass(24h * 10);
    EXPECT_FALSE(turn(days(0, 30, 30, 0)).any());
    auto const lowered = turn(days(0, 5, 30, 0));
    EXPECT_EQ(lowered.recordings, 1U);
    EXPECT_EQ(lowered.transcripts, 0U);
    EXPECT_FALSE(turn(days(0, 30, 30, 0)).any()) << "what is gone is gone";
    EXPECT_EQ(turn(days(0, 30, 5, 0)).transcripts, 1U);
    EXPECT_TRUE(is_gone(old));
}

TEST_F(Retention, ARedactedCallGoesLikeAnyOther) {
    begin();
    auto const old = whole_call();
    EXPECT_EQ(admin("POST", "/api/v1/calls/" + old.session + "/redact",
                    json_object{{"reason", "asked to"}})
                  .status,
              200);
    pass(24h * 8);
    EXPECT_EQ(turn(days(0, 7, 0, 0)).recordings, 0U);
    EXPECT_EQ(why("recording", old.session), "redacted");
    EXPECT_EQ(turn(days(7, 0, 0, 0)).calls, 1U);
    EXPECT_EQ(call(old.session).status, 404);
}

// The clean-up of a running process, by the settings that people make.
TEST_F(Retention, TheProcessDoesItByItself) {
    settings.clean_up_period = 20ms;
    settings.loop_lease = 1s;
    begin();
    auto const old = whole_call();
    auto const set = admin("PUT", "/api/v1/settings/retention",
                           json_object{{"calls_days", 3}, {"recordings_days", 1}});
    ASSERT_EQ(set.status, 200) << set.body;
    pass(24h + 1s);
    EXPECT_TRUE(is_gone(old));
    EXPECT_EQ(why("recording", old.session), "retention");
    pass(48h);
    EXPECT_TRUE(eventually([&] { return call(old.session).status == 404; }));
    EXPECT_TRUE(eventually([&] {
        auto const text = core("GET", "/metrics").body;
        return text.find("cxb_retention_removed_total{what=\"calls\"} 1") != std::string::npos &&
               text.find("cxb_retention_removed_total{what=\"recordings\"} 1") != std::string::npos;
    }));
}

}  // namespace
}  // namespace cxb::api::test
