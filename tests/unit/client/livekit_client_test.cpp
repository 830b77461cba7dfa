#include "src/client/livekit_client.hpp"

#include "client_fixture.hpp"
#include "cxb/wire/jws.hpp"

namespace {

using namespace cxb;
using namespace cxb::client;
using wire::json_object;

struct LivekitClient : cxb_test::ClientFixture {
    livekit_options to(std::string url) {
        livekit_options out;
        out.way = &net;
        out.time = &clock;
        out.url = std::move(url);
        out.credentials = {"key", secret("the-secret-of-livekit")};
        return out;
    }
    result<json_object> ask(livekit_client const& at, livekit_request request) {
        return runner.run(at.ask(std::move(request)));
    }
    result<json_object> list() {
        livekit_client const at(to("wss://lk.example.com"));
        return ask(at, {"SIP", "ListSIPInboundTrunk", {}});
    }
};

TEST_F(LivekitClient, AsksWithATokenOfItsOwn) {
    net.reply(200, R"({"sip_trunk_id":"ST_1"})");
    livekit_client const at(to("wss://lk.example.com/"));
    auto const got = ask(at, {"SIP", "CreateSIPInboundTrunk", {{"trunk", {{"name", "a"}}}}});
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(livekit_text(*got, "sip_trunk_id"), "ST_1");
    ASSERT_EQ(net.calls().size(), 1U);
    auto const call = net.calls()[0];
    EXPECT_EQ(call.request.url, "https://lk.example.com/twirp/livekit.SIP/CreateSIPInboundTrunk");
    EXPECT_EQ(call.request.message.method, "POST");
    EXPECT_EQ(call.request.message.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(call.request.message.body, R"({"trunk":{"name":"a"}})");
    EXPECT_EQ(call.options.total, std::chrono::milliseconds{5000});
    EXPECT_EQ(call.options.max_response_bytes, livekit_client::longest_answer);
    std::string const bearer(call.request.message.headers.get("Authorization"));
    ASSERT_TRUE(bearer.starts_with("Bearer "));
    secret const keys[] = {secret("the-secret-of-livekit")};
    auto const claims = wire::jws_verify(bearer.substr(7), wire::jws_algorithm::hs256, keys);
    ASSERT_TRUE(claims);
    EXPECT_EQ(wire::text_at(*claims, "iss"), "key");
    EXPECT_TRUE(wire::bool_at(*claims, "sip.admin"));
    EXPECT_TRUE(wire::check_times(*claims, clock.now(), std::chrono::seconds{0}));
}

TEST_F(LivekitClient, AWaitOfItsOwnCanBeShorter) {
    net.reply(200, "{}");
    livekit_client const at(to("http://h:7880"));
    ASSERT_TRUE(ask(at, {"SIP", "ListSIPInboundTrunk", {}, std::chrono::milliseconds{1900}}));
    EXPECT_EQ(net.calls()[0].options.total, std::chrono::milliseconds{1900});
}

TEST(LivekitNames, HttpBase) {
    EXPECT_EQ(livekit_http_base("ws://h:7880"), "http://h:7880");
    EXPECT_EQ(livekit_http_base("wss://h/"), "https://h");
    EXPECT_EQ(livekit_http_base("http://h"), "http://h");
    EXPECT_EQ(livekit_http_base("https://h//"), "https://h");
    EXPECT_EQ(livekit_http_base(""), "");
}

TEST(LivekitNames, BothStylesAreRead) {
    json_object const snake{{"sip_dispatch_rule_id", "SDR_1"}, {"name", "n"}};
    json_object const camel{{"sipDispatchRuleId", "SDR_1"}, {"name", "n"}};
    for (auto const& each : {snake, camel}) {
        EXPECT_EQ(livekit_text(each, "sip_dispatch_rule_id"), "SDR_1");
        EXPECT_EQ(livekit_text(each, "name"), "n");
        EXPECT_EQ(livekit_member(each, "trunk_ids"), nullptr);
        EXPECT_EQ(livekit_text(each, "trunk_ids"), "");
    }
    EXPECT_EQ(livekit_text({{"name", 7}}, "name"), "");
}

TEST_F(LivekitClient, RefusalsAreToldWithItsMessage) {
    net.reply(404, R"({"code":"not_found","msg":"requested sip trunk does not exist"})");
    auto const gone = list();
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), errc::not_found);
    EXPECT_EQ(gone.error().detail(), "requested sip trunk does not exist");
    net.reply(400, R"({"code":"invalid_argument","msg":"no trunk numbers specified"})");
    auto const bad = list();
    EXPECT_EQ(bad.error().code(), errc::upstream_failed);
    EXPECT_EQ(bad.error().reason(), "invalid_argument");
    EXPECT_EQ(bad.error().detail(), "no trunk numbers specified");
    EXPECT_EQ(bad.error().status(), 400);
    net.reply(401, R"({"code":"unauthenticated","msg":"permissions denied"})");
    EXPECT_EQ(list().error().code(), errc::upstream_failed);
    // Something that stands before it: no page of that goes to people.
    for (int const status : {301, 404, 502}) {
        net.reply(status, "<html>no</html>");
        auto const other = list();
        EXPECT_EQ(other.error().code(), errc::upstream_failed);
        EXPECT_EQ(other.error().detail(), "LiveKit answered " + std::to_string(status));
        EXPECT_FALSE(livekit_unreachable(other.error()));
    }
}

TEST_F(LivekitClient, ALongMessageIsCut) {
    net.reply(500,
              wire::to_text(json_object{{"code", "internal"}, {"msg", std::string(5000, 'x')}}));
    EXPECT_EQ(list().error().detail().size(), 500U);
}

TEST_F(LivekitClient, NotReachedIsNotRefused) {
    net.fail(refused());
    auto const away = list();
    EXPECT_EQ(away.error().code(), errc::unavailable);
    EXPECT_EQ(away.error().detail(), "LiveKit unreachable");
    EXPECT_TRUE(livekit_unreachable(away.error()));
    net.fail(timed_out());
    auto const silent = list();
    EXPECT_EQ(silent.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(silent.error().request_sent(), sent_state::maybe);
    EXPECT_TRUE(livekit_unreachable(silent.error()));
    net.fail(error{errc::upstream_failed, "TLS"});
    EXPECT_TRUE(livekit_unreachable(list().error()));
    net.fail(error{errc::too_large});
    EXPECT_EQ(list().error().code(), errc::too_large);
}

TEST_F(LivekitClient, WhatIsNoObjectIsDamaged) {
    for (char const* body : {"", "[]", "null", "{", "OK"}) {
        net.reply(200, body);
        EXPECT_EQ(list().error().code(), errc::corrupt_data) << body;
    }
}

TEST_F(LivekitClient, WithoutAKeyNothingIsSent) {
    auto options = to("ws://h");
    options.credentials.api_secret = secret();
    livekit_client const at(options);
    EXPECT_TRUE(at.configured());
    EXPECT_EQ(ask(at, {"SIP", "ListSIPInboundTrunk", {}}).error().code(), errc::invalid);
    EXPECT_TRUE(net.calls().empty());
    EXPECT_FALSE(livekit_client(to("")).configured());
}

}  // namespace
