// Real processes: signals, the death of a supervisor, owed uploads, the other ways to start a call.

#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/server/core/core_fixture.hpp"

namespace {

using cxb::test::eventually;
using cxb::wire::text_at;

constexpr char const* session = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";
constexpr char const* four_seconds = R"({"steps":[{"wait":4},{"hangup":true}]})";

// A process that is gone, or only waits to be reaped by somebody else.
bool has_ended(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(file, text)) return true;
    auto const at = text.rfind(") ");
    return at == std::string::npos || text[at + 2] == 'Z' || text[at + 2] == 'X';
}

class CoreLifecycle : public cxb_test::core_test {
  protected:
    bool runs_a_call() {
        return eventually([&] {
            auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
            return !calls.empty() && text_at(calls[0].as_object(), "state") != "accepted";
        });
    }
};

// 80-4: the call goes on, the next supervisor counts it, then it has its worker back.
TEST_F(CoreLifecycle, NextSupervisorAdoptsTheWorkersOfAKilledOne) {
    start(2, false);
    ASSERT_EQ(attach(session, four_seconds).status, 200);
    ASSERT_TRUE(runs_a_call());
    int const worker = worker_pid(true);
    core_->signal(SIGKILL);
    EXPECT_EQ(core_->wait_exit(), 128 + SIGKILL);
    EXPECT_FALSE(has_ended(worker));
    start(2, false);
    auto const seen = fleet();
    EXPECT_NE(
        seen.find("\"calls\":1,\"max\":1,\"pid\":" + std::to_string(worker) + ",\"draining\":true"),
        std::string::npos)
        << seen;
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_TRUE(eventually([&] {
        return fleet().find("\"fleet_available\":2") != std::string::npos;
    })) << fleet()
        << core_->log_text();
    EXPECT_TRUE(has_ended(worker));
    EXPECT_EQ(plane_.count_of(session), 1U);
    ASSERT_EQ(attach("next", "hangup_early").status, 200);
    EXPECT_TRUE(plane_.result_of("next"));
}

// No orphan stays: an idle one leaves at once, a busy one after its call.
TEST_F(CoreLifecycle, WorkersWithoutASupervisorLeaveByThemselves) {
    start(2, false);
    ASSERT_EQ(attach(session, four_seconds).status, 200);
    ASSERT_TRUE(runs_a_call());
    std::vector<int> workers;
    auto const seen = object_of(ask("GET", "/health/fleet")).at("workers").as_array();
    for (auto const& one : seen)
        workers.push_back(static_cast<int>(cxb::wire::int_at(one.as_object(), "pid")));
    ASSERT_EQ(workers.size(), 2U);
    core_->signal(SIGKILL);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    for (int const pid : workers)
        EXPECT_TRUE(eventually([&] { return has_ended(pid); }));
}

// Supervisor and worker killed together: the journal gives the one result.
TEST_F(CoreLifecycle, EverythingKilledStillGivesOneErrorResult) {
    start(1, false);
    ASSERT_EQ(attach(session, "silent").status, 200);
    ASSERT_TRUE(runs_a_call());
    int const worker = worker_pid(true);
    core_->signal(SIGKILL);
    ::kill(worker, SIGKILL);
    (void)core_->wait_exit();
    start(1);
    auto const result = plane_.result_of(session);
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "disconnected_by"), "error");
    ASSERT_EQ(attach("next", "hangup_early").status, 200);
    ASSERT_TRUE(plane_.result_of("next"));
    EXPECT_EQ(plane_.count_of(session), 1U);
}

// 10-5: the secret is rotated without a restart, in front and workers.
TEST_F(CoreLifecycle, HangUpSignalReadsTheSecretsAgain) {
    auto const file = dir_ / "secret";
    std::ofstream(file) << "first-secret-first-secret-first-secret";
    start(1, true, "simulated", {{"CXB_CORE_SECRET_FILE", file.string()}});
    auto const with = [&](std::string const& secret) {
        return ask("GET", "/calls", {}, {{"X-CXBCore-Secret", secret}}).status;
    };
    EXPECT_EQ(with("first-secret-first-secret-first-secret"), 200);
    std::ofstream(file) << "second-secret-second-secret-second";
    core_->signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return with("second-secret-second-secret-second") == 200; }));
    // The worker has it too, else the front's requests would find no calls to answer for.
    EXPECT_TRUE(eventually([&] {
        return ask("POST", "/calls/x/end", "{}",
                   {{"X-CXBCore-Secret", "second-secret-second-secret-second"}})
                   .status == 404;
    }));
    EXPECT_EQ(with("first-secret-first-secret-first-secret"), 403);
    EXPECT_TRUE(core_->running());
}

