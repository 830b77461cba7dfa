// The account at Exotel, its numbers and test calls (spec 21 §8).
#include "server/api/exotel/exotel_call.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/testing/fault_transport.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "server/api/exotel/exotel_directory.hpp"
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* exotel_path = "/api/v1/integrations/exotel";
constexpr char const* options_path = "/api/v1/integrations/exotel/test-call-options";
constexpr char const* flow = "http://my.exotel.com/acme1/exoml/start_voice/100?a=1&b=2";
constexpr char const* xml_answer =
    R"(<?xml version="1.0"?><TwilioResponse><Call><Sid>c579</Sid><Status>in-progress</Status>)"
    R"(</Call></TwilioResponse>)";

constexpr char const* xml_refusal =
    "<TwilioResponse><RestException><Message>Not authorised</Message></RestException>"
    "</TwilioResponse>";

struct Exotel : api_test {
    std::atomic<int> status{200};
    peer provider{[this](wire::http_request const&, int) {
        wire::http_response out;
        out.status = status;
        out.headers.set("Content-Type", "application/xml");
        out.body = status < 400 ? xml_answer : xml_refusal;
        return out;
    }};

    void SetUp() override { start(); }
    answer shown() { return admin("GET", exotel_path); }
    answer put(json_object const& body) { return admin("PUT", exotel_path, body); }
    void configure() {
        auto const got = put({{"account_sid", "acme 1"},
                              {"api_key", "hush-key-of-exotel"},
                              {"api_token", "hush-token-of-exotel"},
                              {"api_base_url", provider.url() + "/"}});
        ASSERT_EQ(got.status, 200) << got.body;
    }
    answer add(json_object const& body) {
        return admin("POST", std::string(exotel_path) + "/dids", body);
    }
    std::string add_number(json_object more = {}) {
        more["number"] = "080 4000 0001";
        auto const made = add(more);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.text("id");
    }
    static std::string did_path(std::string const& id, std::string const& what = {}) {
        return exotel_path + ("/dids/" + id) + what;
    }
    answer test_call(std::string const& id, std::string const& number = "98765 43210",
                     wire::header_list headers = {}) {
        return admin("POST", did_path(id, "/test-call"), json_object{{"customer_number", number}},
                     std::move(headers));
    }
    std::string audit_of(std::string const& action) {
        return admin("GET", "/api/v1/audit?action=" + action).body;
    }
};

TEST_F(Exotel, KeyAndTokenAreShownToNobody) {  // 21-38
    settings.secrets_key = secret(to_base64(std::string(32, '1')));
    restart();
    auto const empty = shown();
    ASSERT_EQ(empty.status, 200) << empty.body;
    EXPECT_EQ(empty.text("status"), "not_configured");
    EXPECT_EQ(empty.text("api_base_url"), "https://api.exotel.com");
    configure();
    auto const id = add_number({{"flow_url", flow}});
    std::string seen = shown().body + put({{"account_sid", "acme1"}}).body +
                       admin("GET", options_path).body + test_call(id).body +
                       admin("GET", "/api/v1/audit").body;
    seen += cxb::test::read_file(settings.data_dir + "/cxb.db");
    seen += cxb::test::read_file(settings.data_dir + "/cxb.db-wal");
    EXPECT_EQ(seen.find("hush-"), std::string::npos) << seen.substr(seen.find("hush-"), 60);
    EXPECT_NE(seen.find("acme1"), std::string::npos);
    auto const now = shown();
    EXPECT_EQ(now.text("status"), "configured");
    EXPECT_TRUE(now.json.at("credentials_configured").as_bool());
    EXPECT_EQ(now.text("api_base_url"), provider.url());
    EXPECT_EQ(now.json.as_object().size(), 5U) << now.body;
    EXPECT_EQ(provider.requests().at(0).headers.get("Authorization"),
              "Basic " + to_base64("hush-key-of-exotel:hush-token-of-exotel"));
}

