// Trying a bot without ringing anybody, and with (spec 20 §5.2 preview-config, test-call).
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

std::vector<std::string> pointers(answer const& got) {
    std::vector<std::string> out;
    EXPECT_EQ(got.status, 422) << got.body;
    if (got.status == 422)
        for (auto const& one : got.json.at("errors").as_array())
            out.emplace_back(one.at("pointer").as_string());
    return out;
}

struct BotsPreview : api_test {
    BotsPreview() { start(); }
    answer preview(std::string const& id, json_object body = {}) {
        return admin("POST", "/api/v1/bots/" + id + "/preview-config", body);
    }
};

TEST_F(BotsPreview, ShowsWhatAWorkerWouldGetAtAMoment) {
    std::string const id = make_bot(
        {{"llm", {{"provider", "openai"}, {"model", "m"}, {"api_key", "sk-1234567890abcd"}}},
         {"active_hours",
          {{"enabled", true},
           {"days", {"Friday"}},
           {"start_time", "09:00"},
           {"end_time", "18:00"}}},
         {"opening_message", "{{FIRSTNAME}} {{NOBODY}} {{system.current_time}}"}});
    auto const got = preview(id, {{"connected_event", {{"FIRSTNAME", "Asha"}}},
                                  {"mock_crm", {{"FIRSTNAME", "Asha R"}}},
                                  {"caller_id", "+919876543210"},
                                  {"at", "2026-06-05T10:15:00Z"}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("config.opening_message"), "Asha R {{NOBODY}} 03:45 PM IST");
    EXPECT_EQ(got.text("config.llm.api_key"), "sk-1••••••abcd");
    EXPECT_EQ(got.text("config.recording.storage.upload_url"), "••••••••");
    EXPECT_EQ(got.text("variables.call.caller_id"), "+919876543210");
    EXPECT_EQ(got.text("variables.crm.FIRSTNAME"), "Asha R");
    EXPECT_EQ(got.text("variables.system.timezone"), "Asia/Kolkata");
    EXPECT_EQ(wire::to_text(got.json.at("unresolved")), R"(["NOBODY"])");
    EXPECT_TRUE(got.json.at("active").at("open").as_bool());
    EXPECT_FALSE(got.json.as_object().contains("prefetch"));
    std::vector<std::string> steps;
    for (auto const& step : got.json.at("steps").as_array()) {
        steps.emplace_back(step.at("name").as_string());
        EXPECT_GE(step.at("ms").to_number<int>(), 0);
    }
    EXPECT_EQ(steps, (std::vector<std::string>{"variables", "render"}));
    auto const closed = preview(id, {{"at", "2026-06-05T12:30:00Z"}});
    EXPECT_FALSE(closed.json.at("active").at("open").as_bool());
    EXPECT_EQ(closed.text("active.next_open_at"), "2026-06-12T03:30:00.000Z");
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + id).json.at("version").to_number<int>(), 1);
}

TEST_F(BotsPreview, AsksTheCrmOnlyWhenToldTo) {
    peer crm([](wire::http_request const&, int) {
        return json_reply(200, R"({"FIRSTNAME":"Uma","secret_key":"s3cret-s3cret"})");
    });
    std::string const id = make_bot({{"pre_call_fetch",
                                      {{"url", crm.url() + "/c?key=k-k-k-k-k-k"},
                                       {"headers", {{"X-Api-Key", "h-h-h-h-h-h"}}}}}});
    EXPECT_EQ(preview(id).status, 200);
    EXPECT_EQ(crm.count(), 0U);
    auto const got = preview(id, {{"skip_prefetch", false}});
    EXPECT_EQ(crm.count(), 1U);
    EXPECT_EQ(got.text("config.opening_message"), "Namaste Uma ji");
    ASSERT_TRUE(got.json.as_object().contains("prefetch")) << got.body;
    EXPECT_EQ(got.text("prefetch.kind"), "pre_fetch");
    EXPECT_EQ(got.json.at("prefetch").at("status").to_number<int>(), 200);
    EXPECT_EQ(wire::to_text(got.json.at("prefetch")).find("k-k-k"), std::string::npos) << got.body;
    EXPECT_EQ(got.body.find("h-h-h"), std::string::npos) << got.body;
}

