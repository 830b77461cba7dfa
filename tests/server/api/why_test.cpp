// What /why says where several rules apply, how far it looks, and whom it answers (spec 21 §9.2).
#include "server/api/why_fixture.hpp"

namespace cxb::api::test {
namespace {

using list = std::vector<std::string>;

struct Why : why_test {};

TEST_F(Why, UnknownKindsAndSubjectsAre404) {
    start();
    auto const kind = why("weather", "x");
    EXPECT_EQ(kind.status, 404);
    EXPECT_EQ(kind.text("detail"),
              "Unknown kind; known: bot, call, push, recording, worker, number");
    EXPECT_EQ(why("push", "s-none").text("detail"), "Call not found");
    EXPECT_EQ(why("recording", "s-none").status, 404);
    EXPECT_EQ(get("why/bot").status, 404);
}

TEST_F(Why, OnlyAdminsAsk) {
    start();
    auto const bot = make_bot();
    std::string const path = "/api/v1/why/bot/" + bot;
    EXPECT_EQ(send("GET", path).status, 401);
    EXPECT_EQ(core("GET", path).status, 401);
    auto const key = make_key({{"scopes", {"calls:read", "dialout"}}});
    EXPECT_EQ(send("GET", path, nullptr, {{"X-API-Key", key}}).status, 401);
    EXPECT_EQ(admin("POST", path, json_object{}).status, 405);
}

TEST_F(Why, ReasonsStandInTheOrderOfTheRulesAndNewsLast) {
    settings.env = server::installation::production;
    start();
    auto const bot =
        make_bot({{"is_active", false}, {"active_hours", {{"enabled", true}, {"days", {"mon"}}}}});
    auto const got = why("bot", bot);
    EXPECT_EQ(codes(got), (list{"bot_inactive", "outside_active_hours", "bot_incomplete",
                                "no_fleet", "no_number_mapped"}));
    EXPECT_EQ(got.text("verdict"), "blocked");
    // 2026-01-05 is the next Monday, 09:00 in Kolkata.
    EXPECT_EQ(wire::text_at(reason(got, "outside_active_hours"), "next_at"),
              "2026-01-05T03:30:00.000Z");
    EXPECT_EQ(wire::text_at(reason(got, "bot_incomplete"), "evidence.block"), "stt");
}

TEST_F(Why, ABotThatCanTakeCallsIsOk) {
    start();
    auto const bot = make_bot();
    with_workers({{.id = "w1", .calls = 0, .max = 4}});
    auto const got = why("bot", bot);
    EXPECT_EQ(got.text("verdict"), "ok");
    EXPECT_EQ(codes(got), (list{"no_number_mapped", "free"}));
    EXPECT_EQ(wire::int_at(reason(got, "free"), "evidence.count"), 1);
    EXPECT_EQ(admin("POST", "/api/v1/integrations/exotel/dids",
                    json_object{{"number", "080 4000 0001"}, {"bot_id", bot}})
                  .status,
              201);
    EXPECT_EQ(codes(why("bot", bot)), list{"free"}) << "a number of Exotel is one";
}

TEST_F(Why, OfSeveralHostsTheNearestHoldsUp) {
    start();
    auto const bot = make_bot();
    with_workers({{.id = "w1", .calls = 1, .max = 1}});
    set_fleet({closed_url, host.url()});
    auto const got = why("bot", bot);
    EXPECT_EQ(codes(got), (list{"full", "unreachable", "no_number_mapped"}));
    EXPECT_EQ(got.text("verdict"), "waiting");
    EXPECT_EQ(why("worker", closed_url).json.at("reasons").at(0).at("evidence").at("reason"),
              "network");
    EXPECT_EQ(codes(why("worker", host.url() + "/")), list{"full"});
}

TEST_F(Why, AHostWithoutAWorkerIsNotReachable) {
    start();
    make_bot();
    auto const url = with_workers({{.id = "w1", .reachable = false}});
    auto const got = why("worker", url);
    EXPECT_EQ(codes(got), list{"unreachable"});
    EXPECT_EQ(wire::text_at(reason(got, "unreachable"), "evidence.reason"), "no_workers");
}

TEST_F(Why, AskingSharesTheRoundOfProbes) {
    settings.fleet.snapshot_max_age = 60s;
    start();
    make_bot();
    auto const url = with_workers({{.id = "w1", .calls = 0, .max = 1}});
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(why("worker", url).status, 200);
    EXPECT_EQ(host.count(), 1U);
}

TEST_F(Why, TwoFailedPreFetchesOfTenAreNone) {
    start();
    auto const bot = make_bot({{"pre_call_fetch", {{"url", crm.url() + "/customer"}}}});
    crm_status = 500;
    for (int i = 0; i < 3; ++i)
        call_of(bot);
    auto const failing = why("bot", bot);
    EXPECT_EQ(codes(failing).front(), "prefetch_failing");
    auto const facts = reason(failing, "prefetch_failing");
    EXPECT_EQ(wire::int_at(facts, "evidence.failed"), 3);
    EXPECT_EQ(wire::text_at(facts, "evidence.last_error"), "status_500");
    crm_status = 200;
    for (int i = 0; i < 8; ++i) {
        clock.advance(1s);
        call_of(bot);
    }
    EXPECT_EQ(codes(why("bot", bot)), (list{"no_fleet", "no_number_mapped"}));
}

// Such a bot leaves no call behind, only refusals.
TEST_F(Why, RefusedForTheCrmCountsAsFailed) {
    start();
    crm_status = 500;
    auto const bot = make_bot(
        {{"pre_call_fetch", {{"url", crm.url() + "/customer"}, {"on_failure", "reject"}}}});
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(config(bot).status, 503);
    EXPECT_EQ(codes(why("bot", bot)).front(), "prefetch_failing");
    EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot, json_object{{"pre_call_fetch", nullptr}}).status,
              200);
    EXPECT_EQ(codes(why("bot", bot)).front(), "no_fleet") << "it asks nobody any more";
}

