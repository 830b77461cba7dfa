// The CRM is away or unwell while results come in.
#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

class CrmOutage : public installation {
  protected:
    std::int64_t attempts_of(std::string const& session) {
        auto const pushes =
            wire::parse_json(admin("GET", "/api/v1/calls/" + session + "/pushes").text);
        if (!pushes || !pushes->is_array() || pushes->as_array().empty()) return 0;
        return wire::int_at(pushes->as_array().front().as_object(), "attempts");
    }
};

// 21-14: down, then up: the push arrives later, once.
TEST_F(CrmOutage, DownThenUpDeliversOnce) {
    start_api({{"CXB_PUSH_WAIT_SCALE_PERCENT", "2"}});
    auto const bot = make_bot();
    crm.go_away();
    ASSERT_EQ(post_result(http, full_result("outage-1", bot)).status, 200);
    ASSERT_TRUE(asking_eventually([&] { return attempts_of("outage-1") >= 2; }));
    EXPECT_TRUE(crm.attempts().empty());
    crm.come_back();
    ASSERT_TRUE(call_becomes("outage-1", "push_state", {"delivered"}));
    auto const attempts = crm.attempts();
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_TRUE(attempts.front().verified);
    EXPECT_EQ(attempts.front().call_id, "outage-1");
}

// 21-14: 503 first, then 200: equal bytes under one webhook id, each attempt validly signed.
TEST_F(CrmOutage, UnwellThenWellRepeatsTheSameBytes) {
    start_api();
    auto const bot = make_bot();
    crm.answer_with(503);
    ASSERT_EQ(post_result(http, full_result("outage-2", bot)).status, 200);
    ASSERT_TRUE(test::eventually([&] { return crm.attempts().size() >= 2; }));
    crm.answer_with(200);
    ASSERT_TRUE(call_becomes("outage-2", "push_state", {"delivered"}));
    auto const attempts = crm.attempts();
    for (auto const& attempt : attempts) {
        EXPECT_TRUE(attempt.verified);
        EXPECT_EQ(attempt.webhook_id, attempts.front().webhook_id);
        EXPECT_EQ(attempt.fields, attempts.front().fields);
    }
}

// 21-15: a refusal is final.
TEST_F(CrmOutage, RefusedPushIsDeadAtOnce) {
    start_api();
    auto const bot = make_bot();
    crm.answer_with(400);
    ASSERT_EQ(post_result(http, full_result("outage-3", bot)).status, 200);
    ASSERT_TRUE(call_becomes("outage-3", "push_state", {"dead"}));
    EXPECT_EQ(crm.attempts().size(), 1U);
}

}  // namespace
}  // namespace cxb::e2e
