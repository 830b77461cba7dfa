// Workers that die, hosts that are full.
#include <csignal>
#include <fstream>

#include "e2e/installation.hpp"
#include "e2e/small_disk.hpp"

namespace cxb::e2e {
namespace {

// Talks for as long as nobody ends it; only without the virtual clock.
constexpr char const* endless =
    R"({"steps":[{"wait":"bot_done"},{"wait":50},{"say":"Still here."},{"wait":50}]})";

class CoreFailure : public installation {
  protected:
    // Calls of a host in the talking state, by session.
    std::map<std::string, wire::json_object> live_calls(core_host const& host) {
        std::map<std::string, wire::json_object> out;
        auto const got = as_core("GET", host.url + "/calls");
        auto const document = wire::parse_json(got.text);
        if (!document) return out;
        auto const* items = document->is_array() ? &*document : got.body.if_contains("calls");
        if (items == nullptr) items = got.body.if_contains("items");
        if (items == nullptr) return out;
        for (auto const& item : items->as_array())
            if (auto const session = wire::text_at(item.as_object(), "session_id");
                !session.empty())
                out.emplace(session, item.as_object());
        return out;
    }

    // The process of one worker, from the command lines below the supervisor.
    static int pid_of_worker(core_host const& host, std::string const& id) {
        std::string const wanted = std::string("--id") + '\0' + id + '\0';
        auto const tasks = "/proc/" + std::to_string(host.process->pid()) + "/task";
        for (auto const& task : std::filesystem::directory_iterator(tasks)) {
            std::ifstream children(task.path() / "children");
            for (int child = 0; children >> child;) {
                auto const line = test::read_file("/proc/" + std::to_string(child) + "/cmdline");
                if (line.find(wanted) != std::string::npos) return child;
            }
        }
        return 0;
    }

