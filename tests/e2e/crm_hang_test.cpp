// A CRM that accepts and then hangs: it costs its own pushes their time, nobody else's.
#include "e2e/hung_crm.hpp"
#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

class CrmHangs : public installation {
  protected:
    std::string bot_pushing_to(std::string const& url) {
        return make_bot({{"pre_call_fetch", nullptr},
                         {"post_call_push",
                          {{"url", url},
                           {"key_mapper", {{"call_id", "{{result.call_id}}"}}},
                           {"timeout_seconds", 1},
                           {"max_attempts", 2}}}});
    }
    wire::json_object push_of(std::string const& session) {
        auto const got =
            wire::parse_json(admin("GET", "/api/v1/calls/" + session + "/pushes").text);
        return got && got->is_array() && !got->as_array().empty()
                   ? got->as_array().front().as_object()
                   : wire::json_object{};
    }

    // 21-14: bounded, visible, and the other host's pushes go on meanwhile.
    void hangs(hang how) {
        ASSERT_NO_FATAL_FAILURE(start_api());
        hung_crm hung(how);
        auto const stuck = bot_pushing_to(hung.url() + "/calls");
        auto const well = make_bot({{"pre_call_fetch", nullptr}});
        // Fewer failures than pause a host, so that its recovery shows at once.
        for (int i = 0; i < 4; ++i)
            ASSERT_EQ(post_result(http, full_result("stuck-" + std::to_string(i), stuck)).status,
                      200);
        ASSERT_TRUE(test::eventually([&] { return hung.taken() >= 4; }));
        auto const began = std::chrono::steady_clock::now();
        for (int i = 0; i < 30; ++i)
            ASSERT_EQ(post_result(http, full_result("well-" + std::to_string(i), well)).status,
                      200);
        EXPECT_TRUE(test::eventually([&] { return crm.accepted().size() == 30; }));
        EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
        for (int i = 0; i < 4; ++i) {
            auto const session = "stuck-" + std::to_string(i);
            EXPECT_TRUE(call_becomes(session, "push_state", {"dead"})) << session;
            auto const push = push_of(session);
            EXPECT_EQ(wire::text_at(push, "state"), "dead") << wire::to_text(push);
            EXPECT_EQ(wire::int_at(push, "attempts"), 2) << wire::to_text(push);
        }
        EXPECT_LE(hung.taken(), 8);
        hung.recover();
        ASSERT_EQ(post_result(http, full_result("later", stuck)).status, 200);
        EXPECT_TRUE(call_becomes("later", "push_state", {"delivered"}));
    }
};

TEST_F(CrmHangs, BeforeItReads) {
    hangs(hang::before_reading);
}

TEST_F(CrmHangs, AfterItHasRead) {
    hangs(hang::after_reading);
}

TEST_F(CrmHangs, InTheMiddleOfItsAnswer) {
    hangs(hang::in_the_answer);
}

}  // namespace
}  // namespace cxb::e2e
