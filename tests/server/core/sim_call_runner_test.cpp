#include "server/core/sim/sim_call_runner.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/server/core/sim_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;
using cxb_test::events_of;
using cxb_test::texts_of;
namespace asio = boost::asio;

class fixed_clock final : public cxb::clock {
  public:
    [[nodiscard]] time_point now() const noexcept override { return cxb_test::call_start; }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override { return 5s; }
};

struct SimCallRunner : ::testing::Test {
    fixed_clock machine;
    cxb_test::scratch_folder temp;
    asio::io_context io;

    static sim_run fast_run(std::string const& script) {
        sim_run out;
        out.bot = cxb_test::full_bot();
        out.script = find_sim_script(script, {}).value();
        return out;
    }

    sim_outcome run(sim_run settings, cxb::clock const& base, bool fast,
                    std::function<void(sim_call_runner&)> meanwhile = {}) {
        sim_clock time(base, fast);
        sim_call_runner runner(std::move(settings), time);
        std::optional<sim_outcome> out;
        std::exception_ptr failure;
        asio::co_spawn(io, runner.run(), [&](std::exception_ptr const& e, sim_outcome outcome) {
            failure = e;
            out = std::move(outcome);
        });
        if (meanwhile) asio::post(io, [&] { meanwhile(runner); });
        io.restart();
        io.run();
        if (failure) std::rethrow_exception(failure);
        return *std::move(out);
    }
    sim_outcome run_fast(sim_run settings) { return run(std::move(settings), machine, true); }
};

// 80-39: a whole call on a jumping clock takes no time, twice the same.
TEST_F(SimCallRunner, FastCallsRepeatThemselves) {
    auto const began = std::chrono::steady_clock::now();
    for (auto const& script : builtin_scripts()) {
        auto const name = std::string(script.name);
        auto const first = run_fast(fast_run(name));
        EXPECT_EQ(first.record.disconnected_by, script.expected);
        EXPECT_EQ(to_text(first.record), to_text(run_fast(fast_run(name)).record));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

// 80-8: the recording is as long as the call and has two channels.
TEST_F(SimCallRunner, RecordingIsAsLongAsTheCall) {
    auto settings = fast_run("polite");
    settings.recordings = temp.path();
    auto const out = run_fast(std::move(settings));
    ASSERT_TRUE(out.recording);
    EXPECT_TRUE(out.record.recorded);
    EXPECT_EQ(*out.recording, temp.path() / "2026/01/02/s.wav");
    auto const frames =
        static_cast<std::uintmax_t>(std::llround(out.record.duration_seconds * 16000));
    EXPECT_EQ(std::filesystem::file_size(*out.recording), 44 + frames * 4);
}

TEST_F(SimCallRunner, NoRecordingWithoutFolderOrAnswer) {
    auto const none = run_fast(fast_run("polite"));
    EXPECT_FALSE(none.recording || none.record.recorded);
    EXPECT_TRUE(events_of(none.record, "recording_started").empty());
    auto settings = fast_run("busy");
    settings.recordings = temp.path();
    auto const busy = run_fast(std::move(settings));
    EXPECT_FALSE(busy.recording);
    EXPECT_TRUE(repair_recordings(temp.path()).empty());
}

TEST_F(SimCallRunner, UnusableRecordingFolderCostsOnlyTheRecording) {
    auto settings = fast_run("polite");
    settings.recordings = temp.path() / "none" / "there";
    auto const out = run_fast(std::move(settings));
    EXPECT_EQ(out.record.disconnected_by, "bot");
    EXPECT_FALSE(out.recording || out.record.recorded);
    EXPECT_EQ(events_of(out.record, "recording_failed").size(), 1U);
}

sim_run with_tool(sim_run settings) {
    auto get = cxb_test::tool("get");
    get.http = true;
    get.pre_message = "One moment please.";
    settings.bot.tools.push_back(get);
    settings.bot.script = cxb_test::json_object(
        R"({"rules":[{"when":{"match":"speaking"},"tool":{"name":"get","arguments":{"a":1}}},
        {"when":{"match":"bye"},"say":"Bye.","tool":{"name":"end_call"}},
        {"when":{"tool_result":true},"say":"It is {{result}}."}],"default":"Good."})");
    return settings;
}

// The virtual clock stands still while a real request is open.
TEST_F(SimCallRunner, FastClockStandsStillDuringRequests) {
    auto settings = with_tool(fast_run("polite"));
    settings.ports.tool = [](ask_tool ask) -> asio::awaitable<tool_replied> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 20ms);
        co_await timer.async_wait(asio::use_awaitable);
        EXPECT_EQ(wire::to_text(ask.arguments), R"({"a":1})");
        co_return tool_replied{ask.key, 200, 42, ""};
    };
    auto const out = run_fast(std::move(settings));
    EXPECT_EQ(texts_of(out.record, "assistant").at(1), "It is 42.");
    EXPECT_EQ(events_of(out.record, "custom_tool_result").at(0).duration_ms, 0);
}

TEST_F(SimCallRunner, PortThatThrowsOrIsMissingIsAFailedAnswer) {
    auto settings = with_tool(fast_run("polite"));
    settings.ports.tool = [](ask_tool) -> asio::awaitable<tool_replied> {
        throw std::runtime_error("broken");
        co_return tool_replied{};
    };
    auto const thrown = run_fast(std::move(settings));
    EXPECT_EQ(events_of(thrown.record, "custom_tool_result").at(0).status, "error");
    EXPECT_EQ(thrown.record.disconnected_by, "bot");
    auto const missing = run_fast(with_tool(fast_run("polite")));
    EXPECT_EQ(texts_of(missing.record, "assistant").at(1), R"(It is {"error":"network"}.)");
    auto no_model = fast_run("polite");
    no_model.bot.model_outside = true;
    EXPECT_EQ(run_fast(std::move(no_model)).record.disconnected_by, "error");
}

