// What a config writes about its call before it is answered (spec 20 §8 steps 4 to 9, "Skeleton").
#include "cxb/testing/fake_clock.hpp"
#include "server/api/store_beside.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

constexpr char const* fetch = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";

struct ConfigSkeleton : api_test {
    testing::fake_clock clock{*parse_timestamp("2026-06-05T10:15:00Z")};
    std::optional<store_beside> beside;
    std::string bot;

    ConfigSkeleton() { surroundings.time = &clock; }
    ~ConfigSkeleton() override {
        beside.reset();
        stop();
    }
    void begin(json_object extra = {}) {
        start();
        beside.emplace(settings);
        bot = make_bot(std::move(extra));
    }
    answer ask(json_object request) { return core("POST", "/api/v1/config/" + bot, request); }
    json_object stored(answer const& served) {
        EXPECT_EQ(served.status, 200) << served.body;
        auto found = beside->find(model::calls, model::of_session(served.text("session_id")));
        EXPECT_TRUE(found);
        return found ? *found : json_object{};
    }
    json_object stored_of(json_object request) { return stored(ask(std::move(request))); }
    static std::string text(json_object const& call, char const* path) {
        return std::string(wire::text_at(call, path));
    }
};

TEST_F(ConfigSkeleton, AFetchIdFindsItsCallForTenMinutes) {
    begin();
    auto const first = ask({{"fetch_id", fetch}});
    clock.advance(10min - 1ms);
    auto const again = ask({{"fetch_id", fetch}});
    EXPECT_EQ(again.text("session_id"), first.text("session_id"));
    EXPECT_EQ(wire::int_at(stored(again), "config_fetches"), 2);
    clock.advance(1ms);
    auto const later = ask({{"fetch_id", fetch}});
    EXPECT_NE(later.text("session_id"), first.text("session_id"));
    EXPECT_FALSE(stored(later).contains("fetch_id")) << "the first call has it";
    EXPECT_EQ(text(stored(first), "fetch_id"), fetch);
    EXPECT_EQ(wire::int_at(stored(first), "config_fetches"), 2);
}

TEST_F(ConfigSkeleton, TheDirectionIsThatOfTheTransportElseWhatWasSaid) {
    begin();
    struct row {
        char const* transport;
        char const* said;
        char const* direction;
    };
    for (auto const& each :
         {row{"livekit_outbound", "incoming", "outbound"}, row{"attach", "incoming", "outbound"},
          row{"livekit_inbound", "outgoing", "inbound"}, row{"websocket", "incoming", "inbound"},
          row{"websocket", "outgoing", "outbound"}, row{"exotel", "sideways", "inbound"},
          row{"", "outgoing", "outbound"}, row{"", "", "inbound"}}) {
        json_object request;
        if (*each.transport != 0) request["transport"] = each.transport;
        if (*each.said != 0) request["connected_event"] = json_object{{"callDirection", each.said}};
        EXPECT_EQ(text(stored_of(std::move(request)), "call_direction"), each.direction)
            << each.transport << ' ' << each.said;
    }
}

// Neither transport nor event says it: who was dialled is called.
TEST_F(ConfigSkeleton, WhatTheDialoutKnowsStandsInTheCall) {
    begin();
    beside->insert(model::dialouts, {{"session_id", "s-1"},
                                     {"dial_id", "d-1"},
                                     {"bot_id", bot},
                                     {"to_number", "+919876543210"},
                                     {"from_number", "+912212345678"},
                                     {"at", "2026-06-05T10:14:00.000Z"}});
    json_object const event{{"_campaign_session_id", "s-1"},
                            {"_cxb_dial_id", "d-1"},
                            {"from_number", "+910000000000"},
                            {"did", "+912200000000"}};
    auto const call = stored_of({{"caller_id", "anonymous"}, {"connected_event", event}});
    EXPECT_EQ(text(call, "call_direction"), "outbound");
    EXPECT_EQ(text(call, "phone"), "+919876543210") << "the caller is no number";
    EXPECT_EQ(text(call, "from_number"), "+912212345678");
    EXPECT_EQ(text(call, "did"), "+912200000000");
    EXPECT_EQ(call.at("connected_event").as_object().size(), 2U) << "without reserved members";
    auto const plain =
        stored_of({{"caller_id", "98765 43210"},
                   {"connected_event", {{"from_number", "1800"}, {"to_number", "+1"}}}});
    EXPECT_EQ(text(plain, "phone"), "+919876543210");
    EXPECT_EQ(text(plain, "from_number"), "1800");
    EXPECT_FALSE(plain.contains("did"));
}

