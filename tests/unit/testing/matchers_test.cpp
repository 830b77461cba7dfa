#include "cxb/testing/matchers.hpp"

#include <gtest/gtest.h>

#include "cxb/testing/builders.hpp"

namespace {
using namespace cxb;
using cxb::testing::HasFault;
using cxb::testing::IsResultFor;
using cxb::testing::make_result;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

template <class Matcher, class Value>
std::string explained(Matcher const& matcher, Value const& value) {
    ::testing::StringMatchResultListener listener;
    ::testing::SafeMatcherCast<Value const&>(matcher).MatchAndExplain(value, &listener);
    return listener.str();
}

TEST(HasFaultMatcher, FindsOneOfSeveral) {
    auto const failure = invalid_document({{"/a", "is required"}, {"/b/0", "expected string"}});
    EXPECT_THAT(failure, HasFault("/a", "is required"));
    EXPECT_THAT(failure, HasFault("/b/0", HasSubstr("string")));
    EXPECT_THAT(failure, HasFault("/b/0"));
    EXPECT_THAT(failure, Not(HasFault("/b")));
    EXPECT_THAT(failure, Not(HasFault("/a", "expected string")));
    EXPECT_EQ(explained(HasFault("/c"), failure),
              "whose faults are \"/a\": is required; \"/b/0\": expected string;");
}

TEST(HasFaultMatcher, TakesResultsAndErrorsWithoutAList) {
    result<int> const refused = invalid_member("/n", "must be at least 1");
    EXPECT_THAT(refused, HasFault("/n", "must be at least 1"));
    result<int> const good = 7;
    EXPECT_THAT(good, Not(HasFault("/n")));
    EXPECT_EQ(explained(HasFault("/n"), good), "which is no failure");
    auto const taken = error{errc::conflict}.with_pointer("name").with_reason("duplicate_key");
    EXPECT_THAT(taken, HasFault("name", "duplicate_key"));
}

TEST(HasFaultMatcher, SaysWhatItWants) {
    ::testing::Matcher<error const&> const wanted = HasFault("/a", "is required");
    std::stringstream has;
    std::stringstream has_no;
    wanted.DescribeTo(&has);
    wanted.DescribeNegationTo(&has_no);
    EXPECT_EQ(has.str(), "has fault at \"/a\" whose reason is equal to \"is required\"");
    EXPECT_EQ(has_no.str(), "has no fault at \"/a\" whose reason is equal to \"is required\"");
}

TEST(IsResultForMatcher, TakesTheFormsResultsComeIn) {
    auto const made = make_result("s-1");
    wire::http_request post;
    post.body = made.text();
    EXPECT_THAT(made.value(), IsResultFor("s-1"));
    EXPECT_THAT(post.body, IsResultFor("s-1"));
    EXPECT_THAT(post, IsResultFor("s-1"));
    std::vector<cxb::testing::seen_request> const seen{{post, 200}, {post, 500}};
    EXPECT_THAT(seen, Each(IsResultFor("s-1")));
    EXPECT_THAT(made.value(), Not(IsResultFor("s-2")));
    EXPECT_EQ(explained(IsResultFor("s-2"), made.value()), "whose session_id is \"s-1\"");
}

TEST(IsResultForMatcher, WantsAValidDocument) {
    EXPECT_THAT(std::string("{}"), Not(IsResultFor("s-1")));
    EXPECT_THAT(std::string("garbage"), Not(IsResultFor("s-1")));
    auto const wrong = make_result("s-1").member("call_duration_seconds", -1).text();
    EXPECT_THAT(wrong, Not(IsResultFor("s-1")));
    EXPECT_THAT(explained(IsResultFor("s-1"), wrong), HasSubstr("/call_duration_seconds"));
    auto const unbound =
        make_result("s-1").set(&contract::call_results::call_results::result_seq, 0).value();
    EXPECT_THAT(explained(IsResultFor("s-1"), unbound), HasSubstr("which is not valid"));
}

}  // namespace