TEST_F(Exotel, TheFormOfATestCallIsExactlyThis) {  // 21-38
    configure();
    auto const id = add_number({{"flow_url", flow}});
    auto const got = test_call(id);
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body, R"({"status":"ok","call_sid":"c579"})");
    ASSERT_EQ(provider.count(), 1U);
    auto const request = provider.requests()[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/Accounts/acme%201/Calls/connect");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body,
              "From=%2B919876543210&CallerId=%2B918040000001"
              "&Url=http%3A%2F%2Fmy.exotel.com%2Facme1%2Fexoml%2Fstart_voice%2F100%3Fa%3D1%26b%3D2"
              "&CallType=trans&CustomField=cxb-test%3A" +
                  id);
    auto const noted = audit_of("exotel_did.test_call");
    EXPECT_NE(noted.find("+918040000001"), std::string::npos) << noted;
    EXPECT_EQ(noted.find("9876543210"), std::string::npos) << noted;
}

TEST_F(Exotel, MaskedAndAbsentSecretsStay) {
    configure();
    auto const id = add_number({{"flow_url", flow}});
    EXPECT_EQ(put({{"api_key", "••••••••"}, {"api_token", "hush••••••otel"}}).status, 200);
    EXPECT_EQ(put({{"account_sid", "acme2"}, {"api_key", nullptr}}).status, 200);
    EXPECT_EQ(test_call(id).status, 200);
    EXPECT_EQ(provider.requests().at(0).headers.get("Authorization"),
              "Basic " + to_base64("hush-key-of-exotel:hush-token-of-exotel"));
    EXPECT_EQ(provider.requests().at(0).path, "/v1/Accounts/acme2/Calls/connect");
    auto const wrong = put({{"account_sid", "acme3"}, {"api_token", "hush•wrong"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(wrong.json.at("errors").at(0).at("pointer").as_string(), "/api_token");
    EXPECT_EQ(shown().text("account_sid"), "acme2");
    EXPECT_EQ(put({{"api_key", ""}}).text("status"), "not_configured");
}

TEST_F(Exotel, AddressesAreJudgedByTheGuard) {
    for (auto const* bad : {"http://10.0.0.1", "https://169.254.169.254/latest", "ftp://x.example",
                            "https://api.exotel.com?x=1", "https://api.exotel.com/#f"}) {
        auto const got = put({{"api_base_url", bad}});
        EXPECT_EQ(got.status, 422) << bad;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), "/api_base_url");
    }
    EXPECT_EQ(shown().text("api_base_url"), "https://api.exotel.com");
    EXPECT_EQ(audit_of("exotel.update").find("exotel.update"), std::string::npos);
}

TEST_F(Exotel, NumbersAreMadeChangedAndRemoved) {
    auto const bot = make_bot();
    auto const made = add({{"number", "080-4000 0001"}, {"label", "Main"}, {"bot_id", bot}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("number"), "+918040000001");
    EXPECT_EQ(add({{"number", "1800"}}).text("number"), "1800");
    auto const id = made.text("id");
    auto const changed = admin("PUT", did_path(id), json_object{{"flow_url", flow}});
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.text("flow_url"), flow);
    EXPECT_EQ(changed.text("label"), "Main");
    EXPECT_EQ(changed.text("bot_id"), bot);
    EXPECT_EQ(admin("PUT", did_path(id), json_object{{"bot_id", ""}}).text("websocket_url"), "");
    auto const all = shown();
    ASSERT_EQ(all.json.at("dids").as_array().size(), 2U) << all.body;
    EXPECT_EQ(all.json.at("dids").at(0).at("bot_id").as_string(), "");
    EXPECT_EQ(admin("DELETE", did_path(id)).text("status"), "deleted");
    auto const again = admin("DELETE", did_path(id));
    EXPECT_EQ(again.status, 404);
    EXPECT_EQ(again.text("detail"), "DID not found");
    EXPECT_EQ(admin("PUT", did_path(id), json_object{{"label", "x"}}).status, 404);
    EXPECT_EQ(shown().json.at("dids").as_array().size(), 1U);
    for (auto const* action : {"exotel_did.create", "exotel_did.update", "exotel_did.delete"})
        EXPECT_NE(audit_of(action).find("+918040000001"), std::string::npos) << action;
}

TEST_F(Exotel, FaultyNumbersChangeNothing) {
    auto const id = add_number();
    auto const taken = add({{"number", "+91 80 4000 0001"}});
    EXPECT_EQ(taken.status, 409);
    EXPECT_EQ(taken.text("code"), "number_in_use");
    for (auto const* bad : {"12", "twelve", "12345678901234567890"}) {
        auto const got = add({{"number", bad}});
        EXPECT_EQ(got.status, 422) << bad;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), "/number");
    }
    auto const gone = make_bot();
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + gone).status, 200);
    for (auto const& bot : {std::string("65f000000000000000000001"), gone}) {
        auto const got = add({{"number", "080 4000 0002"}, {"bot_id", bot}});
        EXPECT_EQ(got.status, 422) << got.body;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), "/bot_id");
        EXPECT_EQ(admin("PUT", did_path(id), json_object{{"bot_id", bot}}).status, 422);
    }
    EXPECT_EQ(add({{"number", "1801"}, {"flow_url", "my.exotel.com"}}).status, 422);
    EXPECT_EQ(admin("PUT", did_path(id), json_object{}).status, 400);
    auto const all = shown();
    ASSERT_EQ(all.json.at("dids").as_array().size(), 1U) << all.body;
    EXPECT_EQ(all.json.at("dids").at(0).at("bot_id").as_string(), "");
}

