#include "cxb/contract/media_ws/audio.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::media_ws;
using namespace std::chrono_literals;

TEST(Audio, RoundTrip) {
    std::string const pcm("\x00\x01\xff\x7f", 4);
    EXPECT_EQ(encode_audio(pcm), "AAH/fw==");
    EXPECT_EQ(decode_audio("AAH/fw==").value(), pcm);
    EXPECT_EQ(decode_audio("").value(), "");
}

TEST(Audio, BadPayloads) {
    for (auto const* bad : {"AAH/fw=", "%", "AAH_fw==", " AAH/fw=="})
        EXPECT_EQ(decode_audio(bad).error().code(), errc::invalid) << bad;
    EXPECT_EQ(decode_audio("AA==").error().detail(), "payload ends within a sample");
}

TEST(Audio, Durations) {
    EXPECT_EQ(duration_of(frame_bytes), frame_time);
    EXPECT_EQ(duration_of(exotel_min_bytes), 200ms);
    EXPECT_EQ(duration_of(0), 0ms);
}

}  // namespace
