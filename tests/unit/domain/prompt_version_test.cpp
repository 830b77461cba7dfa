#include "cxb/domain/prompt_version.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

constexpr auto model = "gemini-2.5-flash";

// 20-25
TEST(PromptVersion, PostCall) {
    auto const version = [](std::string_view qc, int refresh) {
        return post_call_cache_version("google", model, "Summarise.", qc, refresh);
    };
    EXPECT_EQ(version("Score it.", 0), "bb3ea005c29470d7");
    EXPECT_EQ(version("Score it.", 1), "bb3ea005c29470d7-r1");
    EXPECT_NE(version("Score it!", 0), "bb3ea005c29470d7");
    EXPECT_NE(version("", 0), version("Score it.", 0));
    EXPECT_NE(post_call_cache_version("a", "b", "xy", "z"),
              post_call_cache_version("a", "b", "x", "yz"))
        << "lengths keep prompts apart";
}

TEST(PromptVersion, StaticPrompt) {
    wire::json_array const none;
    EXPECT_EQ(static_prompt_version("google", model, "You are Asha.", none), "10dffe6735a30912");
    EXPECT_EQ(static_prompt_version("google", model, "You are Asha.", nullptr), "10dffe6735a30912");
    EXPECT_EQ(static_prompt_version("google", model, "You are Asha.", none, 3),
              "10dffe6735a30912-r3");
    EXPECT_NE(static_prompt_version("google", model, "You are Asha.", wire::json_array{"tool"}),
              "10dffe6735a30912");
}

TEST(PromptVersion, ConfigHash) {
    wire::json_object const one{{"a", 1}, {"b", {true, nullptr}}};
    wire::json_object const other{{"b", {true, nullptr}}, {"a", 1}};
    EXPECT_EQ(config_hash(one), "1cc69c7fa23616ca");
    EXPECT_EQ(config_hash(other), config_hash(one)) << "order of members does not count";
    EXPECT_NE(config_hash({{"a", 2}}), config_hash(one));
}

}  // namespace