TEST_F(Exotel, ThereAreAtMost500Numbers) {
    add_number();
    wire::json_array full;
    for (std::size_t i = 0; i < exotel_directory::max_numbers; ++i)
        full.push_back(json_object{{"id", "d" + std::to_string(i)},
                                   {"number", "+9180" + std::to_string(50000000 + i)}});
    store_beside beside(settings);
    ASSERT_TRUE(beside
                    .run(beside->update_one(model::integrations,
                                            store::all_of({store::eq("type", "exotel")}),
                                            store::update{}.set("dids", full)))
                    .value());
    auto const got = add({{"number", "080 4000 0002"}});
    EXPECT_EQ(got.status, 409);
    EXPECT_EQ(got.text("code"), "too_many_numbers");
    EXPECT_EQ(admin("DELETE", did_path("d0")).status, 200);
    EXPECT_EQ(add({{"number", "080 4000 0002"}}).status, 201);
}

TEST_F(Exotel, TheSocketIsWhereTheBotIsReached) {
    auto const bot = make_bot();
    auto const id = add_number({{"bot_id", bot}});
    auto const socket = [&] {
        return std::string(shown().json.at("dids").at(0).at("websocket_url").as_string());
    };
    EXPECT_EQ(socket(), "wss://localhost/exotel/" + bot);
    EXPECT_EQ(
        admin("PUT", "/api/v1/settings/fleet",
              json_object{{"core_fleet", {"https://w1.example.com", "http://w2.example.com"}}})
            .status,
        200);
    EXPECT_EQ(socket(), "wss://w1.example.com/exotel/" + bot);
    settings.fleet.public_wss_base = "wss://media.example.com/";
    restart();
    EXPECT_EQ(socket(), "wss://media.example.com/exotel/" + bot);
    EXPECT_EQ(socket(), admin("GET", "/api/v1/bots/" + bot + "/wss-url").text("exotel_url"));
    EXPECT_EQ(admin("PUT", did_path(id), json_object{{"bot_id", ""}}).status, 200);
    EXPECT_EQ(socket(), "");
}

TEST_F(Exotel, ABotWithANumberCannotBeDeleted) {
    auto const bot = make_bot();
    auto const id = add_number({{"bot_id", bot}});
    auto const kept = admin("DELETE", "/api/v1/bots/" + bot);
    EXPECT_EQ(kept.status, 409);
    EXPECT_EQ(kept.text("code"), "bot_in_use");
    EXPECT_EQ(wire::to_text(kept.json.at("dids")),
              R"([{"id":")" + id + R"(","number":"+918040000001"}])");
    EXPECT_EQ(admin("PUT", did_path(id), json_object{{"bot_id", make_bot()}}).status, 200);
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + bot).status, 200);
}

