#include "cxb/contract/media_ws/exotel.hpp"

#include <gtest/gtest.h>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::media_ws;
using namespace cxb::contract::media_ws::exotel;
using namespace std::chrono_literals;

template <class T>
T inbound_as(std::string_view text) {
    auto const message = parse_inbound_message(text);
    EXPECT_TRUE(message) << message.error().to_log_text();
    EXPECT_TRUE(message && std::holds_alternative<T>(*message)) << text;
    return message && std::holds_alternative<T>(*message) ? std::get<T>(*message) : T{};
}

constexpr std::string_view start_text =
    R"({"event":"start","sequence_number":"1","stream_sid":"s-1","start":{"stream_sid":"s-2",)"
    R"("call_sid":"c-1","account_sid":"a-1","from":"09876543210","to":1140000001,)"
    R"("custom_parameters":{"CUSTOMER":"Ravi","amount":42.50,"_campaign_session_id":"stolen"},)"
    R"("media_format":{"encoding":"base64","sample_rate":"8000","bit_rate":"128kbps"}}})";

TEST(Exotel, StartWithNumbersAsText) {
    auto const message = inbound_as<start_message>(start_text);
    EXPECT_EQ(message.sequence_number, 1);
    EXPECT_EQ(stream_id(message), "s-1");
    EXPECT_EQ(message.start.from, "09876543210");
    EXPECT_EQ(message.start.to, "1140000001");
    EXPECT_EQ(message.start.media_format.sample_rate, 8000);
    EXPECT_FALSE(message.start.media_format.bit_rate) << "unreadable counts as absent";
    EXPECT_EQ(
        stream_id(inbound_as<start_message>(R"({"event":"start","start":{"stream_sid":"s-2"}})")),
        "s-2");
    EXPECT_EQ(stream_id(inbound_as<start_message>(R"({"event":"start","start":{}})")), "");
}

// 10-13
TEST(Exotel, CallVariables) {
    EXPECT_EQ(call_variables(inbound_as<start_message>(start_text)).text(),
              R"({"call_sid":"c-1","did":"1140000001","CUSTOMER":"Ravi","amount":42.50})");
    EXPECT_EQ(call_variables(inbound_as<start_message>(
                                 R"({"event":"start","start":{"custom_parameters":{"did":"7"}}})"))
                  .text(),
              R"({"did":"7"})");
    EXPECT_EQ(call_variables(start_message{}).text(), "{}");
    EXPECT_EQ(call_variables(inbound_as<start_message>(
                                 R"({"event":"start","start":{"custom_parameters":[1]}})"))
                  .text(),
              "{}");
}

TEST(Exotel, OtherInboundMessages) {
    inbound_as<connected_message>(R"({"event":"connected","protocol":"Call"})");
    auto const media = inbound_as<media_message>(
        R"({"event":"media","stream_sid":"s","media":{"chunk":"2","timestamp":20,"payload":""}})");
    EXPECT_EQ(media.media.chunk, 2);
    EXPECT_EQ(media.media.timestamp, 20);
    auto const key = inbound_as<dtmf_message>(
        R"({"event":"dtmf","stream_sid":"s","dtmf":{"digit":"#","duration":"250"}})");
    EXPECT_EQ(key.dtmf.digit, "#");
    EXPECT_EQ(key.dtmf.duration, 250ms);
    EXPECT_EQ(inbound_as<mark_message>(R"({"event":"mark","mark":{"name":"m"}})").mark.name, "m");
    EXPECT_EQ(inbound_as<stop_message>(R"({"event":"stop","stop":{"reason":"r"}})").stop.reason,
              "r");
    EXPECT_EQ(inbound_as<unknown_message>(R"({"event":"clear"})").event, "clear");
}

mark_message place(std::string name) {
    mark_message out;
    out.stream_sid = "s";
    out.mark.name = std::move(name);
    return out;
}

sent_media_message audio(std::size_t bytes) {
    return {.stream_sid = "s", .media = {encode_audio(std::string(bytes, 'x'))}};
}

TEST(Exotel, OutboundMessages) {
    auto const voice = audio(3200);
    EXPECT_EQ(serialize(voice), R"({"event":"media","stream_sid":"s","media":{"payload":")" +
                                    voice.media.payload + "\"}}");
    EXPECT_EQ(serialize(clear_message{.stream_sid = "s"}), R"({"event":"clear","stream_sid":"s"})");
    EXPECT_EQ(serialize(place("m")), R"({"event":"mark","stream_sid":"s","mark":{"name":"m"}})");
    for (outbound_message const& message :
         {outbound_message{voice}, outbound_message{clear_message{.stream_sid = "s"}},
          outbound_message{place("m")}}) {
        EXPECT_TRUE(validate(message));
        EXPECT_EQ(parse_outbound_message(serialize(message)).value(), message);
        std::string text;
        serialize_to(message, text);
        EXPECT_EQ(parse_outbound_message(*wire::parse_json(text)).value(), message);
    }
}

// The largest piece of audio fits a frame although frames that come in are smaller.
TEST(Exotel, AudioBounds) {
    auto const fault = [](std::size_t bytes) -> std::string {
        auto const out = validate(outbound_message{audio(bytes)});
        return out ? "" : out.error().faults().at(0).reason;
    };
    EXPECT_EQ(fault(3200), "");
    EXPECT_EQ(fault(99'840), "");
    EXPECT_EQ(fault(2880), "must hold 3200 to 100000 bytes of audio");
    EXPECT_EQ(fault(100'160), "must hold 3200 to 100000 bytes of audio");
    EXPECT_EQ(fault(3210), "must hold a multiple of 320 bytes of audio");
    auto const most = audio(99'840);
    EXPECT_TRUE(parse_outbound_message(serialize(most)));
    EXPECT_EQ(parse_inbound_message(serialize(most)).error().code(), errc::too_large);
    EXPECT_EQ(parse_outbound_message(std::string(exotel_sent_frame + 1, ' ')).error().code(),
              errc::too_large);
}

TEST(Exotel, Schemas) {
    for (auto const text : {inbound_message_schema(), outbound_message_schema()})
        EXPECT_TRUE(wire::parse_json(text)) << text;
}

}  // namespace
