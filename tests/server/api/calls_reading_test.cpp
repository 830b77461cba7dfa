// What people find of a call, and what a result may and may not change.
#include "cxb/base/encoding.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct CallReading : api_test {
    std::string bot;
    void SetUp() override {
        start();
        bot = make_bot();
    }
    answer call(std::string const& id, std::string const& query = {}) {
        return admin("GET", "/api/v1/calls/" + id + query);
    }
    int count(std::string const& query) {
        auto const got = admin("GET", "/api/v1/calls?" + query);
        EXPECT_EQ(got.status, 200) << got.body;
        return got.status == 200 ? got.json.at("total").to_number<int>() : -1;
    }
    std::string with_caller(std::string const& number) {
        auto const got = core("POST", "/api/v1/config/" + bot, json_object{{"caller_id", number}});
        EXPECT_EQ(got.status, 200) << got.body;
        return got.text("session_id");
    }
};

TEST_F(CallReading, PhoneWholeOrByItsLastDigits) {  // 21-9
    with_caller("+919876543210");
    with_caller("+919876503210");
    post_result({{"session_id", "orphan"}, {"caller_id", "+911112223210"}});
    std::string const range = "&from=2020-01-01T00:00:00Z";
    EXPECT_EQ(count("phone=%2B919876543210"), 1);
    EXPECT_EQ(count("phone=98765%2043210"), 1);
    EXPECT_EQ(count("phone=3210" + range), 3);
    EXPECT_EQ(count("phone=43210" + range), 1);
    EXPECT_EQ(count("phone=9999" + range), 0);
    auto const without_range = admin("GET", "/api/v1/calls?phone=3210");
    EXPECT_EQ(without_range.status, 422);
    EXPECT_NE(without_range.body.find("/phone"), std::string::npos);
    EXPECT_EQ(admin("GET", "/api/v1/calls?phone=210" + range).status, 422);
    EXPECT_EQ(call("orphan").json.as_object().contains("phone_reversed"), false);
}

// The number of the far side is that of the dialout when the worker's caller_id is no number.
TEST_F(CallReading, PhoneOfACallWhoseCallerIsNoNumber) {
    auto const got = core("POST", "/api/v1/config/" + bot,
                          json_object{{"caller_id", "widget-user"},
                                      {"connected_event", {{"to_number", "+919876543210"}}}});
    EXPECT_EQ(call(got.text("session_id")).text("phone"), "+919876543210");
}

// A call with bytes that no JSON can hold would make every list that it stands in unreadable.
TEST_F(CallReading, AWorkersQueryIsUtf8) {
    auto const refused = core("GET", "/api/v1/config/" + bot + "?caller_id=%C3&stream_id=%FF");
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_EQ(core("GET", "/api/v1/config/" + bot + "?caller_id=%C3%A9").status, 200);
    EXPECT_EQ(count(""), 1);
    auto const unknown = admin("GET", "/api/v1/calls?%C3=1");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_TRUE(is_utf8(unknown.body)) << unknown.body;
}

TEST_F(CallReading, OrphansAnswerTheSameFilters) {
    post_result({{"session_id", "o-1"}, {"disconnected_by", "bot"}});
    EXPECT_EQ(count("is_test=false&has_recording=false&was_transferred=false"), 1);
    EXPECT_EQ(count("push_state=none"), 1);
    EXPECT_EQ(count("is_test=true"), 0);
}

TEST_F(CallReading, ARecordingCanBeMadeReachable) {
    post_result({{"session_id", "r-1"}, {"recording_url", "https://pbx.example/rec/1.wav"}});
    EXPECT_EQ(call("r-1").text("recording_url"), "https://pbx.example/rec/1.wav");
    EXPECT_EQ(call("r-1", "?make_recording_accessible=true").text("recording_url"),
              "/api/v1/recordings/r-1");
    post_result({{"session_id", "r-2"}, {"disconnected_by", "bot"}});
    EXPECT_EQ(
        call("r-2", "?make_recording_accessible=true").json.as_object().contains("recording_url"),
        false);
}

