// Real processes on loopback: supervisor, front, workers, control plane.

#include <csignal>
#include <fstream>
#include <regex>

#include "tests/server/core/core_fixture.hpp"

namespace {

using cxb::test::eventually;
using cxb::wire::text_at;

constexpr char const* session = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";
constexpr char const* endless = "silent";

using CoreProcess = cxb_test::core_test;

bool has_event(cxb::wire::json_object const& result, std::string const& code) {
    auto const* const events = result.if_contains("events");
    if (events == nullptr) return false;
    for (auto const& one : events->as_array())
        if (text_at(one.as_object(), "data.code") == code) return true;
    return false;
}

// 80-8, 80-2: config, conversation, recording, upload, result through the outbox.
TEST_F(CoreProcess, PoliteCallEndsInAResultAndAnUploadedRecording) {
    start(2);
    auto const answer = attach(session, "polite");
    ASSERT_EQ(answer.status, 200) << answer.bytes();
    EXPECT_EQ(text_at(object_of(answer), "room_name"), std::string("room-") + session);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result) << core_->log_text();
    auto const word = text_at(*result, "disconnected_by");
    EXPECT_TRUE(word == "customer" || word == "bot") << word;
    EXPECT_EQ(text_at(*result, "recording_status"), "uploaded");
    EXPECT_EQ(text_at(*result, "analysis_status"), "done");
    EXPECT_GE(result->at("transcript").as_array().size(), 3U);
    EXPECT_FALSE(text_at(*result, "result_id").empty());
    EXPECT_EQ(text_at(*result, "pipeline_config.transport"), "attach");
    auto const wav = plane_.uploaded();
    ASSERT_GT(wav.size(), 44U);
    EXPECT_EQ(wav.substr(0, 4), "RIFF");
    auto const key = std::string(text_at(*result, "recording_key"));
    auto const part = ask("GET", "/recordings/" + key, {},
                          {{"X-CXBCore-Secret", "dev-secret"}, {"Range", "bytes=0-3"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.bytes(), "RIFF");
    EXPECT_TRUE(part.headers.get("ETag").starts_with('"'));
    EXPECT_FALSE(part.headers.get("Last-Modified").empty());
    auto const guarded = [&](std::string_view etag) {
        return ask("GET", "/recordings/" + key, {},
                   {{"X-CXBCore-Secret", "dev-secret"},
                    {"Range", "bytes=0-3"},
                    {"If-Range", std::string(etag)}});
    };
    EXPECT_EQ(guarded(part.headers.get("ETag")).status, 206);
    EXPECT_TRUE(guarded("\"other\"").bytes() == wav);
    EXPECT_EQ(ask("GET", "/recordings/../x").status, 404);
    EXPECT_EQ(ask("GET", "/recordings/" + key, {}, {}).status, 403);
}

// The call id is the dial id, the room its suffix.
TEST_F(CoreProcess, DialoutRunsUnderItsDialId) {
    start(1);
    std::string const dial = "019436f2-7c00-7000-8000-0000000000aa";
    cxb::wire::json_object body{
        {"bot_id", "65f000000000000000000001"},
        {"to_number", "919876543210"},
        {"dial_id", dial},
        {"connected_event", {{"_campaign_session_id", session}, {"sim_script", "busy"}}}};
    auto const answer = ask("POST", "/livekit/dialout", cxb::wire::to_text(body));
    ASSERT_EQ(answer.status, 200) << answer.bytes();
    EXPECT_EQ(text_at(object_of(answer), "call_id"), dial);
    EXPECT_EQ(text_at(object_of(answer), "room_name"), "dialout-" + dial);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "rejected");
    EXPECT_EQ(text_at(*result, "caller_id"), "+919876543210");
}

// 10-26, 80-7
TEST_F(CoreProcess, RefusedConfigGivesOneMinimalResult) {
    start(1);
    plane_.refuse_config(503, R"({"detail":"outside_active_hours: opens at nine"})");
    ASSERT_EQ(attach(session, "polite").status, 200);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "outside_hours");
    EXPECT_EQ(cxb::wire::number_at(*result, "call_duration_seconds", -1), 0);
    EXPECT_EQ(plane_.config_requests(), 1);
    EXPECT_TRUE(eventually([&] { return fleet().find("\"fleet_calls\":0") != std::string::npos; }));
}

// 10-25, 10-27, 80-2
TEST_F(CoreProcess, FullHostAnswersAtCapacityAndShowsItInItsHealth) {
    start(2, false);
    std::regex const free_slot(R"("fleet_available":([1-9]|1[0-6])[,}])");
    EXPECT_TRUE(std::regex_search(fleet(), free_slot));
    ASSERT_EQ(attach("session-a", endless).status, 200);
    ASSERT_EQ(attach("session-b", endless).status, 200);
    auto const refused = attach("session-c", endless);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(text_at(object_of(refused), "error"), "At capacity");
    EXPECT_EQ(text_at(object_of(refused), "detail"), "At capacity");
    EXPECT_TRUE(eventually([&] { return plane_.config_requests() == 2; }));
    EXPECT_TRUE(eventually([&] { return !std::regex_search(fleet(), free_slot); }));
    auto const text = fleet();
    EXPECT_TRUE(text.starts_with(
        R"({"status":"ok","fleet_calls":2,"fleet_max":2,"fleet_available":0,"workers":[{"id":"1")"))
        << text;
    EXPECT_EQ(text.find(' '), std::string::npos);
    auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
    EXPECT_EQ(calls.size(), 2U);
    for (auto const& call : calls) {
        auto const id = std::string(text_at(call.as_object(), "call_id"));
        EXPECT_EQ(ask("POST", "/calls/" + id + "/end", R"({"reason":"test"})").status, 200);
    }
    auto const ended = plane_.result_of("session-a");
    ASSERT_TRUE(ended);
    EXPECT_EQ(text_at(*ended, "disconnected_by"), "error");
}

