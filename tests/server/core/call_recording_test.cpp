#include "server/core/sim/call_recording.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/scratch_folder.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;

struct wav {
    std::string header;
    int channels = 0;
    int rate = 0;
    std::uint32_t data_bytes = 0;
    std::vector<std::int16_t> samples;

    [[nodiscard]] std::size_t frames() const {
        return samples.size() / static_cast<std::size_t>(channels);
    }
    // Is there sound on that side around that moment?
    [[nodiscard]] bool sounds(int side, milliseconds at) const {
        auto const first =
            static_cast<std::size_t>(at.count()) * static_cast<std::size_t>(rate) / 1000;
        for (auto frame = first; frame < first + 16 && frame < frames(); ++frame)
            if (samples[frame * static_cast<std::size_t>(channels) +
                        static_cast<std::size_t>(side)] != 0)
                return true;
        return false;
    }
};

std::uint32_t number(std::string const& bytes, std::size_t at, int size) {
    std::uint32_t out = 0;
    for (int i = size - 1; i >= 0; --i)
        out = out << 8U | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return out;
}

wav read_wav(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    auto const bytes = text.str();
    wav out;
    if (bytes.size() < 44) return out;
    out.header = bytes.substr(0, 4) + bytes.substr(8, 8) + bytes.substr(36, 4);
    out.channels = static_cast<int>(number(bytes, 22, 2));
    out.rate = static_cast<int>(number(bytes, 24, 4));
    out.data_bytes = number(bytes, 40, 4);
    EXPECT_EQ(number(bytes, 4, 4), out.data_bytes + 36);
    for (std::size_t at = 44; at + 1 < bytes.size(); at += 2)
        out.samples.push_back(static_cast<std::int16_t>(number(bytes, at, 2)));
    return out;
}

using kind = line_sound::kind;
std::vector<line_sound> const two_sides{{kind::bot_words, 1000ms, 2000ms},
                                        {kind::caller_words, 1500ms, 3000ms},
                                        {kind::beep, 3500ms, 3600ms},
                                        {kind::noise, 3700ms, 3800ms}};

struct CallRecording : ::testing::Test {
    cxb_test::scratch_folder temp;
    std::filesystem::path const folder = temp.path();
    std::string const key = "2026/01/02/s1.wav";
};

// 80-29: both sides where they belong, on the clock of the call.
TEST_F(CallRecording, HoldsBothSides) {
    for (int const rate : {8000, 16000}) {
        auto recording = call_recording::start(folder, key, {rate, 2});
        ASSERT_TRUE(recording);
        EXPECT_TRUE(std::filesystem::exists(folder / (key + ".part")));
        ASSERT_TRUE(recording->write_until(4000ms, 0ms, two_sides));
        auto const done = recording->finish();
        ASSERT_TRUE(done);
        EXPECT_FALSE(std::filesystem::exists(folder / (key + ".part")));
        auto const file = read_wav(*done);
        EXPECT_EQ(file.header, "RIFFWAVEfmt data");
        EXPECT_EQ(file.channels, 2);
        EXPECT_EQ(file.rate, rate);
        EXPECT_EQ(file.frames(), static_cast<std::size_t>(rate) * 4);
        EXPECT_EQ(file.data_bytes, static_cast<std::uint32_t>(rate) * 16);
        EXPECT_FALSE(file.sounds(0, 500ms) || file.sounds(1, 500ms));
        EXPECT_TRUE(file.sounds(1, 1200ms));
        EXPECT_FALSE(file.sounds(0, 1200ms));
        EXPECT_TRUE(file.sounds(0, 1700ms) && file.sounds(1, 1700ms));
        EXPECT_TRUE(file.sounds(0, 2900ms));
        EXPECT_FALSE(file.sounds(1, 2100ms) || file.sounds(0, 3100ms));
        EXPECT_TRUE(file.sounds(0, 3550ms) && file.sounds(0, 3750ms));
        EXPECT_FALSE(file.sounds(1, 3550ms));
    }
}

TEST_F(CallRecording, OneChannelMixes) {
    auto recording = call_recording::start(folder, key, {8000, 1});
    ASSERT_TRUE(recording->write_until(4000ms, 0ms, two_sides));
    auto const file = read_wav(*recording->finish());
    EXPECT_EQ(file.frames(), 32000U);
    EXPECT_TRUE(file.sounds(0, 1200ms) && file.sounds(0, 2900ms));
    EXPECT_FALSE(file.sounds(0, 3200ms));
}

