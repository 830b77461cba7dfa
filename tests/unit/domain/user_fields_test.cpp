#include "cxb/domain/user_fields.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

TEST(UserFields, Email) {
    EXPECT_EQ(normalise_email("  Asha@Example.COM\t").value(), "asha@example.com");
    EXPECT_EQ(normalise_email(std::string(252, 'a') + "@b").value().size(), 254U);
    for (auto const& bad : std::vector<std::string>{"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\nc",
                                                    "a@\xff", std::string(253, 'a') + "@b"}) {
        auto const out = normalise_email(bad);
        ASSERT_FALSE(out) << bad;
        EXPECT_EQ(out.error().faults().at(0).pointer, "/email");
    }
}

TEST(UserFields, AgentLanguages) {
    EXPECT_EQ(normalise_agent_languages({"English", "HI", "hindi", " ta ", ""}, "Hindi"),
              (agent_languages{{"en", "hi", "ta"}, "hi"}));
    EXPECT_EQ(normalise_agent_languages({}, ""), (agent_languages{{"en"}, "en"}));
    EXPECT_EQ(normalise_agent_languages({"ta", "hi"}, "en"), (agent_languages{{"ta", "hi"}, "ta"}));
}

}  // namespace