// Whichever comes first: no number leads to a bot that is gone.
TEST_F(Exotel, MappingAndDeletingAtOnceLeaveNoNumberWithoutItsBot) {
    auto const id = add_number();
    for (int round = 0; round < 8; ++round) {
        auto const bot = make_bot();
        auto const got = at_once(2, [&](std::size_t i) {
            bool const maps = (static_cast<std::size_t>(round) + i) % 2 == 0;
            client::outgoing_request request{
                url() + (maps ? did_path(id) : "/api/v1/bots/" + bot), {}, {}};
            request.message.method = maps ? "PUT" : "DELETE";
            request.message.headers = {{"Authorization", "Bearer " + token()},
                                       {"Content-Type", "application/json"}};
            if (maps) request.message.body = R"({"bot_id":")" + bot + R"("})";
            return request;
        });
        EXPECT_EQ((got[0].status == 200) + (got[1].status == 200), 1) << got[0].body << got[1].body;
        auto const mapped = shown().json.at("dids").at(0).at("bot_id");
        bool const exists = admin("GET", "/api/v1/bots/" + bot).status == 200;
        EXPECT_EQ(mapped.as_string() == bot, exists);
        EXPECT_EQ(admin("PUT", did_path(id), json_object{{"bot_id", ""}}).status, 200);
    }
}

TEST_F(Exotel, OptionsSayWhatIsReady) {
    auto const plain = add_number();
    auto const options = [&] { return admin("GET", options_path); };
    EXPECT_FALSE(options().json.at("configured").as_bool());
    EXPECT_EQ(admin("PUT", did_path(plain), json_object{{"flow_url", flow}}).status, 200);
    EXPECT_FALSE(options().json.at("dids").at(0).at("ready").as_bool());
    configure();
    auto const got = options();
    EXPECT_EQ(wire::to_text(got.json), R"({"configured":true,"dids":[{"id":")" + plain +
                                           R"(","number":"+918040000001","label":"",)"
                                           R"("bot_id":"","ready":true}]})");
}

TEST_F(Exotel, WithoutWhatItNeedsNobodyIsRung) {
    auto const id = add_number();
    auto const bare = test_call(id);
    EXPECT_EQ(bare.status, 409);
    EXPECT_EQ(bare.text("detail"), "Exotel is not configured");
    configure();
    auto const flowless = test_call(id);
    EXPECT_EQ(flowless.status, 409);
    EXPECT_EQ(flowless.text("detail"), "The number has no flow_url");
    EXPECT_EQ(admin("PUT", did_path(id), json_object{{"flow_url", flow}}).status, 200);
    EXPECT_EQ(test_call("65f000000000000000000001").status, 404);
    for (auto const* bad : {"12", "nobody", "1001"}) {
        auto const got = test_call(id, bad);
        EXPECT_EQ(got.status, 422) << bad;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), "/customer_number");
    }
    EXPECT_EQ(provider.count(), 0U);
    EXPECT_EQ(audit_of("exotel_did.test_call").find("test_call"), std::string::npos);
}

TEST_F(Exotel, OneKeyRingsOnce) {
    configure();
    auto const id = add_number({{"flow_url", flow}});
    auto const first = test_call(id, "98765 43210", {{"Idempotency-Key", "k-1"}});
    auto const second = test_call(id, "98765 43210", {{"Idempotency-Key", "k-1"}});
    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(provider.count(), 1U);
    EXPECT_EQ(test_call(id, "98765 43211", {{"Idempotency-Key", "k-1"}}).status, 422);
    EXPECT_EQ(provider.count(), 1U);
}