TEST_F(ConfigSkeleton, HeadersOfTheCarrierAreKeptAndTheNamedOnesTold) {
    begin({{"sip_header_config",
            {{"enabled", true},
             {"headers", {{{"header", "X-Acct-Id"}}, {{"header", "X-Cust"}, {"name", "who"}}}}}},
           {"system_prompt",
            "{{call.sip_header_x_acct_id}}|{{call.sip_header_who}}|"
            "{{call.sip_header_x_other}}"}});
    json_object const headers{{"X-Acct-Id", "7"},
                              {"sip.h.x-cust", "Ra\r\nvi"},
                              {"X-Other", std::string(600, 'o')},
                              {"From", "no"}};
    auto const served = ask({{"connected_event", {{"sip_candidate_headers", headers}, {"a", 1}}}});
    EXPECT_EQ(served.text("system_prompt"), "7|Ravi|{{call.sip_header_x_other}}");
    EXPECT_EQ(served.json.at("sip_context").at("headers").as_object().size(), 2U) << served.body;
    auto const call = stored(served);
    EXPECT_EQ(call.at("sip_context").at("headers"), served.json.at("sip_context").at("headers"));
    auto const& raw = call.at("sip_headers_raw").as_object();
    EXPECT_EQ(raw.size(), 3U) << wire::to_text(raw);
    EXPECT_EQ(wire::to_text(call.at("connected_event")), R"({"a":1})");
    for (auto const& [name, value] : raw)
        EXPECT_LE(value.as_string().size(), 512U) << name;
}

TEST_F(ConfigSkeleton, TestCallsAreMarkedAndTellNoCrm) {
    begin();
    auto const browser =
        stored_of({{"caller_id", "browser-test-0123456789ab"}, {"transport", "widget"}});
    EXPECT_TRUE(browser.at("is_test").as_bool());
    EXPECT_TRUE(browser.at("skip_post_push").as_bool());
    auto const elsewhere =
        stored_of({{"caller_id", "browser-test-0123456789ab"}, {"transport", "websocket"}});
    EXPECT_FALSE(elsewhere.at("is_test").as_bool());
    EXPECT_FALSE(elsewhere.at("skip_post_push").as_bool());
    auto const ours = stored_of({{"connected_event", {{"_cxb_test_call", "1"}}}});
    EXPECT_TRUE(ours.at("is_test").as_bool());
    EXPECT_FALSE(ours.at("skip_post_push").as_bool());
}

TEST_F(ConfigSkeleton, HoursAreIgnoredOnlyForTestCalls) {
    begin(
        {{"timezone", "Asia/Kolkata"},
         {"active_hours",
          {{"enabled", true}, {"days", {"sat"}}, {"start_time", "09:00"}, {"end_time", "10:00"}}}});
    auto const with = [&](json_object flags) { return ask({{"connected_event", flags}}); };
    EXPECT_EQ(with({{"_cxb_test_call", true}, {"_cxb_ignore_active_hours", 1}}).status, 200);
    for (auto const& flags :
         {json_object{{"_cxb_ignore_active_hours", true}}, json_object{{"_cxb_test_call", true}},
          json_object{{"_cxb_test_call", false}, {"_cxb_ignore_active_hours", true}}}) {
        auto const refused = with(flags);
        EXPECT_EQ(refused.status, 503) << wire::to_text(flags);
        EXPECT_EQ(refused.text("next_open_at"), "2026-06-06T03:30:00.000Z");
    }
}