TEST_F(CallReading, AnExportIsAFileWithAHarmlessName) {
    post_result({{"session_id", "a\"b;c"}, {"disconnected_by", "bot"}});
    auto const got = admin("GET", "/api/v1/calls/a%22b%3Bc/export.json");
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.headers.get("Content-Disposition"), "attachment; filename=\"call-a_b;c.json\"");
    EXPECT_EQ(got.text("session_id"), "a\"b;c");
}

TEST_F(CallReading, WarningsOfTheWorkerStandInEventsAndTrace) {  // 10-10
    std::string const session = config(bot).text("session_id");
    json_object const warning{
        {"type", "config_warning"},
        {"at_seconds", 0.1},
        {"data", {{"pointer", "/tools/1/function/name"}, {"reason", "required member"}}}};
    // The second one is further away than any calendar goes.
    json_object const far{{"type", "call_ended"}, {"at_seconds", 1e300}};
    EXPECT_EQ(post_result({{"session_id", session}, {"events", {warning, far}}}).status, 200);
    auto const events = call(session + "/events");
    ASSERT_EQ(events.status, 200);
    json_object found;
    for (auto const& one : events.json.as_array())
        if (wire::text_at(one.as_object(), "type") == "config_warning") found = one.as_object();
    EXPECT_EQ(wire::text_at(found, "source"), "core");
    EXPECT_EQ(wire::text_at(found, "data.pointer"), "/tools/1/function/name");
    auto const trace = call(session + "/trace");
    EXPECT_NE(trace.body.find("\"config_warning\""), std::string::npos);
}

// Refused before there was a call: the session still has a story.
TEST_F(CallReading, ARefusedSessionHasATrace) {
    admin("PUT", "/api/v1/bots/" + bot, json_object{{"is_active", false}});
    core("POST", "/api/v1/config/" + bot,
         json_object{{"connected_event", {{"_campaign_session_id", "s-9"}}}});
    auto const trace = call("s-9/trace");
    ASSERT_EQ(trace.status, 200) << trace.body;
    EXPECT_EQ(trace.json.at(0).at("name").as_string(), "config_refused");
    EXPECT_EQ(trace.json.at(0).at("data").at("reason").as_string(), "bot_inactive");
    EXPECT_EQ(call("s-10/trace").status, 404);
}

TEST_F(CallReading, AResultCannotTakeTheCallToANobody) {
    std::string const session = config(bot).text("session_id");
    post_result({{"session_id", session}, {"bot_id", "nobody"}, {"disconnected_by", "bot"}});
    EXPECT_EQ(call(session).text("bot_id"), bot);
}

TEST_F(CallReading, ACdrWaitsForTheStreamThatAResultBrings) {  // 21-7
    std::string const session = config(bot).text("session_id");
    EXPECT_EQ(core("POST", "/api/v1/cdr", json_object{{"streamId", "st-9"}, {"talktime", 7}})
                  .text("status"),
              "not_found");
    post_result({{"session_id", session}, {"stream_id", "st-9"}, {"disconnected_by", "bot"}});
    EXPECT_EQ(call(session).json.at("cdr_talktime").to_number<int>(), 7);
}

TEST_F(CallReading, CdrAndConfigAtOnceMeetEachOther) {  // 21-7
    std::string const cdr_of = R"({"talktime":7,"streamId":")";
    auto const got = at_once(60, [&](std::size_t i) {
        std::string const stream = "race-" + std::to_string(i / 2);
        client::outgoing_request request{url() + "/api/v1/cdr", {}, {}};
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        if (i % 2 == 0) {
            request.url = url() + "/api/v1/config/" + bot + "?stream_id=" + stream;
        } else {
            request.message.method = "POST";
            request.message.body = cdr_of + stream + "\"}";
        }
        return request;
    });
    for (std::size_t i = 0; i < got.size(); i += 2) {
        ASSERT_EQ(got[i].status, 200) << got[i].body;
        auto const stored = call(got[i].text("session_id"));
        EXPECT_TRUE(stored.json.as_object().contains("cdr_talktime")) << i;
    }
}