TEST_F(Why, AResultNobodyAskedForHasNoPushAndSaysSo) {  // 21-3
    start();
    end_call("s-orphan", {{"bot_id", "65f0000000000000000000aa"}});
    auto const got = why("call", "s-orphan");
    EXPECT_EQ(codes(got), (list{"orphan_result", "finished"}));
    auto const facts = reason(got, "orphan_result");
    EXPECT_FALSE(wire::bool_at(facts, "evidence.bot_known", true));
    EXPECT_EQ(codes(why("push", "s-orphan")), list{"no_push_config"});
    auto const bot = pushing_bot();
    end_call("s-named", {{"bot_id", bot}});
    EXPECT_TRUE(push_is("s-named", "delivered"));
    EXPECT_EQ(get("calls/s-named/pushes").json.as_array().size(), 1U);
    EXPECT_TRUE(
        wire::bool_at(reason(why("call", "s-named"), "orphan_result"), "evidence.bot_known"));
}

TEST_F(Why, WhichRuleLeftAPushOut) {  // 21-8
    start();
    auto const none = ended_call(make_bot());
    auto const disabled = ended_call(pushing_bot({{"enabled", false}}));
    auto const bot = pushing_bot();
    auto const skipped = ended_call(bot, {{"_skip_post_push", true}});
    auto const state = [&](std::string const& session) {
        return get("calls/" + session).text("push_state");
    };
    EXPECT_EQ(state(none), "none");
    EXPECT_EQ(codes(why("push", none)), list{"no_push_config"});
    EXPECT_EQ(state(disabled), "skipped");
    EXPECT_EQ(codes(why("push", disabled)), list{"push_disabled"});
    EXPECT_EQ(state(skipped), "skipped");
    EXPECT_EQ(codes(why("push", skipped)), list{"skip_post_push"});
    EXPECT_EQ(crm.count(), 0U);
}