TEST_F(CoreProcess, OrderOfChecksIsSecretBodyThenSlot) {
    start(1);
    EXPECT_EQ(ask("POST", "/attach", "{", {}).status, 403);
    EXPECT_EQ(ask("POST", "/attach", "{").status, 400);
    EXPECT_EQ(ask("POST", "/attach", R"({"bot_id":"b"})").status, 422);
    auto const get = ask("GET", "/attach");
    EXPECT_EQ(get.status, 405);
    EXPECT_EQ(get.headers.get("Allow"), "POST");
    EXPECT_FALSE(get.headers.get("X-Request-Id").empty());
    EXPECT_EQ(ask("POST", "/health").headers.get("Allow"), "GET, HEAD");
    EXPECT_EQ(ask("GET", "/nothing").status, 404);
    EXPECT_EQ(ask("GET", "/ready", {}, {}).status, 200);
    EXPECT_NE(ask("GET", "/metrics", {}, {}).bytes().find("worker=\"1\""), std::string::npos);
}

// 80-36
TEST_F(CoreProcess, HostWithoutRoomMediaAnswers503) {
    start(1, true, "none");
    auto const refused = attach(session, "polite");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(text_at(object_of(refused), "error"), "LiveKit is not configured");
}

TEST_F(CoreProcess, RepeatedKeyGetsTheFirstAnswer) {
    start(2);
    cxb::wire::json_object const body{{"room_name", "r"}, {"bot_id", "65f000000000000000000001"}};
    cxb::wire::header_list const headers{{"X-CXBCore-Secret", "dev-secret"},
                                         {"Idempotency-Key", "k1"}};
    auto const first = ask("POST", "/attach", cxb::wire::to_text(body), headers);
    ASSERT_EQ(first.status, 200);
    auto const again = ask("POST", "/attach", cxb::wire::to_text(body), headers);
    EXPECT_EQ(again.bytes(), first.bytes());
    auto const other = ask("POST", "/attach", R"({"room_name":"x","bot_id":"b"})", headers);
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(text_at(object_of(other), "code"), "idempotency_key_reused");
}

// 10-34, 80-3
TEST_F(CoreProcess, KilledWorkerComesBackAndReportsItsCall) {
    start(2, false);
    ASSERT_EQ(attach(session, endless).status, 200);
    ASSERT_TRUE(eventually([&] {
        auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
        return !calls.empty() && text_at(calls[0].as_object(), "session_id") == session;
    }));
    int const pid = worker_pid(true);
    ASSERT_GT(pid, 1);
    ::kill(pid, SIGKILL);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "disconnected_by"), "error");
    EXPECT_TRUE(has_event(*result, "worker_crashed"));
    EXPECT_TRUE(
        eventually([&] { return fleet().find("\"fleet_available\":2") != std::string::npos; }));
    EXPECT_NE(ask("GET", "/metrics", {}, {}).bytes().find("cxb_core_worker_restarts_total 1"),
              std::string::npos);
    // A clean end and another start add nothing.
    core_->signal(SIGTERM);
    EXPECT_EQ(core_->wait_exit(), 0);
    start(2);
    ASSERT_EQ(attach("next", "hangup_early").status, 200);
    ASSERT_TRUE(plane_.result_of("next"));
    EXPECT_EQ(plane_.count_of(session), 1U);
}

// 80-5
TEST_F(CoreProcess, StoppedWorkerIsReplaced) {
    start(1);
    auto const before = cxb::wire::int_at(object_of(ask("GET", "/health")), "worker_pid");
    ::kill(static_cast<int>(before), SIGSTOP);
    EXPECT_TRUE(eventually(
        [&] {
            auto const now = ask("GET", "/health");
            return now.status == 200 && cxb::wire::int_at(object_of(now), "worker_pid") != before;
        },
        std::chrono::seconds{20}));
}

// 10-36, 80-38
TEST_F(CoreProcess, TerminationDrainsAndLeavesWithZero) {
    start(2, false);
    ASSERT_EQ(attach(session, "hangup_early").status, 200);
    core_->signal(SIGTERM);
    EXPECT_TRUE(eventually([&] { return attach("late", "polite").status == 429; }));
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_EQ(core_->wait_exit(), 0);
}

// 80-39
TEST(CoreSimulate, SameSeedGivesTheSameBytes) {
    cxb::test::scratch_dir dir;
    std::string const file = (dir / "bot.json").string();
    std::ofstream(file) << R"({"session_id":"s1","webhook_url":"http://127.0.0.1/x",)"
                           R"("system_prompt":"p","opening_message":"Hello there",)"
                           R"("tools":[{"type":"function","function":{"name":"end_call"}}]})";
    std::string const bin = std::string(CXB_BINARY_DIR) + "/bin/cxb-core";
    std::vector<std::string> const line{bin,      "simulate", "--config", file,    "--script",
                                        "polite", "--seed",   "7",        "--fast"};
    auto const first = cxb::test::run_program(line);
    auto const second = cxb::test::run_program(line);
    EXPECT_EQ(first.exit_code, 0) << first.errors;
    EXPECT_EQ(first.output, second.output);
    EXPECT_NE(first.output.find("disconnected_by"), std::string::npos);
    auto const none = cxb::test::run_program({bin, "simulate", "--fast"});
    EXPECT_EQ(none.exit_code, 1);
}

}  // namespace
