// kill -9 of the API around what goes out: pushes with a token of an OAuth2 server, and webhooks.
// Receivers see one webhook id with the same bytes, and never nothing.
#include "e2e/answering_host.hpp"
#include "e2e/crash/crash_subject.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

class CrashDeliveries : public crash_subject {
  protected:
    // The other end: gives token 1, 2, ... and takes what is sent.
    answering_host host{[](wire::http_request const& request, int number) {
        if (request.path != "/token") return answering_host::json(200, "{}");
        return answering_host::json(200, R"({"access_token":"token-of-crm-)" +
                                             std::to_string(number) +
                                             R"(","token_type":"Bearer","expires_in":3600})");
    }};

    // Dies at each of them once, in this order, then runs on.
    void die_and_go_on(std::vector<std::string> const& points) {
        for (auto const& point : points) {
            expect_death();
            step_clock(10s);  // the lease of the job ends
            launch_dying(point);
        }
        expect_death();
        step_clock(10s);
        start_sound();
    }
    void expect_one_message_in(std::vector<wire::http_request> const& sent, std::size_t times) {
        ASSERT_EQ(sent.size(), times);
        EXPECT_FALSE(sent[0].headers.get("webhook-id").empty());
        for (auto const& one : sent) {
            EXPECT_EQ(one.headers.get("webhook-id"), sent[0].headers.get("webhook-id"));
            EXPECT_EQ(one.body, sent[0].body);
        }
    }
    bool jobs_are_done() {
        return rows_become("select count(*) from jobs where json_extract(doc,'$.state') <> 'done'",
                           "0\n");
    }
};

// 21 §3: a token that was granted is no push; what was frozen goes out under its webhook id.
TEST_F(CrashDeliveries, APushWithATokenIsSentUnderOneId) {
    forbid("secret-of-the-client");
    for (auto const* number : {"1", "2", "3", "4", "5"})
        forbid(std::string("token-of-crm-") + number);
    start_api(more);
    auto const bot = make_bot({{"pre_call_fetch", nullptr},
                               {"post_call_push",
                                {{"url", host.url() + "/calls"},
                                 {"sign", true},
                                 {"auth",
                                  {{"type", "oauth2_client_credentials"},
                                   {"token_url", host.url() + "/token"},
                                   {"client_id", "cxb-client"},
                                   {"client_secret", "secret-of-the-client"}}}}}});
    kill_api();
    start_dying("push.frozen");
    (void)post_result(http, full_result("oauth-1", bot));  // it may die before it answers
    die_and_go_on({"oauth.granted", "push.sent"});
    ASSERT_TRUE(call_becomes("oauth-1", "push_state", {"delivered"}, 60s));
    EXPECT_EQ(host.asked("/token").size(), 3U);
    auto const sent = host.asked("/calls");
    expect_one_message_in(sent, 2);
    for (auto const& one : sent)
        EXPECT_TRUE(one.headers.get("Authorization").starts_with("Bearer token-of-crm-"));
    EXPECT_TRUE(jobs_are_done());
}

// 21 §10
TEST_F(CrashDeliveries, AWebhookIsSentUnderOneId) {
    start_api(more);
    auto const bot = make_bot({{"pre_call_fetch", nullptr}, {"post_call_push", nullptr}});
    auto const made =
        admin("POST", "/api/v1/webhook-endpoints",
              {{"url", host.url() + "/hook"}, {"types", wire::json_array{"call.completed"}}});
    ASSERT_EQ(made.status, 201) << made.text;
    forbid(std::string(wire::text_at(made.body, "secret")));
    kill_api();
    start_dying("webhook.frozen");
    (void)post_result(http, full_result("hook-1", bot));
    die_and_go_on({"push.sent"});
    ASSERT_TRUE(test::eventually([&] { return host.asked("/hook").size() == 2; }, 60s));
    EXPECT_TRUE(jobs_are_done());
    expect_one_message_in(host.asked("/hook"), 2);
}

}  // namespace
}  // namespace cxb::e2e