// A fetch_id that another call has does not cost a given session its call.
TEST_F(CallReading, AGivenSessionWinsOverATakenFetchId) {  // 10-12
    auto const ask = [&](char const* session) {
        return core("POST", "/api/v1/config/" + bot,
                    json_object{{"fetch_id", "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a11"},
                                {"connected_event", {{"_campaign_session_id", session}}}});
    };
    EXPECT_EQ(ask("s-1").text("session_id"), "s-1");
    auto const second = ask("s-2");
    EXPECT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(second.text("session_id"), "s-2");
}

TEST_F(CallReading, WhatWasServedIsCounted) {
    config(bot);
    config("65f000000000000000000001");
    post_result({{"session_id", "m-1"}, {"disconnected_by", "error"}});
    post_result({{"session_id", "m-1"}, {"disconnected_by", "error"}});
    auto const text = send("GET", "/metrics").body;
    for (char const* line : {R"(cxb_config_total{outcome="served"} 1)",
                             R"(cxb_config_total{outcome="bot_not_found"} 1)",
                             R"(cxb_config_build_seconds_count{phase="render"} 1)",
                             R"(cxb_config_build_seconds_count{phase="store"} 1)",
                             R"(cxb_results_total{duplicate="false",status="failed"} 1)",
                             R"(cxb_results_total{duplicate="true",status="failed"} 1)"})
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

// The config names the recording; a later upload must not find itself another name.
struct RecordingDay : api_test {
    testing::fake_clock clock{std::chrono::sys_days{2026y / 1 / 2} + 23h + 59min + 50s};
};

TEST_F(RecordingDay, AnUploadAfterMidnightLandsWhereTheConfigSaid) {  // 21-24
    surroundings.time = &clock;
    start();
    std::string const id = make_bot();
    json_object const again{{"connected_event", {{"_campaign_session_id", "s-1"}}}};
    auto const got = core("POST", "/api/v1/config/" + id, again);
    std::string const key = got.text("recording.key");
    EXPECT_EQ(key, "2026/01/02/s-1.wav");
    clock.advance(30s);
    auto const repeated = core("POST", "/api/v1/config/" + id, again);
    EXPECT_EQ(repeated.text("recording.key"), key);
    for (auto const* config : {&got, &repeated}) {
        std::string const link = config->text("recording.storage.upload_url");
        auto const done =
            send_text("PUT", link.substr(url().size()), "RIFF", {{"Content-Type", "audio/wav"}});
        ASSERT_EQ(done.status, 201) << done.body;
        EXPECT_EQ(done.text("recording_key"), key);
    }
    std::string bad = got.text("recording.storage.upload_url").substr(url().size());
    bad.replace(bad.find("2026-01-02"), 10, "2026-13-02");
    EXPECT_EQ(send_text("PUT", bad, "RIFF", {{"Content-Type", "audio/wav"}}).status, 403);
    post_result({{"session_id", "s-1"}, {"recording_key", key}});
    EXPECT_EQ(admin("GET", "/api/v1/recordings/s-1").body, "RIFF");
}

TEST_F(RecordingDay, ALinkOutlivesTheSecretThatSignedIt) {  // 21-24
    settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
    start();
    std::string const link = config(make_bot()).text("recording.storage.upload_url");
    std::string const path = link.substr(url().size());
    settings.jwt.previous = settings.jwt.current;
    settings.jwt.current = secret("another-jwt-secret-of-over-32-bytes!");
    restart();
    EXPECT_EQ(send_text("PUT", path, "RIFF", {{"Content-Type", "audio/wav"}}).status, 201);
    settings.jwt.previous = secret{};
    restart();
    EXPECT_EQ(send_text("PUT", path, "RIFF", {{"Content-Type", "audio/wav"}}).status, 403);
}

}  // namespace
}  // namespace cxb::api::test
