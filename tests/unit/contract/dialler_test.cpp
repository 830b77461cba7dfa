#include "cxb/contract/media_ws/dialler.hpp"

#include <gtest/gtest.h>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::media_ws;
using namespace cxb::contract::media_ws::dialler;
using namespace std::chrono_literals;

inbound_message inbound(std::string_view text) {
    auto out = parse_inbound_message(text);
    EXPECT_TRUE(out) << out.error().to_log_text();
    return out ? *std::move(out) : inbound_message{unknown_message{}};
}

template <class T>
T inbound_as(std::string_view text) {
    auto const message = inbound(text);
    EXPECT_TRUE(std::holds_alternative<T>(message)) << text;
    return std::holds_alternative<T>(message) ? std::get<T>(message) : T{};
}

TEST(Dialler, EveryInboundMessageIsTold) {
    auto const first = inbound_as<connected_message>(
        R"({"event":"connected","callerId":"+91987","did":"100","callDirection":"outgoing"})");
    EXPECT_EQ(first.callerId, "+91987");
    EXPECT_TRUE(first.callDirection == direction::outgoing);
    EXPECT_FALSE(first.streamId);
    auto const second = inbound_as<start_message>(
        R"({"event":"start","streamId":"s","mediaFormat":{"encoding":"LINEAR",)"
        R"("sampleRate":8000,"channels":1}})");
    EXPECT_EQ(second.streamId, "s");
    EXPECT_TRUE(is_supported(second.mediaFormat));
    inbound_as<answer_message>(R"({"event":"answer"})");
    EXPECT_EQ(inbound_as<media_message>(R"({"event":"media","payload":"AAA="})").payload, "AAA=");
    EXPECT_EQ(inbound_as<hangup_call_message>(R"({"event":"hangup-call","disconnectedBy":"x"})")
                  .disconnectedBy,
              "x");
}

TEST(Dialler, UnknownEventsAreKeptWhole) {
    auto const message = inbound_as<unknown_message>(R"({"a":1.10,"event":"speed-up"})");
    EXPECT_EQ(message.event, "speed-up");
    EXPECT_EQ(message.message.text(), R"({"a":1.10,"event":"speed-up"})");
    EXPECT_EQ(serialize(inbound_message{message}), message.message.text());
    EXPECT_TRUE(validate(inbound_message{message}));
    EXPECT_FALSE(validate(unknown_message{"other", message.message}));
    EXPECT_FALSE(validate(unknown_message{"", wire::raw_json{}}));
    // outbound words are unknown on the way in
    inbound_as<unknown_message>(R"({"event":"reverse-media","chunk":1})");
}

TEST(Dialler, WhatIsNoMessageIsAnError) {
    auto const code = [](std::string_view text) {
        auto const out = parse_inbound_message(text);
        return out ? errc::internal : out.error().code();
    };
    EXPECT_EQ(code("answer"), errc::malformed);
    EXPECT_EQ(code("[]"), errc::invalid);
    EXPECT_EQ(code("{}"), errc::invalid);
    EXPECT_EQ(code(R"({"event":7})"), errc::invalid);
    EXPECT_EQ(code(R"({"event":"media"})"), errc::invalid);
    EXPECT_EQ(parse_inbound_message(R"({"event":"media"})").error().faults().at(0).pointer,
              "/payload");
}

TEST(Dialler, FrameLimit) {  // spec 10 §1.3
    auto const frame = [](std::size_t bytes) {
        constexpr std::string_view start = R"({"event":"media","payload":")";
        return std::string(start) + std::string(bytes - start.size() - 2, 'A') + "\"}";
    };
    EXPECT_TRUE(parse_inbound_message(frame(limits::ws_text_frame)));
    auto const over = frame(limits::ws_text_frame + 1);
    EXPECT_EQ(parse_inbound_message(over).error().code(), errc::too_large);
    EXPECT_EQ(parse_outbound_message(over).error().code(), errc::too_large);
    EXPECT_EQ(parse_inbound_message(R"({"event":"answer"})", {.max_bytes = 10}).error().code(),
              errc::too_large);
}

TEST(Dialler, ParsedValuesReadTheSame) {
    for (auto const* text : {R"({"event":"connected","callerId":919876543210,"x":[1]})",
                             R"({"event":"media","payload":"AAA="})", R"({"event":"new"})"}) {
        auto const value = *wire::parse_json(text);
        EXPECT_EQ(parse_inbound_message(value).value(), inbound(text)) << text;
        EXPECT_EQ(parse_inbound_message(value.get_object()).value(), inbound(text)) << text;
    }
}