// 10-36: the second signal ends the calls at once, whichever of the two it is.
TEST_F(CoreLifecycle, SecondStopSignalEndsTheCalls) {
    for (int const second : {SIGTERM, SIGINT}) {
        std::string const own = session + std::to_string(second);
        start(1, false);
        ASSERT_EQ(attach(own, "silent").status, 200);
        ASSERT_TRUE(runs_a_call());
        core_->signal(SIGTERM);
        // Signals of one number melt into one while they wait: the first must have been taken.
        ASSERT_TRUE(
            eventually([&] { return fleet().find("\"draining\":true") != std::string::npos; }));
        EXPECT_EQ(attach("late", "polite").status, 429);
        EXPECT_EQ(plane_.count_of(own), 0U);
        core_->signal(second);
        EXPECT_EQ(core_->wait_exit(), 0) << core_->log_text();
        auto const result = plane_.result_of(own);
        ASSERT_TRUE(result);
        EXPECT_EQ(text_at(*result, "disconnected_by"), "error");
        EXPECT_NE(cxb::wire::to_text(*result).find("\"stopped\""), std::string::npos);
        EXPECT_EQ(plane_.count_of(own), 1U);
    }
}

// 80-29: refused, the process restarted, then accepted: the second result has the higher number.
TEST_F(CoreLifecycle, OwedUploadSurvivesARestart) {
    plane_.refuse_uploads(-1);
    start(1);
    ASSERT_EQ(attach(session, "polite").status, 200);
    auto const first = plane_.result_of(session);
    ASSERT_TRUE(first) << core_->log_text();
    EXPECT_EQ(text_at(*first, "recording_status"), "pending");
    core_->signal(SIGTERM);
    EXPECT_EQ(core_->wait_exit(), 0);
    plane_.refuse_uploads(0);
    start(1);
    ASSERT_TRUE(eventually([&] { return plane_.count_of(session) == 2; })) << core_->log_text();
    auto const second = plane_.results().back();
    EXPECT_EQ(text_at(second, "recording_status"), "uploaded");
    EXPECT_EQ(cxb::wire::int_at(second, "result_seq"), 2);
    EXPECT_EQ(text_at(second, "result_id"), text_at(*first, "result_id"));
    EXPECT_EQ(text_at(second, "recording_key"), text_at(*first, "recording_key"));
    EXPECT_EQ(plane_.uploaded().substr(0, 4), "RIFF");
    EXPECT_TRUE(eventually(
        [&] { return std::filesystem::is_empty(dir_.path() / "recordings" / ".pending" / "1"); }));
    EXPECT_EQ(ask("GET", "/recordings/.uploaded/1/x.wav").status, 404);
}

// 80-29: kill -9 in the call: the file is repaired, uploaded, and its key is in the crash result.
TEST_F(CoreLifecycle, RecordingOfAKilledCallIsUploaded) {
    start(1, false);
    ASSERT_EQ(attach(session, "silent").status, 200);
    auto const part = dir_.path() / "recordings" / ".live" / "1" / "2026" / "01" / "02" /
                      (std::string(session) + ".wav.part");
    ASSERT_TRUE(eventually([&] {
        std::error_code ec;
        return std::filesystem::file_size(part, ec) > 4096 && !ec;
    }));
    ::kill(worker_pid(true), SIGKILL);
    ASSERT_TRUE(eventually([&] { return plane_.count_of(session) == 2; })) << core_->log_text();
    auto const results = plane_.results();
    EXPECT_EQ(text_at(results[0], "disconnected_by"), "error");
    EXPECT_EQ(text_at(results[0], "recording_status"), "pending");
    EXPECT_EQ(text_at(results[0], "recording_key"), "2026/01/02/" + std::string(session) + ".wav");
    EXPECT_EQ(text_at(results[1], "recording_status"), "uploaded");
    EXPECT_EQ(text_at(results[1], "result_id"), text_at(results[0], "result_id"));
    EXPECT_EQ(plane_.uploaded().substr(0, 4), "RIFF");
}

