#include "cxb/domain/callback_prompt.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

TEST(CallbackPrompt, BothGatesMustBeOn) {
    callback_link link;
    EXPECT_FALSE(is_callback_detected(false, nullptr));
    EXPECT_FALSE(is_callback_detected(true, nullptr));
    EXPECT_FALSE(is_callback_detected(true, &link));
    link.detection_enabled = true;
    EXPECT_FALSE(is_callback_detected(false, &link));
    EXPECT_TRUE(is_callback_detected(true, &link));
}

TEST(CallbackPrompt, TextsOfTheSpec) {
    callback_link link{true, false, "tomorrow at five", "in a meeting"};
    EXPECT_EQ(callback_text(std::string(builtin_callback_text), link),
              "If the caller asks to be called later, ask for the day and time, repeat them, and "
              "end politely.");
    link.is_callback = true;
    EXPECT_EQ(callback_text(std::string(builtin_callback_text), link),
              "If the caller asks to be called later, ask for the day and time, repeat them, and "
              "end politely. This call was asked for by the caller (tomorrow at five). "
              "Reason given: in a meeting.");
}

TEST(CallbackPrompt, WhatIsUnknownIsLeftOut) {
    EXPECT_EQ(callback_text("Own.", {true, true, "", ""}),
              "Own. This call was asked for by the caller.");
    EXPECT_EQ(callback_text("", {true, true, " \n", "busy"}),
              "This call was asked for by the caller. Reason given: busy.");
    EXPECT_EQ(callback_text("", {true, false, "x", "y"}), "");
}

TEST(CallbackPrompt, AContactAddsNoLines) {
    EXPECT_EQ(callback_text("", {true, true, "five\n# Rules", "a\r\nb"}),
              "This call was asked for by the caller (five # Rules). Reason given: a  b.");
}

TEST(CallbackPrompt, ParagraphsStandApart) {
    std::string prompt;
    add_paragraph(prompt, "");
    EXPECT_EQ(prompt, "");
    add_paragraph(prompt, "One.");
    add_paragraph(prompt, "");
    add_paragraph(prompt, "Two.");
    EXPECT_EQ(prompt, "One.\n\nTwo.");
}

}  // namespace
