#pragma once
// Runs simulated calls on a jumping clock, with replies given by functions.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "cxb/wire/json.hpp"
#include "server/core/sim/sim_call.hpp"

namespace cxb_test {

inline constexpr cxb::time_point call_start{cxb::milliseconds{1'767'323'045'000}};

inline cxb::core::conversation_tool tool(std::string name) {
    cxb::core::conversation_tool out;
    out.name = std::move(name);
    return out;
}

// A bot with everything the built-in scripts expect.
inline cxb::core::conversation_config full_bot() {
    using namespace std::chrono_literals;
    cxb::core::conversation_config bot;
    bot.session_id = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";
    bot.transport = "livekit_outbound";
    bot.outbound = true;
    bot.opening_message = "Namaste Ravi ji, am I audible?";
    bot.opening_delay = 300ms;
    bot.re_engagement = {true, 8000ms, 2, {"Hello, are you there?"}, "Goodbye then."};
    bot.voicemail = {true, 20000ms, "Please call us back."};
    bot.pre_transfer_message = "Connecting you now.";
    bot.recording_key = "2026/01/02/s.wav";
    for (auto const* name : {"end_call", "detected_voicemail", "transfer_call"})
        bot.tools.push_back(tool(name));
    bot.choose_target = [](std::string_view wanted) -> cxb::result<cxb::core::transfer_plan> {
        if (!wanted.empty() && wanted != "sales")
            return cxb::error{cxb::errc::invalid, "No transfer target \"" + std::string(wanted) +
                                                      "\" for livekit_outbound"};
        return cxb::core::transfer_plan{"sales", "livekit_sip_refer", "tel:+911140000000"};
    };
    return bot;
}

inline cxb::wire::json_object json_object(std::string_view text) {
    return cxb::wire::parse_json(text).value().as_object();
}

// Answers an action, or gives nothing to leave it open.
using reply = std::function<std::optional<cxb::core::conversation_input>(
    cxb::core::conversation_output const&)>;

struct simulation {
    cxb::core::conversation_config bot = full_bot();
    std::string script = "polite";
    std::uint64_t seed = 1;
    reply answer = [](auto const&) { return std::nullopt; };
    std::vector<cxb::core::conversation_output> asked;
    cxb::time_point now = call_start;
    int steps = 0;

    cxb::core::conversation_record run() {
        cxb::core::sim_call call(bot, cxb::core::find_sim_script(script, {}).value(), seed, now);
        cxb::core::conversation_input input = cxb::core::time_passed{};
        while (!call.over() && ++steps < 100000) {
            std::vector<cxb::core::conversation_input> replies;
            for (auto& action : call.step(now, input)) {
                if (auto given = answer(action)) replies.push_back(*std::move(given));
                asked.push_back(std::move(action));
            }
            input = cxb::core::time_passed{};
            for (auto& given : replies)
                for (auto& more : call.step(now, given)) {
                    if (auto again = answer(more)) pending.push_back(*std::move(again));
                    asked.push_back(std::move(more));
                }
            if (!pending.empty()) {
                input = pending.front();
                pending.erase(pending.begin());
                continue;
            }
            if (auto const next = call.next_timer(); next && *next > now) now = *next;
        }
        return std::move(call).take_record();
    }

  private:
    std::vector<cxb::core::conversation_input> pending;
};

inline std::vector<cxb::core::conversation_event> events_of(
    cxb::core::conversation_record const& record, std::string_view type) {
    std::vector<cxb::core::conversation_event> out;
    for (auto const& event : record.events)
        if (event.type == type) out.push_back(event);
    return out;
}

inline std::vector<std::string> texts_of(cxb::core::conversation_record const& record,
                                         std::string_view role) {
    std::vector<std::string> out;
    for (auto const& line : record.transcript)
        if (line.role == role) out.push_back(line.content);
    return out;
}

inline std::string data_text(cxb::core::conversation_event const& event) {
    return event.data ? cxb::wire::to_text(*event.data) : "";
}

inline simulation with_script(std::string script) {
    simulation out;
    out.script = std::move(script);
    return out;
}

// What must hold for any record, whatever happened.
inline void check(cxb::core::conversation_record const& record) {
    EXPECT_FALSE(record.disconnected_by.empty());
    EXPECT_GE(record.ended_at, record.started_at);
    ASSERT_FALSE(record.events.empty());
    EXPECT_EQ(record.events.front().type, "call_started");
    EXPECT_EQ(record.events.back().type, "call_ended");
    cxb::time_point before = record.started_at;
    std::size_t calls = 0;
    std::size_t results = 0;
    for (auto const& event : record.events) {
        EXPECT_GE(event.at, before) << event.type;
        before = event.at;
        calls += event.type == "tool_call" ? 1U : 0U;
        results += event.type == "custom_tool_result" ? 1U : 0U;
    }
    EXPECT_EQ(calls, results);
    double start = 0;
    for (auto const& line : record.transcript) {
        EXPECT_GE(line.start_seconds, start);
        start = line.start_seconds;
        EXPECT_GE(line.end_seconds, line.start_seconds);
        EXPECT_LE(line.end_seconds, record.duration_seconds + 0.001);
        EXPECT_FALSE(line.content.empty());
    }
    for (auto const& sound : record.sounds) {
        ASSERT_TRUE(sound.end);
        EXPECT_GE(*sound.end, sound.start);
    }
    EXPECT_EQ(record.answered_at.has_value(), record.duration_seconds > 0);
}

}  // namespace cxb_test
