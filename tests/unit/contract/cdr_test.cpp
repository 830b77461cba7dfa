#include "cxb/contract/cdr/cdr.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::cdr;

std::string key_of(std::string_view text) {
    auto const out = parse_cdr(text);
    return out ? stream_key(*out) : out.error().to_log_text();
}

TEST(Cdr, StreamKey) {
    EXPECT_EQ(key_of(R"({"streamId":"st-881"})"), "st-881");
    EXPECT_EQ(key_of(R"({"streamId":881})"), "881");
    EXPECT_EQ(key_of(R"({"stream_id":"b"})"), "b");
    EXPECT_EQ(key_of(R"({"streamId":"a","stream_id":"b"})"), "a");
    EXPECT_EQ(key_of(R"({"streamId":"","stream_id":"b"})"), "b");
    EXPECT_EQ(key_of(R"({"streamId":null,"stream_id":-5})"), "-5");
    EXPECT_EQ(key_of(R"({"streamId":12345678901234567890})"), "12345678901234567890");
    for (auto const* none : {"{}", R"({"streamId":""})", R"({"streamId":1.5})",
                             R"({"streamId":true})", R"({"streamId":["a"]})", R"({"streamId":{}})"})
        EXPECT_EQ(key_of(none), "") << none;
}

// 10-23: what is filled in once the call is there.
TEST(Cdr, StoredMembers) {
    auto const out = parse_cdr(
        R"({"streamId":"st-881","talktime":92,"call_status":"ANSWERED",)"
        R"("recording_filename":"https://d.example/881.wav","hangup_cause":"16","legs":[1]})");
    ASSERT_TRUE(out);
    EXPECT_EQ(
        wire::to_canonical(stored_members(*out)),
        R"({"cdr":{"call_status":"ANSWERED","hangup_cause":"16","legs":[1],)"
        R"("recording_filename":"https://d.example/881.wav","streamId":"st-881","talktime":92},)"
        R"("cdr_call_status":"ANSWERED","cdr_recording_url":"https://d.example/881.wav",)"
        R"("cdr_talktime":92})");
}

TEST(Cdr, OnlyWhatIsPresent) {
    auto const out = parse_cdr(R"({"streamId":"x","talktime":null})");
    ASSERT_TRUE(out);
    EXPECT_EQ(wire::to_canonical(stored_members(*out)),
              R"({"cdr":{"streamId":"x","talktime":null}})");
}

TEST(Cdr, AnythingButAnObjectIsInvalid) {
    for (auto const* text : {"[1]", "\"x\"", "5", "null", "true"}) {
        auto const out = parse_cdr(text);
        ASSERT_FALSE(out) << text;
        EXPECT_EQ(out.error().code(), errc::invalid) << text;
    }
    EXPECT_EQ(parse_cdr("{").error().code(), errc::malformed);
    EXPECT_EQ(parse_cdr("{}", {.max_bytes = 1}).error().code(), errc::too_large);
}

TEST(Cdr, BigBodiesAreKeptWhole) {
    auto const text = R"({"streamId":"x","blob":")" + std::string(200 * limits::kib, 'x') + "\"}";
    auto const out = parse_cdr(text, {.max_bytes = limits::cdr_body});
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), text);
}

// The three bodies, byte for byte (spec 10 §5).
TEST(Cdr, Acks) {
    EXPECT_EQ(serialize(make_cdr_ack(cdr_status::ignored)),
              R"({"status":"ignored","reason":"no streamId"})");
    EXPECT_EQ(serialize(make_cdr_ack(cdr_status::not_found, "st-881")),
              R"({"status":"not_found","stream_id":"st-881"})");
    EXPECT_EQ(serialize(make_cdr_ack(cdr_status::ok, "st-881")),
              R"({"status":"ok","stream_id":"st-881"})");
}

}  // namespace