TEST_F(SimCallRunner, MissingDeskIsARefusal) {
    auto settings = fast_run("asks_agent");
    settings.bot.choose_target = [](std::string_view) -> result<transfer_plan> {
        return transfer_plan{"desk", "agent_desk", "default"};
    };
    auto const out = run_fast(std::move(settings));
    EXPECT_EQ(events_of(out.record, "agent_desk_failed").size(), 1U);
    EXPECT_EQ(out.record.disconnected_by, "bot");
}

TEST_F(SimCallRunner, OutsideModelIsAskedThroughItsPort) {
    auto settings = fast_run("polite");
    settings.bot.model_outside = true;
    settings.ports.model = [](ask_model ask) -> asio::awaitable<model_replied> {
        co_return model_replied{ask.key, "Fine.", {}, 10, 2, ""};
    };
    auto const out = run_fast(std::move(settings));
    EXPECT_EQ(out.record.disconnected_by, "customer");
    EXPECT_EQ(texts_of(out.record, "assistant").back(), "Fine.");
}

// A call stopped from outside while it waits for a request ends at once.
TEST_F(SimCallRunner, StopEndsAHangingCall) {
    auto settings = with_tool(fast_run("polite"));
    sim_call_runner* running = nullptr;
    settings.ports.tool = [&](ask_tool ask) -> asio::awaitable<tool_replied> {
        running->stop("operator", "ended by an operator");
        asio::steady_timer timer(co_await asio::this_coro::executor, 20ms);
        co_await timer.async_wait(asio::use_awaitable);
        co_return tool_replied{ask.key, 200, 1, ""};
    };
    sim_clock time(machine, true);
    sim_call_runner runner(std::move(settings), time);
    running = &runner;
    std::optional<sim_outcome> out;
    asio::co_spawn(io, runner.run(), [&](std::exception_ptr const&, sim_outcome outcome) {
        out = std::move(outcome);
    });
    io.run();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->record.disconnected_by, "error");
    EXPECT_EQ(events_of(out->record, "service_error").at(0).name, "worker");
}

TEST_F(SimCallRunner, StopBeforeTheStart) {
    auto const settings = fast_run("polite");
    sim_clock time(machine, true);
    sim_call_runner runner(settings, time);
    runner.stop("drain_deadline", "late");
    std::optional<sim_outcome> out;
    asio::co_spawn(io, runner.run(), [&](std::exception_ptr const&, sim_outcome outcome) {
        out = std::move(outcome);
    });
    io.run();
    EXPECT_EQ(out->record.disconnected_by, "error");
}

// In real time a short call takes as long as it says.
TEST_F(SimCallRunner, RealTimeCallTakesItsTime) {
    sim_run settings;
    settings.bot.opening_message = "Hello.";
    settings.script = parse_sim_script(R"({"steps":[{"wait":0.25},{"hangup":true}]})").value();
    settings.recordings = temp.path();
    settings.bot.recording_key = "r.wav";
    int steps = 0;
    settings.observe = [&](conversation const& talk) {
        ++steps;
        EXPECT_FALSE(talk.waiting_for().empty());
    };
    auto const began = std::chrono::steady_clock::now();
    auto const out = run(std::move(settings), real_clock(), false);
    auto const took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 240ms);
    EXPECT_EQ(out.record.disconnected_by, "customer");
    EXPECT_NEAR(out.record.duration_seconds, std::chrono::duration<double>(took).count(), 0.2);
    EXPECT_GT(steps, 2);
    EXPECT_TRUE(out.recording);
}

TEST_F(SimCallRunner, ManyCallsAtOnceDoNotDisturbEachOther) {
    constexpr int calls = 8;
    std::vector<std::unique_ptr<sim_clock>> clocks;
    std::vector<std::unique_ptr<sim_call_runner>> runners;
    std::vector<std::string> texts;
    for (int i = 0; i < calls; ++i) {
        clocks.push_back(std::make_unique<sim_clock>(machine, true));
        runners.push_back(
            std::make_unique<sim_call_runner>(fast_run("interrupts"), *clocks.back()));
        asio::co_spawn(io, runners.back()->run(),
                       [&](std::exception_ptr const&, sim_outcome outcome) {
                           texts.push_back(to_text(outcome.record));
                       });
    }
    io.run();
    ASSERT_EQ(texts.size(), 8U);
    for (auto const& text : texts)
        EXPECT_EQ(text, texts[0]);
}

TEST(SimClock, FastMovesOnlyForward) {
    fixed_clock machine;
    sim_clock time(machine, true);
    EXPECT_EQ(time.now(), cxb_test::call_start);
    time.jump_to(cxb_test::call_start + 5s);
    time.jump_to(cxb_test::call_start + 2s);
    EXPECT_EQ(time.now(), cxb_test::call_start + 5s);
    EXPECT_EQ(time.steady(), 10s);
    sim_clock slow(machine, false);
    slow.jump_to(cxb_test::call_start + 5s);
    EXPECT_EQ(slow.now(), cxb_test::call_start);
}

}  // namespace