TEST_F(BotsPreview, AllFaultsOfARequestAreNamed) {
    std::string const id = make_bot();
    EXPECT_EQ(pointers(preview(id, {{"connected_event", 7},
                                    {"caller_id", 8},
                                    {"mock_crm", "x"},
                                    {"skip_prefetch", "no"},
                                    {"at", "yesterday"}})),
              (std::vector<std::string>{"/connected_event", "/caller_id", "/mock_crm",
                                        "/skip_prefetch", "/at"}));
    EXPECT_EQ(pointers(preview(id, {{"caller_id", std::string(129, '1')}})),
              std::vector<std::string>{"/caller_id"});
    json_object many;
    for (std::size_t i = 0; i <= limits::connected_event_members; ++i)
        many["v" + std::to_string(i)] = 1;
    EXPECT_EQ(pointers(preview(id, {{"connected_event", many}})),
              std::vector<std::string>{"/connected_event"});
    auto const odd = preview(id, {{"callerid", "x"}});
    EXPECT_EQ(odd.headers.get("X-CXB-Ignored-Fields"), "callerid");
    EXPECT_EQ(preview("nobody").text("detail"), "Bot not found");
}

struct BotsTestCall : api_test {
    peer host{[this](wire::http_request const& r, int) {
        if (r.path == "/health/fleet")
            return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":16,)"
                                   R"("fleet_available":16,"workers":[]})");
        std::scoped_lock const lock(mutex);
        orders.push_back(wire::parse_json(r.body).value().as_object());
        return json_reply(200, R"({"status":"accepted","call_id":"c1"})");
    }};
    BotsTestCall() {
        start();
        id = make_bot();
        admin("PUT", "/api/v1/settings/fleet",
              json_object{{"core_fleet", {json_value(host.url())}}});
    }
    answer try_it(json_object body, std::string const& key = {}) {
        wire::header_list headers;
        if (!key.empty()) headers.set("Idempotency-Key", key);
        return admin("POST", "/api/v1/bots/" + id + "/test-call", body, std::move(headers));
    }
    std::size_t dials() {
        std::scoped_lock const lock(mutex);
        return orders.size();
    }
    json_object event() { return orders.back().at("connected_event").as_object(); }
    // The worker fetches the config with what it was told.
    json_object call_of_the_order() {
        auto const served =
            core("POST", "/api/v1/config/" + id, json_object{{"connected_event", event()}});
        EXPECT_EQ(served.status, 200) << served.body;
        return admin("GET", "/api/v1/calls/" + served.text("session_id")).json.as_object();
    }

    std::mutex mutex;
    std::vector<json_object> orders;
    std::string id;
};

TEST_F(BotsTestCall, TheSameKeyAndBodyRingOnce) {  // 20-42
    json_object const body{{"to_number", "98765 43210"}};
    auto const first = try_it(body, "k1");
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_FALSE(first.headers.has("Idempotent-Replayed"));
    auto const second = try_it(body, "k1");
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(dials(), 1U);
    auto const other = try_it({{"to_number", "98765 43211"}}, "k1");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.text("code"), "idempotency_key_reused");
    EXPECT_EQ(dials(), 1U);
    EXPECT_EQ(try_it(body, "k2").status, 200);
    EXPECT_EQ(dials(), 2U);
}