TEST(Dialler, CallVariablesAreAllMembersButTheEvent) {
    auto const message = inbound_as<connected_message>(
        R"({"CUSTOMER":"Ravi","event":"connected","callerId":919876543210,"did":"100",)"
        R"("callDirection":"sideways","streamId":"st-1","amount":42.50})");
    EXPECT_EQ(call_variables(message).text(),
              R"({"callerId":"919876543210","did":"100","callDirection":"sideways",)"
              R"("streamId":"st-1","CUSTOMER":"Ravi","amount":42.50})");
    EXPECT_EQ(call_variables(connected_message{}).text(), "{}");
    connected_message only_others;
    only_others.others = wire::raw_json::trusted(R"({"a":1})");
    EXPECT_EQ(call_variables(only_others).text(), R"({"a":1})");
}

// 10-13: nobody outside steers a call.
TEST(Dialler, ReservedMembersAreNoVariables) {
    auto const message = inbound_as<connected_message>(
        R"({"event":"connected","_campaign_session_id":"stolen","_skip_prefetch":true,)"
        R"("_mock_crm":{"a":1},"_campaign_id":"c","_campaign_call_id":"c","_campaign_attempt":1,)"
        R"("_campaign_run_number":1,"sip_candidate_headers":{"x":"y"},"_cxb_test_call":true,)"
        R"("_cxb_new":1,"_skip_post_push":true,"_own":"kept"})");
    EXPECT_EQ(call_variables(message).text(), R"({"_own":"kept"})");
}

TEST(Dialler, OtherFormatsAreNotSupported) {
    EXPECT_TRUE(is_supported({}));
    EXPECT_FALSE(is_supported({.encoding = "MULAW"}));
    EXPECT_FALSE(is_supported({.sampleRate = 16000}));
    EXPECT_FALSE(is_supported({.channels = 2}));
}

// Byte for byte as the spec has them (§9.1).
TEST(Dialler, OutboundMessages) {
    reverse_media_message voice;
    voice.did = "100";
    voice.payload = encode_audio(std::string(frame_bytes, '\0'));
    voice.timestamp = "2026-01-02 08:34:05";
    voice.streamId = "st-1";
    voice.callerId = "+91987";
    voice.callDirection = direction::incoming;
    EXPECT_EQ(serialize(outbound_message{voice}),
              R"({"event":"reverse-media","chunk":1,"did":"100","payload":")" + voice.payload +
                  R"(","timestamp":"2026-01-02 08:34:05","streamId":"st-1","callerId":"+91987",)"
                  R"("chunk_durn_ms":20,"callDirection":"incoming","encoding":"LINEAR",)"
                  R"("RevMediaQ":0,"source":"ai"})");
    EXPECT_EQ(serialize(reverse_media_stop_message{.callerId = "a", .streamId = "b"}),
              R"({"event":"reverse-media-stop","callerId":"a","streamId":"b"})");
    EXPECT_EQ(serialize(reverse_hangup_call_message{.streamId = "b", .callerId = "a"}),
              R"({"event":"reverse-hangup-call","streamId":"b","callerId":"a","source":"ai",)"
              R"("message":"Call ended by bot"})");
    EXPECT_EQ(serialize(reverse_call_transfer_message{
                  .streamId = "b", .callerId = "a", .transferTo = "204"}),
              R"({"event":"reverse-call-transfer","streamId":"b","callerId":"a",)"
              R"("transferTo":"204","source":"ai","message":"Call transferred by bot"})");
}

TEST(Dialler, OutboundMessagesAreReadBack) {
    reverse_media_message voice;
    voice.chunk = 7;
    voice.payload = encode_audio(std::string(2 * frame_bytes, 'x'));
    voice.timestamp = "2026-01-02 08:34:05";
    voice.chunk_durn_ms = 40ms;
    for (outbound_message const& message :
         {outbound_message{voice}, outbound_message{reverse_media_stop_message{}},
          outbound_message{reverse_hangup_call_message{}},
          outbound_message{
              reverse_call_transfer_message{.streamId = "s", .callerId = "c", .transferTo = "1"}},
          outbound_message{unknown_message{"x", wire::raw_json::trusted(R"({"event":"x"})")}}}) {
        EXPECT_TRUE(validate(message));
        std::string text;
        serialize_to(message, text);
        EXPECT_EQ(parse_outbound_message(text).value(), message) << text;
        EXPECT_EQ(parse_outbound_message(*wire::parse_json(text)).value(), message) << text;
    }
    voice.chunk_durn_ms = 20ms;
    EXPECT_FALSE(validate(outbound_message{voice})) << "two frames in the time of one";
}

TEST(Dialler, Schemas) {
    for (auto const text : {inbound_message_schema(), outbound_message_schema()}) {
        auto const schema = wire::parse_json(text);
        ASSERT_TRUE(schema) << text;
        EXPECT_GT(schema->at("anyOf").as_array().size(), 4U);
    }
}

}  // namespace