TEST_F(Exotel, ARefusalOfTheProviderIsToldWithItsStatus) {
    configure();
    auto const id = add_number({{"flow_url", flow}});
    status = 401;
    auto const refused = test_call(id, "98765 43210", {{"Idempotency-Key", "k-1"}});
    EXPECT_EQ(refused.status, 502);
    EXPECT_EQ(refused.json.at("provider_status").to_number<int>(), 401);
    EXPECT_EQ(refused.text("detail"), "Exotel refused the call: Not authorised");
    status = 302;
    EXPECT_EQ(test_call(id).json.at("provider_status").to_number<int>(), 302);
    // Such a fault says nothing about whether the phone rings.
    status = 500;
    auto const doubt = test_call(id, "98765 43210", {{"Idempotency-Key", "k-2"}});
    EXPECT_EQ(doubt.status, 502);
    EXPECT_EQ(doubt.text("code"), "outcome_unknown");
    EXPECT_EQ(doubt.json.at("provider_status").to_number<int>(), 500);
    auto const before = provider.count();
    EXPECT_EQ(test_call(id, "98765 43210", {{"Idempotency-Key", "k-2"}}).status, 409);
    EXPECT_EQ(provider.count(), before);
    // The refused one had no effect: its key may be used again.
    status = 200;
    EXPECT_EQ(test_call(id, "98765 43210", {{"Idempotency-Key", "k-1"}}).status, 200);
}

// A provider that is gone, silent, or breaks off.
TEST(ExotelCall, WhatIsNotAnsweredIsInDoubtOnlyOnceSent) {
    testing::scripted_transport provider;
    provider.otherwise([](client::outgoing_request const&) {
        wire::http_response out;
        out.status = 200;
        out.body = xml_answer;
        return out;
    });
    testing::fault_transport line(provider);
    using testing::fault_kind;
    line.add({fault_kind::refused, 1}).add({fault_kind::timeout, 2});
    line.add({fault_kind::reset_after, 3}).add({fault_kind::reset_before, 4});
    net::event_loops loops(1);
    loops.start();
    auto const place = [&] {
        result<exotel_call_placed> out = error{errc::internal};
        loops.run_and_wait([](client::transport& over,
                              result<exotel_call_placed>& got) -> boost::asio::awaitable<void> {
            got = co_await place_exotel_call(over, {"http://x.example", {}, {}});
        }(line, out));
        return out;
    };
    auto const refused = place();
    EXPECT_EQ(refused.error().code(), errc::upstream_failed);
    EXPECT_EQ(refused.error().reason(), "upstream_failed");
    for (int i = 0; i < 3; ++i) {
        auto const doubt = place();
        EXPECT_EQ(doubt.error().code(), errc::deadline_exceeded);
        EXPECT_EQ(doubt.error().reason(), "outcome_unknown");
    }
    EXPECT_EQ(place().value().call_sid, "c579");
    ASSERT_EQ(provider.calls().size(), 3U);
    EXPECT_EQ(provider.calls().back().options.total, exotel_patience);
    loops.stop();
}

TEST(ExotelCall, TheGuardsRefusalIsNamed) {
    testing::scripted_transport provider;
    provider.fail(error{errc::blocked, "x"}.with_reason("address"));
    net::event_loops loops(1);
    loops.start();
    result<exotel_call_placed> out = error{errc::internal};
    loops.run_and_wait([](client::transport& over,
                          result<exotel_call_placed>& got) -> boost::asio::awaitable<void> {
        got = co_await place_exotel_call(over, {"http://x.example", {}, {}});
    }(provider, out));
    EXPECT_EQ(out.error().code(), errc::upstream_failed);
    EXPECT_EQ(out.error().reason(), "outbound_blocked");
    loops.stop();
}

TEST(ExotelCall, AnswersAreReadInBothLanguages) {
    EXPECT_EQ(exotel_text(xml_answer, "Sid"), "c579");
    EXPECT_EQ(exotel_text(R"({"Call":{"Sid":"j1","To":"1"}})", "Sid"), "j1");
    EXPECT_EQ(exotel_text(R"({"Call":[1],"Sid":"outside"})", "Sid"), "");
    EXPECT_EQ(exotel_text("<Sid>unended", "Sid"), "");
    EXPECT_EQ(exotel_text("<Sid>\xff</Sid>", "Sid"), "");
    EXPECT_EQ(exotel_text("", "Sid"), "");
    EXPECT_EQ(exotel_text("<Sid>" + std::string(500, 'x') + "</Sid>", "Sid").size(), 128U);
}

}  // namespace
}  // namespace cxb::api::test
