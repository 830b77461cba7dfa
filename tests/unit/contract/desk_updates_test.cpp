#include <gtest/gtest.h>

#include "cxb/contract/agent_desk/customer_disconnected.hpp"
#include "cxb/contract/agent_desk/desk_events.hpp"
#include "cxb/contract/agent_desk/desk_recording.hpp"
#include "cxb/contract/agent_desk/desk_transcript.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::agent_desk;

TEST(DeskEvents, OneEventOrAList) {
    auto const one = parse_desk_events(R"({"type":"agent_joined","id":"e1","extra":1})");
    ASSERT_TRUE(one);
    ASSERT_EQ(one->events.size(), 1U);
    EXPECT_EQ(one->events[0].id, "e1");
    EXPECT_EQ(one->events[0].unknown.text(), R"({"extra":1})");
    EXPECT_EQ(one->ext.text(), "{}");
    auto const list = parse_desk_events(
        R"({"events":[{"type":"agent_joined","id":"e1"},{"type":"dtmf"}],"extra":1})");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->events.size(), 2U);
    EXPECT_EQ(list->ext.text(), R"({"extra":1})");
    EXPECT_EQ(serialize(*one), R"({"events":[{"id":"e1","type":"agent_joined","extra":1}]})");
    EXPECT_EQ(parse_desk_events(serialize(*list)).value(), *list);
    EXPECT_EQ(parse_desk_events(R"({"events":null,"type":"dtmf"})").value().events.size(), 1U);
}

TEST(DeskEvents, ParsedValuesReadTheSame) {
    for (auto const* text : {R"({"type":"dtmf"})", R"({"events":[{"type":"dtmf"}]})"}) {
        auto const value = *wire::parse_json(text);
        EXPECT_EQ(parse_desk_events(value).value(), parse_desk_events(text).value());
        EXPECT_EQ(parse_desk_events(value.get_object()).value(), parse_desk_events(text).value());
    }
}

TEST(DeskEvents, WhatIsNeitherIsRefused) {
    for (auto const* text : {"{}", "[]", R"({"events":{}})", R"({"events":[7]})", "7"})
        EXPECT_EQ(parse_desk_events(text).error().code(), errc::invalid) << text;
    EXPECT_EQ(parse_desk_events("{").error().code(), errc::malformed);
    EXPECT_EQ(parse_desk_events(R"({"type":"dtmf"})", {.max_bytes = 3}).error().code(),
              errc::too_large);
}

TEST(DeskEvents, AtMostAHundred) {
    desk_events value;
    value.events.resize(100);
    EXPECT_TRUE(validate(value));
    value.events.resize(101);
    EXPECT_FALSE(validate(value));
}

TEST(DeskTranscript, AliasAndModes) {
    auto const out =
        parse_desk_transcript(R"({"transcript":[{"role":"user","content":"x"}],"mode":"replace"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->turns.size(), 1U);
    EXPECT_TRUE(out->turns[0].final);
    EXPECT_EQ(out->mode, transcript_mode::replace);
    EXPECT_EQ(parse_desk_transcript("{}").value().mode, transcript_mode::append);
    EXPECT_FALSE(parse_desk_transcript(R"({"mode":"other"})"));
}

TEST(DeskRecording, KeyOrUrlIsNeeded) {
    EXPECT_TRUE(parse_desk_recording(R"({"recording_key":"a.wav"})"));
    EXPECT_TRUE(parse_desk_recording(R"({"recording_url":"https://x.example/a.wav"})"));
    auto const neither = parse_desk_recording("{}");
    ASSERT_FALSE(neither);
    EXPECT_EQ(neither.error().faults().at(0).pointer, "/recording_key");
}

TEST(DeskRecording, LogsHideTheToken) {
    auto const value = parse_desk_recording(
        R"({"recording_key":"a.wav","recording_access_token":"AAECAwQFBgcICQoLDA0O"})");
    ASSERT_TRUE(value);
    EXPECT_EQ(wire::log_text(*value).find("AAECAwQ"), std::string::npos);
}

TEST(CustomerDisconnected, NothingIsNeeded) {
    auto const out = parse_customer_disconnected("{}");
    ASSERT_TRUE(out);
    EXPECT_FALSE(out->reason);
    EXPECT_FALSE(out->timestamp);
}

}  // namespace