TEST_F(CallRecording, PieceByPieceGivesTheSameBytes) {
    auto whole = call_recording::start(folder, "a.wav", {});
    ASSERT_TRUE(whole->write_until(7777ms, 0ms, two_sides));
    auto pieces = call_recording::start(folder, "b.wav", {});
    for (auto at = 13ms; at < 7777ms; at += 61ms)
        ASSERT_TRUE(pieces->write_until(at, 0ms, two_sides));
    ASSERT_TRUE(pieces->write_until(7777ms, 0ms, two_sides));
    EXPECT_EQ(read_wav(*whole->finish()).samples, read_wav(*pieces->finish()).samples);
}

// A sound that still lasts is rendered up to now; its end comes later.
TEST_F(CallRecording, SoundWithoutEndLasts) {
    auto recording = call_recording::start(folder, key, {});
    std::vector<line_sound> sounds{{kind::bot_words, 500ms, std::nullopt}};
    ASSERT_TRUE(recording->write_until(1000ms, 0ms, sounds));
    sounds[0].end = 1500ms;
    ASSERT_TRUE(recording->write_until(2000ms, 0ms, sounds));
    auto const file = read_wav(*recording->finish());
    EXPECT_TRUE(file.sounds(1, 900ms) && file.sounds(1, 1400ms));
    EXPECT_FALSE(file.sounds(1, 1600ms));
}

TEST_F(CallRecording, StartsWhereTheAnnouncementEnded) {
    auto recording = call_recording::start(folder, key, {});
    ASSERT_TRUE(recording->write_until(400ms, 1000ms, two_sides));
    ASSERT_TRUE(recording->write_until(4000ms, 1000ms, two_sides));
    auto const file = read_wav(*recording->finish());
    EXPECT_EQ(file.frames(), 48000U);
    EXPECT_TRUE(file.sounds(1, 200ms));
    EXPECT_TRUE(file.sounds(0, 700ms));
}

// 80-29: what kill -9 left is repaired.
TEST_F(CallRecording, CrashedFileIsRepaired) {
    {
        auto recording = call_recording::start(folder, key, {8000, 2});
        ASSERT_TRUE(recording->write_until(7000ms, 0ms, two_sides));
        ASSERT_TRUE(recording->write_until(8000ms, 0ms, two_sides));
    }
    auto const part = folder / (key + ".part");
    EXPECT_EQ(read_wav(part).data_bytes, 7U * 32000);
    std::ofstream(part, std::ios::binary | std::ios::app) << "xyz";
    {
        auto empty = call_recording::start(folder, "empty.wav", {});
    }
    std::ofstream(folder / "junk.wav.part") << "junk";
    std::ofstream(folder / "done.wav") << "done";
    EXPECT_EQ(repair_recordings(folder), std::vector<std::string>{key});
    auto const file = read_wav(folder / key);
    EXPECT_EQ(file.data_bytes, 8U * 32000);
    EXPECT_EQ(file.frames(), 64000U);
    EXPECT_EQ(file.rate, 8000);
    EXPECT_FALSE(std::filesystem::exists(folder / "empty.wav.part"));
    EXPECT_FALSE(std::filesystem::exists(folder / "junk.wav.part"));
    EXPECT_TRUE(repair_recordings(folder).empty());
    EXPECT_TRUE(repair_recordings(folder / "none").empty());
}

TEST_F(CallRecording, KeysThatLeaveTheFolderAreRefused) {
    for (auto const* bad : {"../x.wav", "/x.wav", "", "a/../../x.wav", "a b.wav"})
        EXPECT_EQ(call_recording::start(folder, bad, {}).error().code(), errc::invalid) << bad;
}

TEST_F(CallRecording, DiskFaultsAreTold) {
    std::ofstream(folder / "file") << "x";
    EXPECT_EQ(call_recording::start(folder / "file", key, {}).error().code(), errc::unavailable);
    auto recording = call_recording::start(folder, key, {});
    std::filesystem::remove(folder / (key + ".part"));
    EXPECT_EQ(recording->finish().error().code(), errc::unavailable);
}

TEST_F(CallRecording, SpaceIsAsked) {
    EXPECT_TRUE(has_recording_space(folder, 1));
    EXPECT_FALSE(has_recording_space(folder, std::uintmax_t(-1)));
    EXPECT_FALSE(has_recording_space(folder / "none", 1));
}

}  // namespace
