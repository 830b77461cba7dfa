// What leaves the control plane towards a CRM: how long it waits, when it comes again.
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

// The one entry of that kind in a call's integration log.
json_object logged(answer const& call) {
    auto const& list = call.json.at("integration_log").as_array();
    EXPECT_EQ(list.size(), 1U) << call.body;
    return list.empty() ? json_object{} : list.front().as_object();
}

struct OutboundTimes : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::string finished_call(std::string const& bot) {
        std::string const session = config(bot).text("session_id");
        EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
                  200);
        return session;
    }
    json_value push_of(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session + "/pushes").json.at(0);
    }
    bool delivered(std::string const& session) {
        return eventually([&] {
            return admin("GET", "/api/v1/calls/" + session).text("push_state") == "delivered";
        });
    }
};

// The retry waits of this set-up are scaled to nothing, so only the header can hold the push back.
TEST_F(OutboundTimes, RetryAfterPostponesThePush) {  // 21-17
    surroundings.time = &clock;
    peer crm([](wire::http_request const& request, int number) {
        auto out = json_reply(request.path == "/busy" && number == 1 ? 503 : 200, "{}");
        if (out.status == 503) out.headers.set("Retry-After", "120");
        return out;
    });
    start();
    std::string const busy = make_bot({{"post_call_push", {{"url", crm.url() + "/busy"}}}});
    std::string const other = make_bot({{"post_call_push", {{"url", crm.url() + "/other"}}}});
    std::string const session = finished_call(busy);
    ASSERT_TRUE(eventually([&] {
        return push_of(session).at("attempts").to_number<int>() == 1 &&
               push_of(session).at("state").as_string() == "queued";
    }));
    EXPECT_EQ(push_of(session).at("run_at").as_string(), format_timestamp(clock.now() + 120s));
    clock.advance(119s);
    // Jobs that are due now run; this one does not.
    EXPECT_TRUE(delivered(finished_call(other)));
    EXPECT_EQ(push_of(session).at("attempts").to_number<int>(), 1);
    EXPECT_EQ(crm.count(), 2U);
    clock.advance(1s);
    EXPECT_TRUE(delivered(session));
    EXPECT_EQ(crm.count(), 3U);
    EXPECT_EQ(crm.requests()[0].headers.get("webhook-id"),
              crm.requests()[2].headers.get("webhook-id"));
}

// Of three tries the quickest counts: the machine may be busy, the peer never answers at all.
TEST_F(OutboundTimes, AHangingPrefetchCostsItsTimeoutOnly) {  // 20-31
    start();
    cxb::test::stuck_host crm;
    json_object fetch{{"url", crm.url() + "/customer"},
                      {"timeout_ms", 500},
                      {"defaults", {{"FIRSTNAME", "friend"}}}};
    std::string const id = make_bot({{"pre_call_fetch", fetch}});
    auto quickest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        auto const began = std::chrono::steady_clock::now();
        auto const got = config(id);
        quickest = std::min(quickest, std::chrono::steady_clock::now() - began);
        ASSERT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.text("opening_message"), "Namaste friend ji");
        auto const call = admin("GET", "/api/v1/calls/" + got.text("session_id"));
        EXPECT_EQ(wire::text_at(logged(call), "error"), "timeout");
    }
    EXPECT_LT(quickest, 1s);
    EXPECT_GE(quickest, 500ms);
    EXPECT_EQ(crm.dials(), 3);
    fetch["on_failure"] = "reject";
    auto const refused = config(make_bot({{"pre_call_fetch", fetch}}));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.text("detail"), "crm_prefetch_failed: timeout");
}

}  // namespace
}  // namespace cxb::api::test
