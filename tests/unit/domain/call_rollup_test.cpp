#include "cxb/domain/call_rollup.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace cxb;
using namespace std::chrono_literals;
using domain::call_rollup;
using domain::rollup_counts;
using wire::json_object;

std::optional<call_rollup> rollup_of(json_object const& call) {
    return domain::rollup_of([&](std::string_view name) { return call.if_contains(name); });
}

json_object finished(json_object more = {}) {
    json_object out{{"created_at", "2026-01-02T03:14:59.999Z"},
                    {"call_type", "bot"},
                    {"status", "completed"},
                    {"bot_id", "b1"},
                    {"call_direction", "outbound"},
                    {"disconnected_by", "customer"},
                    {"call_duration_seconds", 92.5}};
    for (auto const& member : more)
        out[member.key()] = member.value();
    return out;
}

wire::json_array samples(json_object one) {
    return wire::json_array{std::move(one)};
}

std::int64_t count_of(call_rollup const& rollup, std::string const& path) {
    auto const found = rollup.counts.find(path);
    return found == rollup.counts.end() ? 0 : found->second;
}

TEST(CallRollup, WhatAFinishedCallContributes) {
    auto const made = rollup_of(
        finished({{"campaign_id", "c9"}, {"disposition", "P.T.P"}, {"was_transferred", true}}));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->key, (domain::rollup_key{"2026-01-02T03:00:00.000Z", "b1", "c9"}));
    EXPECT_EQ(made->counts, (rollup_counts{{"calls.finished", 1},
                                           {"calls.completed", 1},
                                           {"calls.outbound", 1},
                                           {"calls.connected", 1},
                                           {"calls.talk_ms", 92500},
                                           {"calls.transferred", 1},
                                           {"disposition.P%2ET%2EP", 1},
                                           {"disconnected_by.customer", 1}}));
}

TEST(CallRollup, OnlyCompletedCallsWithADurationAreConnected) {
    EXPECT_EQ(count_of(*rollup_of(finished({{"call_duration_seconds", 0}})), "calls.connected"), 0);
    EXPECT_EQ(
        count_of(*rollup_of(finished({{"call_duration_seconds", nullptr}})), "calls.connected"), 0);
    for (char const* status : {"failed", "voicemail"}) {
        auto const made = *rollup_of(finished({{"status", status}}));
        EXPECT_EQ(count_of(made, "calls.connected"), 0) << status;
        EXPECT_EQ(count_of(made, "calls.talk_ms"), 0) << status;
        EXPECT_EQ(count_of(made, std::string("calls.") + status), 1);
    }
}

TEST(CallRollup, TestCallsAgentCallsAndActiveOnesAreNotCounted) {
    EXPECT_FALSE(rollup_of(finished({{"is_test", true}})));
    EXPECT_FALSE(rollup_of(finished({{"call_type", "agent"}})));
    EXPECT_FALSE(rollup_of(finished({{"status", "active"}})));
    EXPECT_FALSE(rollup_of(finished({{"status", nullptr}})));
    EXPECT_FALSE(rollup_of(finished({{"created_at", "yesterday"}})));
    EXPECT_FALSE(rollup_of({}));
}

TEST(CallRollup, LatencyPerStage) {
    auto const made = *rollup_of(finished({{"latency_samples",
                                            {{{"turn", 1}, {"llm_ms", 400}, {"total_ms", 20000.2}},
                                             {{"turn", 2}, {"llm_ms", 401.5}},
                                             {{"turn", 3}, {"llm_ms", nullptr}},
                                             "nonsense"}}}));
    domain::latency_histogram llm;
    llm.add(real_milliseconds{400});
    llm.add(real_milliseconds{401.5});
    auto const bucket = "latency.llm.b." + std::to_string(domain::latency_bucket(400ms));
    EXPECT_EQ(count_of(made, bucket), 2);
    EXPECT_EQ(count_of(made, "latency.llm.us"), 801500);
    EXPECT_EQ(count_of(made, "latency.total.over.20001"), 1);
    EXPECT_EQ(count_of(made, "latency.stt.us"), 0);
    auto const stored = domain::to_json(made);
    auto const* stage = wire::find_path(stored, "counts.latency.llm");
    ASSERT_NE(stage, nullptr);
    EXPECT_EQ(domain::read_latency(stage->as_object()), llm);
}