// 80-6: one worker, no second try.
TEST_F(CoreLifecycle, DispatchFindsItsBotAndIsNeverTriedTwice) {
    start(2, false);
    std::string const known =
        R"({"room_name":"in-1","caller_number":"+919876543210","dialed_number":"+911140000001"})";
    std::string const unknown =
        R"({"room_name":"in-2","caller_number":"+919876543210","dialed_number":"+91999"})";
    EXPECT_EQ(ask("POST", "/livekit/dispatch", R"({"room_name":"x"})").status, 422);
    EXPECT_EQ(ask("POST", "/livekit/dispatch", known, {}).status, 403);
    auto const nobody = ask("POST", "/livekit/dispatch", unknown);
    EXPECT_EQ(nobody.status, 404);
    auto const first = ask("POST", "/livekit/dispatch", known);
    ASSERT_EQ(first.status, 200) << first.bytes();
    EXPECT_FALSE(object_of(first).contains("room_name"));
    ASSERT_EQ(ask("POST", "/livekit/dispatch", known).status, 200);
    auto const full = ask("POST", "/livekit/dispatch", known);
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(text_at(object_of(full), "error"), "At capacity");
    auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(text_at(calls[0].as_object(), "transport"), "livekit_inbound");
    EXPECT_NE(text_at(calls[0].as_object(), "worker_id"),
              text_at(calls[1].as_object(), "worker_id"));
    ask("POST", "/drain");
    auto const draining = ask("POST", "/livekit/dispatch", known);
    EXPECT_EQ(draining.status, 503);
    EXPECT_EQ(text_at(object_of(draining), "error"), "Draining");
    for (auto const& call : calls)
        (void)ask("POST", "/calls/" + std::string(text_at(call.as_object(), "call_id")) + "/end");
    core_->signal(SIGTERM);
    EXPECT_EQ(core_->wait_exit(), 0);
    EXPECT_EQ(plane_.results().size(), 2U);
    for (auto const& one : plane_.results())
        EXPECT_EQ(text_at(one, "call_direction"), "inbound");
}

TEST_F(CoreLifecycle, WidgetCallRunsAndHasNoTransfer) {
    start(1);
    plane_.set_config({{"session_id", "widget-1"}});
    auto const answer = ask("POST", "/livekit/widget",
                            R"({"bot_id":"65f000000000000000000001","room_name":"w-1","x":1})");
    ASSERT_EQ(answer.status, 200) << answer.bytes();
    EXPECT_EQ(answer.headers.get("X-CXB-Ignored-Fields"), "x");
    auto const result = plane_.result_of("widget-1");
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "pipeline_config.transport"), "widget");
    EXPECT_EQ(text_at(*result, "caller_id"), "widget-user");
    EXPECT_EQ(text_at(*result, "call_direction"), "inbound");
}

// 80-2: 5 at once on 4 workers, then round after round without losing a slot.
TEST_F(CoreLifecycle, RoundsOfCallsLeakNoSlot) {
    start(4, false);
    std::vector<int> statuses;
    for (int i = 0; i < 5; ++i)
        statuses.push_back(attach("held-" + std::to_string(i), "silent").status);
    EXPECT_EQ(statuses, (std::vector<int>{200, 200, 200, 200, 429}));
    auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
    for (auto const& call : calls)
        (void)ask("POST", "/calls/" + std::string(text_at(call.as_object(), "call_id")) + "/end",
                  "{}");
    ASSERT_TRUE(
        eventually([&] { return fleet().find("\"fleet_available\":4") != std::string::npos; }));
    for (int round = 0; round < 50; ++round) {
        auto const name = "round-" + std::to_string(round);
        ASSERT_TRUE(eventually([&] {
            return attach(name, R"({"steps":[{"hangup":true}]})").status == 200;
        })) << round;
    }
    EXPECT_TRUE(
        eventually([&] { return fleet().find("\"fleet_available\":4") != std::string::npos; }));
    EXPECT_TRUE(eventually([&] { return plane_.count_of("round-49") == 1; }));
    for (int round = 0; round < 50; ++round)
        EXPECT_EQ(plane_.count_of("round-" + std::to_string(round)), 1U) << round;
}

}  // namespace
