#include "cxb/testing/builders.hpp"

#include <gmock/gmock.h>

#include "cxb/base/ids.hpp"
#include "cxb/testing/matchers.hpp"

namespace {
using namespace cxb;
using contract::call_results::call_results;
using contract::call_results::parse_call_results;
using contract::runtime_config::parse_runtime_config;
using contract::runtime_config::runtime_config;
using cxb::testing::HasFault;
using cxb::testing::make_config;
using cxb::testing::make_result;

TEST(Builders, AConfigIsValidAndReadsBack) {
    auto const made = make_config("s-1");
    EXPECT_TRUE(validate(made.value()));
    auto const read = parse_runtime_config(made.text());
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(read->session_id, "s-1");
    EXPECT_TRUE(is_hex24(read->bot_id));
    EXPECT_EQ(make_config("s-1").text(), made.text());
}

TEST(Builders, AResultIsValidAndReadsBack) {
    auto const made = make_result("s-1");
    auto const read = parse_call_results(made.text());
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(*read, made.value());
    EXPECT_TRUE(has_customer_message(*read));
    EXPECT_TRUE(is_uuid(*read->result_id));
    EXPECT_EQ(make_result("s-1").value(), made.value());
    EXPECT_NE(make_result("s-2").value().result_id, made.value().result_id);
}

TEST(Builders, EveryChangeIsACopy) {
    auto const base = make_result();
    auto const changed = base.set(&call_results::caller_id, "+919876543210")
                             .set(&call_results::result_seq, 2)
                             .with([](call_results& one) { one.transcript.reset(); });
    call_results const typed = changed;
    EXPECT_EQ(typed.caller_id, "+919876543210");
    EXPECT_EQ(typed.result_seq, 2);
    EXPECT_FALSE(typed.transcript);
    EXPECT_EQ(base.value(), make_result().value());
}

TEST(Builders, MembersOfTheTextMayBreakTheContract) {
    auto const wrong = make_result().member("transcript", 7).without("session_id");
    EXPECT_TRUE(validate(wrong.value()));
    auto const read = parse_call_results(wrong.text());
    EXPECT_THAT(read, HasFault("/transcript"));
    EXPECT_THAT(read, HasFault("/session_id"));
    auto const put_back = wrong.member("session_id", "s-9").without("transcript").object();
    EXPECT_EQ(wire::text_at(put_back, "session_id"), "s-9");
    EXPECT_FALSE(put_back.contains("transcript"));
}

TEST(Builders, SeveralMembersGoAtOnce) {
    auto const left = make_config()
                          .set(&runtime_config::timezone, "Asia/Kolkata")
                          .without("session_id", "bot_id", "webhook_url")
                          .object();
    EXPECT_FALSE(left.contains("session_id") || left.contains("bot_id") ||
                 left.contains("webhook_url"));
    EXPECT_EQ(wire::text_at(left, "timezone"), "Asia/Kolkata");
}

}  // namespace