// 20 §11: which bot, which session if one was given, who called, why.
TEST_F(ConfigSkeleton, EachRefusalLeavesARow) {
    begin();
    cxb::test::stuck_host crm;
    json_object const closed{
        {"enabled", true}, {"days", {"sat"}}, {"start_time", "09:00"}, {"end_time", "10:00"}};
    json_object const fetch_block{
        {"url", crm.url() + "/c"}, {"timeout_ms", 100}, {"on_failure", "reject"}};
    for (auto const& [word, extra] :
         {std::pair("bot_inactive", json_object{{"is_active", false}}),
          std::pair("outside_active_hours", json_object{{"active_hours", closed}}),
          std::pair("crm_prefetch_failed", json_object{{"pre_call_fetch", fetch_block}})}) {
        bot = make_bot(extra);
        auto const refused =
            ask({{"caller_id", "+911"}, {"connected_event", {{"_campaign_session_id", word}}}});
        EXPECT_EQ(refused.status, 503) << refused.body;
        EXPECT_TRUE(refused.text("detail").starts_with(std::string(word) + ": ")) << refused.body;
        auto const row = beside->find(model::call_refusals, model::of_session(word));
        ASSERT_TRUE(row) << word;
        EXPECT_EQ(text(*row, "bot_id"), bot);
        EXPECT_EQ(text(*row, "caller_id"), "+911");
        EXPECT_EQ(text(*row, "reason"), word);
        EXPECT_EQ(text(*row, "at"), "2026-06-05T10:15:00.000Z");
        EXPECT_FALSE(beside->find(model::calls, model::of_session(word)));
    }
    // What is no refusal of the bot leaves none.
    bot = "65f000000000000000000001";
    EXPECT_EQ(ask({{"connected_event", {{"_campaign_session_id", "s"}}}}).status, 404);
    EXPECT_FALSE(beside->find(model::call_refusals, model::of_session("s")));
}

// Stored where the zone was known, or by somebody else.
TEST_F(ConfigSkeleton, AZoneThatIsUnknownHereIsUtcAndATraceNote) {
    begin(
        {{"timezone", "Asia/Kolkata"},
         {"active_hours",
          {{"enabled", true}, {"days", {"fri"}}, {"start_time", "10:00"}, {"end_time", "11:00"}}}});
    EXPECT_EQ(ask({}).status, 503) << "15:45 in India";
    EXPECT_TRUE(beside
                    ->run((*beside)->update_one(model::bots, store::by_id(bot),
                                                store::update{}.set("timezone", "Mars/One")))
                    .value());
    restart();
    auto const served = ask({});
    ASSERT_EQ(served.status, 200) << served.body;
    EXPECT_EQ(served.text("timezone"), "UTC");
    EXPECT_EQ(text(stored(served), "timezone"), "UTC");
    auto const trace = admin("GET", "/api/v1/calls/" + served.text("session_id") + "/trace");
    EXPECT_NE(trace.body.find("timezone_unreadable:Mars/One"), std::string::npos) << trace.body;
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + bot).text("timezone"), "Mars/One");
    auto const refused = admin("PUT", "/api/v1/bots/" + bot, json_object{{"description", "other"}});
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(refused.json.at("errors").at(0).at("pointer").as_string(), "/timezone");
    auto const mended =
        admin("PUT", "/api/v1/bots/" + bot, json_object{{"timezone", "Asia/Kolkata"}});
    EXPECT_EQ(mended.status, 200) << mended.body;
    EXPECT_EQ(ask({}).status, 503);
}

TEST_F(ConfigSkeleton, LinksOfTheWorkerBeginWhereTheSettingsSay) {
    settings.http.internal_url = "http://cp.internal:8080";
    begin({{"static_system_prompt", "You are Asha."},
           {"system_prompt", ""},
           {"llm", {{"provider", "google"}, {"model", "m"}, {"api_key", ""}}},
           {"live_prompt_cache", {{"enabled", true}}},
           {"knowledge_enabled", true}});
    auto const served = ask({});
    std::string const base = "http://cp.internal:8080/api/v1/";
    EXPECT_EQ(served.text("webhook_url"), base + "call-results");
    EXPECT_EQ(served.text("prompt_parts.recreate_url"),
              base + "bots/" + bot + "/live-prompt-cache/recreate");
    EXPECT_TRUE(served.text("recording.storage.upload_url").starts_with(base)) << served.body;
    EXPECT_FALSE(served.json.at("knowledge").at("enabled").as_bool()) << "no base is active";
    EXPECT_TRUE(served.text("recording.key").starts_with("2026/06/05/"));
}

}  // namespace
}  // namespace cxb::api::test
