#include "server/core/sim/sim_script.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/support/scratch_folder.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;

std::vector<std::string> fault_pointers(std::string_view json) {
    auto const parsed = parse_sim_script(json);
    std::vector<std::string> out;
    if (parsed) return out;
    auto const refused = parsed.error();
    for (auto const& item : refused.faults())
        out.push_back(item.pointer);
    return out;
}

TEST(SimScript, AllBuiltinNamesAreThereAndReadable) {
    std::set<std::string_view> names;
    for (auto const& known : builtin_scripts()) {
        names.insert(known.name);
        EXPECT_TRUE(parse_sim_script(known.json)) << known.name;
    }
    EXPECT_EQ(names, (std::set<std::string_view>{"polite", "silent", "hangup_early", "voicemail",
                                                 "wrong_number", "already_paid", "asks_agent",
                                                 "callback_tomorrow", "interrupts", "backchannel",
                                                 "noisy", "dtmf", "busy", "no_answer"}));
}

TEST(SimScript, EveryStepIsRead) {
    auto const script = parse_sim_script(R"({"answer":{"after_ms":200,"sip_status":486},
        "transfer":{"after_ms":50,"fails":"no_answer"},"voice":"kal16","audio":true,"steps":[
        {"wait":"bot_done"},{"wait":1.5},{"wait":{"bot_says":"premium","within":3}},
        {"say":"hello there","interrupt_after_ms":800},{"say":"x"},{"silence":2},{"dtmf":"12#"},
        {"beep":300},{"noise_dbfs":-45},{"hangup":true},{"expect":"sorry"}]})");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->answer.after, 200ms);
    EXPECT_EQ(script->answer.sip_status, 486);
    EXPECT_EQ(script->transfer.fails, "no_answer");
    EXPECT_EQ(script->voice, "kal16");
    EXPECT_TRUE(script->audio);
    ASSERT_EQ(script->steps.size(), 11U);
    EXPECT_EQ(std::get<wait_time>(script->steps[1]).length, 1500ms);
    EXPECT_EQ(std::get<wait_bot_says>(script->steps[2]).within, 3000ms);
    EXPECT_EQ(std::get<say_words>(script->steps[3]).interrupt_after, 800ms);
    EXPECT_FALSE(std::get<say_words>(script->steps[4]).interrupt_after);
    EXPECT_EQ(std::get<wait_time>(script->steps[5]).length, 2000ms);
    EXPECT_EQ(std::get<make_beep>(script->steps[7]).length, 300ms);
    EXPECT_EQ(std::get<make_noise>(script->steps[8]).dbfs, -45);
    EXPECT_EQ(std::get<expect_words>(script->steps[10]).text, "sorry");
}

TEST(SimScript, DefaultsAreThoseOfTheSpec) {
    auto const script = parse_sim_script("{}");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->answer.after, 1500ms);
    EXPECT_FALSE(script->answer.sip_status);
    EXPECT_EQ(script->voice, "rms");
    EXPECT_FALSE(script->audio);
    EXPECT_TRUE(script->steps.empty());
}

TEST(SimScript, AllFaultsAreNamedTogether) {
    EXPECT_EQ(
        fault_pointers(R"({"answer":{"after_ms":-1,"sip_status":200},"voice":7,"audio":"yes",
        "transfer":{"fails":"martian"},"steps":[5,{"jump":1},{"wait":"forever"},{"wait":{}},
        {"wait":{"bot_says":"("}},{"say":""},{"say":"x","interrupt_after_ms":"soon"},
        {"dtmf":"12x"},{"beep":"long"},{"noise_dbfs":5},{"hangup":false},{"expect":"["},
        {"silence":4000}]})"),
        (std::vector<std::string>{
            "/answer/after_ms", "/answer/sip_status", "/transfer/fails", "/voice", "/audio",
            "/steps/0", "/steps/1", "/steps/2/wait", "/steps/3/wait", "/steps/4/wait/bot_says",
            "/steps/5/say", "/steps/6/interrupt_after_ms", "/steps/7/dtmf", "/steps/8/beep",
            "/steps/9/noise_dbfs", "/steps/10/hangup", "/steps/11/expect", "/steps/12/silence"}));
    EXPECT_EQ(fault_pointers(R"({"steps":{}})"), std::vector<std::string>{"/steps"});
    EXPECT_EQ(fault_pointers(R"({"answer":1,"transfer":1})"),
              (std::vector<std::string>{"/answer", "/transfer"}));
    EXPECT_EQ(fault_pointers("[]"), std::vector<std::string>{""});
}

TEST(SimScript, LimitsAreKept) {
    std::string steps;
    for (int i = 0; i < 501; ++i)
        steps += std::string(i ? "," : "") + R"({"silence":1})";
    EXPECT_EQ(fault_pointers(R"({"steps":[)" + steps + "]}"), std::vector<std::string>{"/steps"});
    EXPECT_EQ(parse_sim_script("{" + std::string(70000, ' ') + "}").error().code(),
              errc::too_large);
    EXPECT_EQ(parse_sim_script("{").error().code(), errc::malformed);
}

TEST(SimScript, WordNamesBuiltinTextOrFile) {
    cxb_test::scratch_folder folder;
    std::ofstream(folder.path() / "mine.json") << R"({"steps":[{"hangup":true}]})";
    EXPECT_EQ(find_sim_script("", folder.path())->steps.size(),
              find_sim_script("polite", {})->steps.size());
    EXPECT_EQ(find_sim_script("mine.json", folder.path())->steps.size(), 1U);
    EXPECT_EQ(find_sim_script(R"( {"steps":[{"silence":1}]})", {})->steps.size(), 1U);
    for (auto const* word : {"martian", "../mine.json", "..", "a/b", "mine json"})
        EXPECT_EQ(find_sim_script(word, folder.path()).error().code(), errc::not_found) << word;
    EXPECT_EQ(find_sim_script("mine.json", {}).error().code(), errc::not_found);
}

}  // namespace