TEST(CallRollup, UsagePerModel) {
    auto const made = *rollup_of(finished({{"usage_metrics",
                                            {{{"kind", "llm"},
                                              {"provider", "openai"},
                                              {"model", "gpt-4.1"},
                                              {"prompt_tokens", 900},
                                              {"completion_tokens", 30},
                                              {"cache_read_input_tokens", 600}},
                                             {{"kind", "llm"},
                                              {"provider", "openai"},
                                              {"model", "gpt-4.1"},
                                              {"requests", 3},
                                              {"fresh_prompt_tokens", 7}},
                                             {{"kind", "stt"}, {"audio_seconds", 12.25}},
                                             {{"kind", "tts"}, {"characters", -5}}}}}));
    std::string const model = "usage.llm.openai.gpt-4%2E1.";
    EXPECT_EQ(count_of(made, model + "requests"), 4);
    EXPECT_EQ(count_of(made, model + "prompt_tokens"), 900);
    EXPECT_EQ(count_of(made, model + "fresh_prompt_tokens"), 307) << "900 - 600, and 7 as given";
    EXPECT_EQ(count_of(made, model + "cache_read_input_tokens"), 600);
    EXPECT_EQ(count_of(made, "usage.stt.%.%.audio_ms"), 12250);
    EXPECT_EQ(count_of(made, "usage.tts.%.%.characters"), 0);
}

TEST(CallRollup, StoredAndReadBack) {
    auto const made = *rollup_of(finished(
        {{"disposition", "$x.y%"}, {"latency_samples", samples({{"turn", 1}, {"tts_ms", 210}})}}));
    EXPECT_EQ(domain::read_call_rollup(domain::to_json(made)), made);
    EXPECT_FALSE(domain::read_call_rollup({}));
    EXPECT_FALSE(domain::read_call_rollup({{"slot", "x"}, {"counts", 7}}));
    EXPECT_FALSE(domain::read_rollup_key({{"bot_id", "b1"}}));
}

TEST(CallRollup, StepsKeepEveryText) {
    for (std::string const text : {"", "%", "a.b", "$set", "100%", "हाँ", "a\nb", "%2E", "%%"}) {
        auto const step = domain::rollup_step(text);
        EXPECT_EQ(step.find_first_of(".$\n"), std::string::npos) << text;
        EXPECT_FALSE(step.empty());
        EXPECT_EQ(domain::text_of_rollup_step(step), text);
    }
    EXPECT_EQ(domain::text_of_rollup_step("a%2"), "a2") << "a broken one is not the end";
    EXPECT_EQ(domain::text_of_rollup_step("a%zz"), "azz");
}

TEST(CallRollup, SlotsOfAQuarter) {
    auto const slot = [](std::string_view text) {
        return format_timestamp(domain::rollup_slot_of(parse_timestamp(text).value()));
    };
    EXPECT_EQ(slot("2026-01-02T03:15:00Z"), "2026-01-02T03:15:00.000Z");
    EXPECT_EQ(slot("2026-01-02T03:29:59.999Z"), "2026-01-02T03:15:00.000Z");
    EXPECT_EQ(slot("1969-12-31T23:59:59.999Z"), "1969-12-31T23:45:00.000Z");
    EXPECT_EQ(slot("1969-12-31T23:45:00Z"), "1969-12-31T23:45:00.000Z");
}

// The sum of the changes is what a plain sum over the last contributions gives.
TEST(CallRollup, ReplacedContributionsAreTakenOutAgain) {
    std::mt19937 random(5);
    std::map<int, call_rollup> last;
    std::map<domain::rollup_key, rollup_counts> sums;
    for (int i = 0; i < 500; ++i) {
        int const call = int(random() % 40);
        auto const now = *rollup_of(finished(
            {{"bot_id", random() % 2 == 0 ? "b1" : "b2"},
             {"status", random() % 3 == 0 ? "failed" : "completed"},
             {"call_duration_seconds", double(random() % 100)},
             {"disposition", "D" + std::to_string(random() % 3)},
             {"latency_samples", samples({{"turn", 1}, {"llm_ms", double(random() % 30000)}})}}));
        domain::rollup_changes changes;
        if (last.contains(call)) changes.subtract(last.at(call));
        changes.add(now);
        last[call] = now;
        for (auto const& [key, counts] : changes.all())
            for (auto const& [path, by] : counts) {
                EXPECT_NE(by, 0);
                sums[key][path] += by;
            }
    }
    std::map<domain::rollup_key, rollup_counts> wanted;
    for (auto const& [call, rollup] : last)
        for (auto const& [path, number] : rollup.counts)
            wanted[rollup.key][path] += number;
    for (auto& [key, counts] : sums)
        std::erase_if(counts, [](auto const& entry) { return entry.second == 0; });
    EXPECT_EQ(sums, wanted);
}

TEST(CallRollup, TheSameAgainChangesNothing) {
    auto const made = *rollup_of(finished());
    domain::rollup_changes changes;
    changes.subtract(made);
    changes.add(made);
    EXPECT_TRUE(changes.all().empty());
    changes.count(made.key, "pushes.queued", 0);
    EXPECT_TRUE(changes.all().empty());
}

}  // namespace
