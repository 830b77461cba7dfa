// What leaves the control plane towards a CRM: which targets it never touches in production, how
// long it waits, when it comes again.
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/api/fake_names.hpp"
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

// A production set-up whose names mean what the test says; `inside` must never be reached.
struct OutboundInProduction : api_test {
    std::shared_ptr<fake_names> names = std::make_shared<fake_names>();
    peer inside{[](wire::http_request const&, int) { return json_reply(200, R"({"b":3})"); }};
    std::string port = inside.url().substr(inside.url().rfind(':') + 1);

    void SetUp() override {
        settings.env = server::installation::production;
        settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
        settings.guard_allow = {"front.example"};
        names->known = {{"evil.example", {"10.0.0.1"}},
                        {"local.example", {"127.0.0.1"}},
                        {"six.example", {"::1"}},
                        {"mapped.example", {"::ffff:127.0.0.1"}},
                        {"mixed.example", {"93.184.216.34", "127.0.0.1"}},
                        {"meta.example", {"169.254.169.254"}},
                        {"front.example", {"127.0.0.1"}}};
        surroundings.names = names;
        start();
    }

    std::vector<std::string> private_targets() const {
        return {"https://169.254.169.254",
                "https://evil.example",
                "https://local.example:" + port,
                "https://six.example:" + port,
                "https://mapped.example:" + port,
                "https://mixed.example:" + port,
                "https://meta.example",
                "https://127.0.0.1:" + port,
                "https://[::ffff:127.0.0.1]:" + port,
                "http://127.0.0.1:" + port};
    }

    // Providers must be named in production.
    std::string bot(json_object extra) {
        extra["stt"] = json_object{{"provider", "deepgram"}, {"model", "nova-3"}};
        extra["llm"] = json_object{{"provider", "openai"}, {"model", "gpt-4.1-mini"}};
        extra["tts"] =
            json_object{{"provider", "elevenlabs"}, {"model", "flash"}, {"voice", "anna"}};
        return make_bot(std::move(extra));
    }

    answer config_with_base(std::string const& id, std::string const& base) {
        return core("POST", "/api/v1/config/" + id,
                    json_object{{"connected_event", {{"base", base}}}});
    }
    answer call_of(answer const& config) {
        return admin("GET", "/api/v1/calls/" + config.text("session_id"));
    }
};

TEST_F(OutboundInProduction, APrefetchReachesNoPrivateTarget) {  // 20-32
    std::string const id =
        bot({{"pre_call_fetch",
              {{"url", "{{call.base}}/customer"}, {"defaults", {{"FIRSTNAME", "friend"}}}}}});
    for (auto const& base : private_targets()) {
        auto const got = config_with_base(id, base);
        ASSERT_EQ(got.status, 200) << base << got.body;
        EXPECT_EQ(got.text("opening_message"), "Namaste friend ji") << base;
        auto const entry = logged(call_of(got));
        EXPECT_EQ(wire::text_at(entry, "error"), "blocked") << base;
        EXPECT_FALSE(wire::bool_at(entry, "ok", true));
    }
    EXPECT_EQ(inside.connections(), 0U);
}

TEST_F(OutboundInProduction, ABlockedPrefetchRejectsWhereTheBotSaysSo) {  // 20-32, 20-31
    std::string const id =
        bot({{"pre_call_fetch", {{"url", "{{call.base}}/customer"}, {"on_failure", "reject"}}}});
    auto const got = config_with_base(id, "https://evil.example");
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.text("detail"), "crm_prefetch_failed: blocked");
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

TEST_F(OutboundInProduction, ARedirectIsNotFollowed) {  // 20-32
    peer front([&](wire::http_request const&, int) {
        auto out = json_reply(302, R"({"b":3})");
        out.headers.set("Location", inside.url() + "/customer");
        return out;
    });
    std::string const base = "http://front.example" + front.url().substr(front.url().rfind(':'));
    std::string const id = bot({{"pre_call_fetch", {{"url", base + "/customer"}}}});
    auto const got = config(id);
    ASSERT_EQ(got.status, 200) << got.body;
    auto const entry = logged(call_of(got));
    EXPECT_EQ(wire::text_at(entry, "error"), "status_302");
    EXPECT_EQ(wire::int_at(entry, "status"), 302);
    EXPECT_EQ(front.count(), 1U);
    EXPECT_EQ(inside.connections(), 0U);
}

TEST_F(OutboundInProduction, LiteralPrivateTargetsAreRefusedWhenSaved) {  // 20-32, 21-18
    for (char const* block : {"pre_call_fetch", "post_call_push"})
        for (char const* url : {"https://169.254.169.254/x", "https://127.0.0.1/x",
                                "https://10.0.0.1/x", "http://crm.example/x"}) {
            auto const refused =
                admin("POST", "/api/v1/bots", json_object{{"name", "x"}, {block, {{"url", url}}}});
            EXPECT_EQ(refused.status, 422) << url;
            EXPECT_NE(refused.body.find(std::string("/") + block + "/url"), std::string::npos)
                << refused.body;
        }
}

TEST_F(OutboundInProduction, APushReachesNoPrivateTarget) {  // 21-18
    for (auto const& base : private_targets()) {
        std::string const id = bot({{"post_call_push", {{"url", "{{crm.base}}/calls"}}}});
        auto const got = config_with_base(id, base);
        std::string const session = got.text("session_id");
        EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
                  200);
        auto const call = [&] { return admin("GET", "/api/v1/calls/" + session); };
        ASSERT_TRUE(eventually([&] { return call().text("push_state") == "dead"; })) << base;
        EXPECT_EQ(wire::text_at(logged(call()), "error"), "blocked") << base;
        auto const pushes = admin("GET", "/api/v1/calls/" + session + "/pushes");
        EXPECT_EQ(pushes.json.at(0).at("last_error").as_string(), "blocked") << base;
        EXPECT_EQ(pushes.json.at(0).at("attempts").to_number<int>(), 1) << base;
    }
    EXPECT_EQ(inside.connections(), 0U);
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
