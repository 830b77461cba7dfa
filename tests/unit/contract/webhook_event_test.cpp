#include "cxb/contract/webhook/webhook_event.hpp"

#include <gtest/gtest.h>

#include "cxb/contract/webhook/crm_push.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::webhook;

constexpr auto example = R"({"type":"call.completed","timestamp":"2026-01-02T03:04:05.678Z",)"
                         R"("data":{"session_id":"s1"}})";

TEST(WebhookEvent, RoundTrip) {
    auto const event = parse_webhook_event(example).value();
    EXPECT_TRUE(event.type.is(event_type::call_completed));
    EXPECT_EQ(serialize(event), example);
}

TEST(WebhookEvent, UnknownWordsSurvive) {
    std::string const text =
        R"({"type":"moon.rose","timestamp":"2026-01-02T03:04:05.678Z","data":{}})";
    EXPECT_EQ(serialize(parse_webhook_event(text).value()), text);
}

TEST(WebhookEvent, FaultsAreReportedTogether) {
    auto const bad = parse_webhook_event(R"({"timestamp":"today","data":[]})");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().faults().size(), 3U);
}

TEST(CrmPush, Defaults) {
    crm_push const push;
    EXPECT_EQ(push.method, "POST");
    EXPECT_EQ(push.timeout, std::chrono::seconds{15});
}

}  // namespace