TEST_F(Why, ABotThatGotItsPushLaterIsToldApart) {
    start();
    auto const bot = make_bot();
    auto const session = ended_call(bot);
    EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot,
                    json_object{{"post_call_push", {{"url", crm.url() + "/calls"}}}})
                  .status,
              200);
    auto const got = why("push", session);
    EXPECT_EQ(codes(got), list{"no_push_config"});
    EXPECT_TRUE(wire::bool_at(reason(got, "no_push_config"), "evidence.pushed_now"));
}

TEST_F(Why, ARetriedPushSaysWhenAndWhy) {
    start();
    crm_status = 503;
    auto const session = ended_call(pushing_bot({{"max_attempts", 7}}));
    ASSERT_TRUE(push_is(session, "retrying"));
    auto const facts = reason(why("push", session), "retrying");
    EXPECT_EQ(wire::int_at(facts, "evidence.status"), 503);
    EXPECT_EQ(wire::int_at(facts, "evidence.attempts"), 1);
    EXPECT_EQ(wire::int_at(facts, "evidence.max_attempts"), 7);
    EXPECT_EQ(wire::text_at(facts, "evidence.error"), "status_503");
    auto const next = parse_timestamp(wire::text_at(facts, "next_at"));
    ASSERT_TRUE(next);
    EXPECT_GT(*next, clock.now());
    EXPECT_LT(*next, clock.now() + 37s);
}

TEST_F(Why, ARecordingThatTheLinkCannotReachStillPlays) {
    start();
    auto const session = ended_call(make_bot(), {}, {{"recording_key", "2026/01/01/b.wav"}});
    change(model::calls, model::of_session(session),
           store::update{}.unset("recording_access_token"));
    auto const got = why("recording", session);
    EXPECT_EQ(codes(got), (list{"token_missing", "object_missing"}));
    auto const facts = reason(got, "object_missing");
    auto const& asked = facts.at("evidence").at("sources").as_array();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].at("source"), "objects");
    EXPECT_EQ(asked[0].at("said"), "missing");
}

TEST_F(Why, ARecordingOnAHostIsFoundWithoutSendingIt) {
    start();
    std::string const bytes(1000, 'x');
    peer store_host([&](wire::http_request const& request, int) {
        wire::http_response out;
        out.status = request.headers.get("Range") == "bytes=0-0" ? 206 : 200;
        out.headers.set("Content-Range", "bytes 0-0/1000");
        out.body = out.status == 206 ? bytes.substr(0, 1) : bytes;
        return out;
    });
    set_fleet({closed_url, store_host.url()});
    auto const session = ended_call(make_bot(), {}, {{"recording_key", "2026/01/01/c.wav"}});
    auto const got = why("recording", session);
    EXPECT_EQ(codes(got), list{"ready"}) << got.body;
    ASSERT_EQ(store_host.count(), 1U);
    EXPECT_EQ(store_host.requests()[0].headers.get("Range"), "bytes=0-0");
    auto const facts = reason(got, "ready");
    auto const& asked = facts.at("evidence").at("sources").as_array();
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_EQ(asked[1].at("said"), "failed");
    EXPECT_EQ(asked[2].at("said"), "found");
}

TEST_F(Why, ANumberTellsWhyItsBotDoesNotAnswer) {
    start();
    auto const bot = make_bot({{"is_active", false}});
    auto const full = number({{"bot_id", bot}});
    auto const got = why("number", full);
    EXPECT_EQ(codes(got), (list{"bot_inactive", "no_fleet"}));
    EXPECT_EQ(codes(why("number", "011 4000 0000")), codes(got)) << "written another way";
    auto const missing = why("number", "+911140009999");
    EXPECT_EQ(wire::text_at(reason(missing, "no_did"), "evidence.number"), "…9999");
}

TEST_F(Why, ANumberOfACarrierThatIsGone) {
    start();
    auto const bot = make_bot();
    number({{"bot_id", bot}, {"carrier_id", "65f0000000000000000000ff"}});
    auto const got = why("number", "+911140000000");
    EXPECT_EQ(codes(got).front(), "carrier_disabled");
    EXPECT_FALSE(wire::bool_at(reason(got, "carrier_disabled"), "evidence.exists", true));
}

}  // namespace
}  // namespace cxb::api::test
