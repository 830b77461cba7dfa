#include "server/core/media/energy_vad.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>

namespace {

using cxb::core::energy_vad;
using cxb::core::vad_settings;
using verdict = energy_vad::verdict;
using namespace std::chrono_literals;

// 20 ms at 8 kHz of that loudness.
std::string frame_of(double dbfs) {
    auto const level = static_cast<int>(std::lround(32768 * std::pow(10.0, dbfs / 20)));
    std::string out;
    for (int i = 0; i < 160; ++i) {
        auto const value = static_cast<std::uint16_t>(i / 10 % 2 == 0 ? level : -level);
        out += static_cast<char>(value & 0xFF);
        out += static_cast<char>(value >> 8);
    }
    return out;
}

// 80-10: the rows of spec 80 §3.1, at the floor of the start.
TEST(EnergyVad, TellsVoiceByTheRows) {
    energy_vad const fresh({});
    EXPECT_NEAR(energy_vad::loudness(frame_of(-25)), -25, 0.1);
    EXPECT_EQ(energy_vad::loudness(std::string(320, '\0')), -90);
    EXPECT_EQ(energy_vad::loudness(""), -90);
    EXPECT_TRUE(fresh.is_voice(-25));
    EXPECT_FALSE(fresh.is_voice(-45));
    EXPECT_FALSE(fresh.is_voice(-33)) << "too soft at 0.6";
    EXPECT_TRUE(fresh.is_voice(-32));
}

TEST(EnergyVad, StartsAfterItsTimeAndStopsAfterSilence) {
    energy_vad ear({.start = 200ms, .stop = 400ms});
    int frames = 0;
    while (ear.hear(frame_of(-20)) == verdict::none)
        ++frames;
    EXPECT_EQ(frames, 9) << "200 ms of voice";
    EXPECT_TRUE(ear.speaking());
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(ear.hear(frame_of(-20)), verdict::none);
    for (int i = 0; i < 19; ++i)
        EXPECT_EQ(ear.hear(frame_of(-80)), verdict::none);
    EXPECT_EQ(ear.silence(), 380ms);
    EXPECT_EQ(ear.hear(frame_of(-80)), verdict::stopped);
    EXPECT_EQ(ear.spoken(), 1000ms);
    EXPECT_FALSE(ear.speaking());
}

TEST(EnergyVad, AllowsOneGapAtTheStartAndPausesLater) {
    energy_vad ear({.start = 100ms, .stop = 400ms});
    EXPECT_EQ(ear.hear(frame_of(-20)), verdict::none);
    EXPECT_EQ(ear.hear(frame_of(-20)), verdict::none);
    EXPECT_EQ(ear.hear(frame_of(-80)), verdict::none);
    EXPECT_EQ(ear.hear(frame_of(-20)), verdict::none);
    EXPECT_EQ(ear.hear(frame_of(-20)), verdict::started);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(ear.hear(frame_of(-80)), verdict::none);
    EXPECT_EQ(ear.hear(frame_of(-20)), verdict::none) << "a pause within speech";
    EXPECT_EQ(ear.silence(), 0ms);
    EXPECT_EQ(ear.spoken(), 100ms + 220ms);
    energy_vad broken({.start = 100ms, .stop = 400ms});
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(broken.hear(frame_of(-20)), verdict::none);
    EXPECT_EQ(broken.hear(frame_of(-80)), verdict::none);
    EXPECT_EQ(broken.hear(frame_of(-80)), verdict::none);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(broken.hear(frame_of(-20)), verdict::none) << "two gaps: from the beginning";
    EXPECT_EQ(broken.hear(frame_of(-20)), verdict::started);
}

// 80-10
TEST(EnergyVad, NoiseAndClicksAreNoSpeech) {
    energy_vad noise({});
    for (int i = 0; i < 3000; ++i)
        EXPECT_EQ(noise.hear(frame_of(-50)), verdict::none);
    energy_vad click({});
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(click.hear(frame_of(i == 50 || i == 51 ? -10 : -80)), verdict::none);
}

// The floor follows slow changes: a loud line needs a louder voice.
TEST(EnergyVad, LearnsTheNoiseOfTheLine) {
    energy_vad ear({.confidence = 0.7, .min_volume = 0.3});
    EXPECT_TRUE(ear.is_voice(-40));
    for (int i = 0; i < 1500; ++i)
        (void)ear.hear(frame_of(-48));
    EXPECT_FALSE(ear.is_voice(-40));
    for (int i = 0; i < 50; ++i)
        (void)ear.hear(frame_of(-80));
    EXPECT_TRUE(ear.is_voice(-40)) << "it forgets noise faster than it learns it";
}

}  // namespace
