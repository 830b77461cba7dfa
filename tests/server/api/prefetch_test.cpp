// What a bot asks of a CRM before a call, and what of it is shared, repeated and told.
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

struct Prefetch : api_test {
    std::atomic<int> failures{0};  // answered before the first good one
    peer crm{[this](wire::http_request const&, int number) {
        if (number <= failures) return json_reply(503, "{}");
        return json_reply(200, R"({"a":{"name":"Ravi"},"b":{"name":"Meera"}})");
    }};

    std::string asking_bot(json_object block) {
        block["url"] = crm.url() + "/customer";
        return make_bot({{"opening_message", "Namaste {{crm.name}} {{crm.who}}"},
                         {"pre_call_fetch", std::move(block)}});
    }
    json_object logged(answer const& config) {
        auto const call = admin("GET", "/api/v1/calls/" + config.text("session_id"));
        auto const& list = call.json.at("integration_log").as_array();
        EXPECT_EQ(list.size(), 1U) << call.body;
        return list.empty() ? json_object{} : list.front().as_object();
    }
};

// 20 §9: one answer, read differently.
TEST_F(Prefetch, BotsThatReadAnAnswerDifferentlyDoNotShareIt) {
    start();
    std::string const bots[] = {
        asking_bot({{"response_path", "/a"}, {"cache_ttl_seconds", 60}}),
        asking_bot({{"response_path", "/b"}, {"cache_ttl_seconds", 60}}),
        asking_bot(
            {{"response_path", "/a"}, {"cache_ttl_seconds", 60}, {"mapping", {{"who", "/name"}}}})};
    char const* const greetings[] = {"Namaste Ravi {{crm.who}}", "Namaste Meera {{crm.who}}",
                                     "Namaste Ravi Ravi"};
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(config(bots[i]).text("opening_message"), greetings[i]) << round;
    EXPECT_EQ(crm.count(), 3U);  // the second round is the cache's
}

TEST_F(Prefetch, AFaultOfTheCrmIsRepeatedAsOftenAsTheBotSays) {
    failures = 2;
    start();
    auto const got = config(asking_bot({{"response_path", "/a"}, {"retries", 2}}));
    EXPECT_EQ(got.text("opening_message"), "Namaste Ravi {{crm.who}}");
    EXPECT_EQ(crm.count(), 3U);
    auto const entry = logged(got);
    EXPECT_EQ(wire::int_at(entry, "attempt"), 3);
    EXPECT_EQ(wire::int_at(entry, "status"), 200);
}

TEST_F(Prefetch, WithoutRepetitionsOneFaultIsTheEnd) {
    failures = 1;
    start();
    auto const got = config(asking_bot({{"response_path", "/a"}}));
    EXPECT_EQ(got.text("opening_message"), "Namaste {{crm.name}} {{crm.who}}");
    EXPECT_EQ(crm.count(), 1U);
    EXPECT_EQ(wire::text_at(logged(got), "error"), "status_503");
}

TEST_F(Prefetch, TheBotsOwnAcceptGoesOut) {
    start();
    config(asking_bot({{"headers", {{"Accept", "application/vnd.crm+json"}}}}));
    config(asking_bot({}));
    auto const requests = crm.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].headers.get("Accept"), "application/vnd.crm+json");
    EXPECT_EQ(requests[1].headers.get("Accept"), "application/json");
}

// A key's header is a header like others: it must not smuggle or take ours.
TEST_F(Prefetch, TheHeaderOfAKeyIsCheckedAsOthersAre) {
    start();
    for (char const* name : {"X-CXB-Core-Secret", "Host", "bad name", "a\r\nb"}) {
        json_object const auth{{"type", "api_key"}, {"header", name}, {"value", "k"}};
        auto const got =
            admin("POST", "/api/v1/bots",
                  json_object{{"name", "keyed"},
                              {"pre_call_fetch", {{"url", crm.url() + "/c"}, {"auth", auth}}}});
        EXPECT_EQ(got.status, 422) << name << got.body;
        EXPECT_NE(got.body.find("/pre_call_fetch/auth/header"), std::string::npos) << got.body;
    }
}

// 20 §5.2: what a step had to say stands with the step.
TEST_F(Prefetch, APreviewTellsWhyAStepFellShort) {
    failures = 9;
    start();
    auto const bot = asking_bot({});
    auto const shown = admin("POST", "/api/v1/bots/" + bot + "/preview-config",
                             json_object{{"skip_prefetch", false}});
    ASSERT_EQ(shown.status, 200) << shown.body;
    std::map<std::string, std::string> notes;
    for (auto const& row : shown.json.at("steps").as_array())
        notes[std::string(wire::text_at(row.as_object(), "name"))] =
            wire::text_at(row.as_object(), "note");
    EXPECT_EQ(notes["prefetch"], "prefetch_failed:status_503");
    EXPECT_EQ(notes["variables"], "");
}

// Reserved members steer the build and are no variables, as when a worker sends them.
TEST_F(Prefetch, APreviewReadsReservedMembersAsAWorkersRequestIsRead) {
    start();
    auto const bot = make_bot({{"opening_message", "Hi {{crm.name}}|{{call._mock_crm}}"}});
    auto const shown =
        admin("POST", "/api/v1/bots/" + bot + "/preview-config",
              json_object{{"connected_event", {{"_mock_crm", {{"name", "Asha"}}}, {"X", "1"}}}});
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("config.opening_message"), "Hi Asha|{{call._mock_crm}}");
    EXPECT_EQ(shown.text("variables.call.X"), "1");
    EXPECT_FALSE(shown.json.at("variables").at("call").as_object().contains("_mock_crm"));
}

}  // namespace
}  // namespace cxb::api::test