    std::int64_t free_slots(core_host const& host) {
        return wire::int_at(http.call("GET", host.url + "/health/fleet").body, "fleet_available",
                            -1);
    }
};

// 80-3, 10-34: one worker is killed in a call: that call ends in error, the other goes on, the
// worker comes back.
TEST_F(CoreFailure, KilledWorkerCostsOneCall) {
    start_api();
    auto const core = start_core("core", 2, {{"CXB_CORE_SIM_FAST", "false"}});
    set_fleet({&core});
    make_key();
    auto const bot = make_bot();
    auto const doomed = dial(bot, endless);
    auto const other = dial(bot, endless);
    ASSERT_TRUE(test::eventually([&] { return live_calls(core).size() == 2; }));
    auto const calls = live_calls(core);
    ASSERT_TRUE(calls.contains(doomed));
    int const worker =
        pid_of_worker(core, std::string(wire::text_at(calls.at(doomed), "worker_id")));
    ASSERT_GT(worker, 0);
    ASSERT_EQ(::kill(worker, SIGKILL), 0);

    ASSERT_TRUE(call_becomes(doomed, "status", {"failed"}));
    EXPECT_EQ(wire::text_at(call_of(doomed), "disconnected_by"), "error");
    EXPECT_EQ(wire::text_at(call_of(other), "status"), "active");
    EXPECT_TRUE(live_calls(core).contains(other));
    EXPECT_TRUE(test::eventually([&] { return free_slots(core) == 1; }));
    std::string const id(wire::text_at(live_calls(core).at(other), "call_id"));
    EXPECT_EQ(as_core("POST", core.url + "/calls/" + id + "/end", {{"reason", "test"}}).status,
              200);
    EXPECT_TRUE(call_becomes(other, "push_state", {"delivered", "skipped", "none"}));
}

// 10-34: the whole host dies; its next start on the same folders reports the call.
TEST_F(CoreFailure, KilledHostReportsItsCallAfterTheRestart) {
    start_api();
    std::string session;
    {
        auto core = start_core("core", 1, {{"CXB_CORE_SIM_FAST", "false"}});
        set_fleet({&core});
        make_key();
        session = dial(make_bot(), endless);
        ASSERT_TRUE(test::eventually([&] { return live_calls(core).contains(session); }));
        int const worker = pid_of_worker(core, "1");
        ASSERT_GT(worker, 0);
        core.process->signal(SIGKILL);
        EXPECT_EQ(core.process->wait_exit(), 128 + SIGKILL);
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
    }
    auto const again = start_core("core", 1);
    ASSERT_TRUE(call_becomes(session, "status", {"failed"}));
    EXPECT_EQ(wire::text_at(call_of(session), "disconnected_by"), "error");
}

// 21-26, 10-25: a full host refuses, the next one is taken, and when all are full the caller is
// told so.
TEST_F(CoreFailure, FullHostIsPassedOver) {
    start_api({{"CXB_FLEET_SNAPSHOT_MAX_AGE_MS", "100"}});
    environment const slow{{"CXB_CORE_SIM_FAST", "false"}};
    auto const first = start_core("first", 1, slow);
    auto const second = start_core("second", 1, slow);
    set_fleet({&first, &second});
    make_key();
    auto const bot = make_bot();
    auto const one = dial(bot, endless);
    auto const two = dial(bot, endless);
    ASSERT_TRUE(test::eventually(
        [&] { return live_calls(first).size() == 1 && live_calls(second).size() == 1; }));
    EXPECT_NE(one, two);
    auto const refused =
        with_key("POST", "/api/v1/sip/dialout", {{"bot_id", bot}, {"to_number", caller_number}});
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(wire::text_at(refused.body, "detail"), "No healthy fleet server available");
    auto const attach =
        as_core("POST", first.url + "/attach", {{"bot_id", bot}, {"room_name", "room-1"}});
    EXPECT_EQ(attach.status, 429) << attach.text;
    EXPECT_EQ(wire::text_at(attach.body, "error"), "At capacity");
    EXPECT_EQ(live_calls(first).size(), 1U);
}

// 10 §11.4: the disk of the outbox is full. The running call is told all the same, new ones are
// refused, and with room again they are taken, by the same process.
TEST_F(CoreFailure, AFullOutboxDiskRefusesCallsUntilThereIsRoom) {
    small_disk const disk(scratch / "full", "size=1m");
    ASSERT_TRUE(disk.there()) << "no small disk can be mounted here: " << disk.why();
    start_api({{"CXB_FLEET_SNAPSHOT_MAX_AGE_MS", "100"}});
    auto const core = start_core("core", 1,
                                 {{"CXB_CORE_SIM_FAST", "false"},
                                  {"CXB_CORE_MAX_CONCURRENT_CALLS", "2"},
                                  {"CXB_CORE_OUTBOX_DIR", (scratch / "full/outbox").string()}});
    set_fleet({&core});
    make_key();
    auto const bot = make_bot();
    int const worker = pid_of_worker(core, "1");
    auto const running = dial(bot, endless);
    ASSERT_TRUE(test::eventually([&] { return live_calls(core).contains(running); }));
    disk.fill();
    auto const order = [&] {
        return with_key("POST", "/api/v1/sip/dialout",
                        {{"bot_id", bot},
                         {"to_number", caller_number},
                         {"variables", {{"sim_script", endless}}}})
            .status;
    };
    EXPECT_EQ(order(), 503);
    std::string const id(wire::text_at(live_calls(core).at(running), "call_id"));
    EXPECT_EQ(as_core("POST", core.url + "/calls/" + id + "/end", {{"reason", "test"}}).status,
              200);
    EXPECT_TRUE(call_becomes(running, "status", {"failed", "completed"}, std::chrono::seconds{60}));
    disk.make_room();
    EXPECT_TRUE(asking_eventually([&] { return order() == 200; }));
    EXPECT_EQ(pid_of_worker(core, "1"), worker);
    EXPECT_TRUE(
        test::eventually([&] { return http.call("GET", core.url + "/ready").status == 200; }));
}

// 10-30: the API is away when the call ends; the result waits on disk and arrives.
TEST_F(CoreFailure, ResultWaitsForTheApi) {
    start_api();
    auto const core = start_core("core", 1, {{"CXB_CORE_SIM_FAST", "false"}});
    set_fleet({&core});
    make_key();
    auto const session = dial(make_bot(), endless);
    ASSERT_TRUE(test::eventually([&] { return live_calls(core).contains(session); }));
    std::string const id(wire::text_at(live_calls(core).at(session), "call_id"));
    kill_api();
    ASSERT_EQ(as_core("POST", core.url + "/calls/" + id + "/end", {{"reason", "test"}}).status,
              200);
    ASSERT_TRUE(
        test::eventually([&] { return live_calls(core).empty(); }, std::chrono::seconds{60}));
    start_api();
    EXPECT_TRUE(call_becomes(session, "status", {"failed", "completed"}, std::chrono::seconds{60}));
}

}  // namespace
}  // namespace cxb::e2e
