#include "cxb/domain/recording_key.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

TEST(RecordingKey, Pattern) {
    for (auto const& good : std::vector<std::string>{"a", "2026/01/02/s-1.wav", "a!_.*'()-/b",
                                                     "..a/b..", std::string(512, 'k')})
        EXPECT_TRUE(is_recording_key(good)) << good;
    // 21-23
    for (auto const& bad :
         std::vector<std::string>{"", "/a", "../x", "a/../b", "a/..", "a b", "a%2e", "a\\b", "नाम",
                                  "a?b", std::string(513, 'k'), std::string("a\0b", 3)})
        EXPECT_FALSE(is_recording_key(bad)) << bad;
}

TEST(RecordingKey, OfACall) {
    EXPECT_EQ(recording_key_of("k/1.wav", "https://x/y.wav"), "k/1.wav");
    EXPECT_EQ(recording_key_of("", "https://h/rec/881.wav?sig=a/b"), "881.wav");
    EXPECT_EQ(recording_key_of("", "https://h/rec/a%2Db.wav#t=1"), "a-b.wav");
    EXPECT_EQ(recording_key_of("", "881.wav"), "881.wav");
    EXPECT_EQ(recording_key_of("", "https://h/rec/"), std::nullopt);
    EXPECT_EQ(recording_key_of("", "https://h/rec/%2e%2e"), std::nullopt);
    EXPECT_EQ(recording_key_of("", "https://h/rec/bad%zz.wav"), std::nullopt);
    EXPECT_EQ(recording_key_of("", ""), std::nullopt);
    EXPECT_EQ(recording_key_of("../x", "https://h/good.wav"), std::nullopt)
        << "a bad key is not replaced by the url";
}

TEST(RecordingKey, Made) {
    EXPECT_EQ(make_recording_key("s1", parse_timestamp("2026-01-02T23:30:00-05:00").value()),
              "2026/01/03/s1.wav");
}

TEST(RecordingKey, ContentTypes) {
    EXPECT_EQ(audio_content_type("a/b.wav"), "audio/wav");
    EXPECT_EQ(audio_content_type("b.MP3"), "audio/mpeg");
    EXPECT_EQ(audio_content_type("b.ogg"), "audio/ogg");
    EXPECT_EQ(audio_content_type("b.m4a"), "audio/mp4");
    EXPECT_EQ(audio_content_type("b.flac"), "application/octet-stream");
    EXPECT_EQ(audio_content_type("a.wav/b"), "application/octet-stream");
}

TEST(RecordingKey, Disposition) {
    EXPECT_EQ(content_disposition("s1", "a/b.wav", false), "inline; filename=\"s1.wav\"");
    EXPECT_EQ(content_disposition("s1", "a/b.mp3", true), "attachment; filename=\"s1.mp3\"");
    EXPECT_EQ(content_disposition("s1", "b", false), "inline; filename=\"s1\"");
    EXPECT_EQ(content_disposition("a\"; x=\"\\/é", "b.wav", false),
              "inline; filename=\"a_; x=_____.wav\"");
    EXPECT_EQ(content_disposition("a\r\nSet-Cookie: b\t\x7f", ".json", true),
              "attachment; filename=\"a__Set-Cookie: b__.json\"");
}

}  // namespace