TEST_F(BotsTestCall, IsATestCallThatTellsNoCrm) {
    auto const got = try_it({{"to_number", "98765 43210"},
                             {"from_number", "+912200000001"},
                             {"variables", {{"PLAN", "gold"}}},
                             {"mock_crm", {{"FIRSTNAME", "Ravi"}}}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(wire::text_at(orders.back(), "to_number"), "+919876543210");
    EXPECT_EQ(wire::text_at(orders.back(), "from_number"), "+912200000001");
    auto const call = call_of_the_order();
    EXPECT_EQ(wire::text_at(call, "session_id"), got.text("session_id"));
    EXPECT_TRUE(wire::bool_at(call, "is_test"));
    EXPECT_TRUE(wire::bool_at(call, "skip_post_push"));
    EXPECT_EQ(wire::text_at(call, "crm_data.FIRSTNAME"), "Ravi");
    EXPECT_EQ(wire::to_text(call.at("connected_event")), R"({"PLAN":"gold"})");
    auto const row = admin("GET", "/api/v1/sip/dialouts/" + got.text("session_id"));
    EXPECT_EQ(row.text("outcome"), "accepted");
    ASSERT_EQ(try_it({{"to_number", "1001"}, {"skip_post_push", false}}).status, 200);
    EXPECT_FALSE(wire::bool_at(call_of_the_order(), "skip_post_push"));
}

TEST_F(BotsTestCall, AsksTheCrmUnlessToldNotTo) {
    peer crm([](wire::http_request const&, int) { return json_reply(200, R"({"a":1})"); });
    admin("PUT", "/api/v1/bots/" + id,
          json_object{{"pre_call_fetch", {{"url", crm.url() + "/c"}}}});
    ASSERT_EQ(try_it({{"to_number", "1001"}, {"skip_prefetch", true}}).status, 200);
    call_of_the_order();
    EXPECT_EQ(crm.count(), 0U);
    ASSERT_EQ(try_it({{"to_number", "1001"}}).status, 200);
    call_of_the_order();
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(BotsTestCall, AClosedBotRingsOnlyWhereItIsAskedTo) {
    // Three days from now, wherever the bot lives.
    auto const today =
        std::chrono::weekday(std::chrono::floor<std::chrono::days>(real_clock().now()));
    json_object const never{{"enabled", true},
                            {"days", {json_value((today.iso_encoding() + 2) % 7)}},
                            {"start_time", "00:00"},
                            {"end_time", "00:01"}};
    admin("PUT", "/api/v1/bots/" + id, json_object{{"active_hours", never}});
    auto const refused = try_it({{"to_number", "1001"}});
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.text("detail").starts_with("outside_active_hours: ")) << refused.body;
    EXPECT_EQ(dials(), 0U);
    ASSERT_EQ(try_it({{"to_number", "1001"}, {"ignore_active_hours", true}}).status, 200);
    EXPECT_TRUE(wire::bool_at(call_of_the_order(), "is_test"));
    admin("PUT", "/api/v1/bots/" + id, json_object{{"is_active", false}});
    auto const off = try_it({{"to_number", "1001"}, {"ignore_active_hours", true}});
    EXPECT_EQ(off.status, 503);
    EXPECT_TRUE(off.text("detail").starts_with("bot_inactive: ")) << off.body;
}

TEST_F(BotsTestCall, ReservedMembersAreDroppedAndNamed) {
    auto const got =
        try_it({{"to_number", "1001"},
                {"variables", {{"_campaign_id", "c1"}, {"_skip_post_push", false}, {"A", "1"}}},
                {"colour", "red"}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.headers.get("X-CXB-Ignored-Fields"), "colour,_campaign_id,_skip_post_push");
    EXPECT_FALSE(event().contains("_campaign_id"));
    EXPECT_EQ(wire::text_at(event(), "_skip_post_push"), "true");
}

TEST_F(BotsTestCall, AllFaultsAreNamedAndNobodyIsRung) {
    EXPECT_EQ(pointers(try_it({{"to_number", 7},
                               {"variables", 7},
                               {"mock_crm", "x"},
                               {"skip_prefetch", "yes"},
                               {"ignore_active_hours", 1}})),
              (std::vector<std::string>{"/to_number", "/variables", "/mock_crm", "/skip_prefetch",
                                        "/ignore_active_hours"}));
    EXPECT_EQ(pointers(try_it({{"to_number", "12"}, {"variables", {{"a{b", 1}}}})),
              (std::vector<std::string>{"/to_number", "/variables/a{b"}));
    EXPECT_EQ(pointers(try_it({{"to_number", "123456789012345678901"}})),
              std::vector<std::string>{"/to_number"});
    std::string const half(40 * limits::kib, 'x');
    EXPECT_EQ(
        pointers(try_it(
            {{"to_number", "1001"}, {"variables", {{"a", half}}}, {"mock_crm", {{"b", half}}}})),
        std::vector<std::string>{"/variables"});
    EXPECT_EQ(try_it({{"to_number", "1001"}, {"x", std::string(300 * limits::kib, 'x')}}).status,
              413);
    EXPECT_EQ(dials(), 0U);
    EXPECT_EQ(admin("POST", "/api/v1/bots/nobody/test-call", json_object{{"to_number", "1001"}})
                  .text("detail"),
              "Bot not found");
    auto const keyed = send("POST", "/api/v1/bots/" + id + "/test-call",
                            json_object{{"to_number", "1001"}}, {{"X-API-Key", make_key()}});
    EXPECT_EQ(keyed.status, 401) << keyed.body;
}

}  // namespace
}  // namespace cxb::api::test
