#include "cxb/contract/recording_token/recording_token.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::recording_token;
using namespace std::chrono_literals;

TEST(RecordingToken, Shape) {
    seeded_random random{1};
    auto const token = generate(random);
    EXPECT_EQ(token.size(), 32U);
    EXPECT_TRUE(is_token(token));
    EXPECT_TRUE(is_token("abcDEF-_01234567"));
    EXPECT_TRUE(is_token(std::string(128, 'a')));
    for (auto const& bad :
         std::vector<std::string>{"", "abcDEF-_0123456", std::string(129, 'a'), "abcDEF-_0123456+",
                                  "abcDEF-_0123456/x", "../../../../../../x"})
        EXPECT_FALSE(is_token(bad)) << bad;
}

TEST(RecordingToken, PublicUrl) {
    EXPECT_EQ(public_url("https://api.example.com", "tok"),
              "https://api.example.com/api/v1/public/recordings/tok");
    EXPECT_EQ(public_url("https://api.example.com/x//", "tok"),
              "https://api.example.com/x/api/v1/public/recordings/tok");
}

// 21-24
TEST(RecordingToken, UploadLinks) {
    auto const key = upload_key(secret{"jwt"});
    auto const end = parse_timestamp("2026-01-02T00:00:00Z").value();
    auto const url = upload_url("https://api.example.com/", key, "s-1", end);
    std::string const head = "https://api.example.com/api/v1/recordings/upload/s-1?e=1767312000&t=";
    ASSERT_TRUE(url.starts_with(head)) << url;
    auto const t = url.substr(head.size());
    EXPECT_EQ(t, upload_signature(key, "s-1", 1767312000));
    EXPECT_TRUE(verify_upload(key, "s-1", "1767312000", t, end - 1s));
    EXPECT_TRUE(verify_upload(key, "s-1", "1767312000", t, end));
    auto const late = verify_upload(key, "s-1", "1767312000", t, end + 1s);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::forbidden);
    EXPECT_FALSE(verify_upload(key, "s-2", "1767312000", t, end));
    EXPECT_FALSE(verify_upload(key, "s-1", "1767312001", t, end));
    EXPECT_FALSE(verify_upload(key, "s-1", "1767312000", t + "x", end));
    EXPECT_FALSE(verify_upload(key, "s-1", "", t, end));
    EXPECT_FALSE(verify_upload(key, "s-1", "soon", upload_signature(key, "s-1", 0), end));
    EXPECT_FALSE(verify_upload(upload_key(secret{"other"}), "s-1", "1767312000", t, end));
}

}  // namespace
