// Carriers and their numbers without LiveKit: what is stored, shown, refused, and by whom.
#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "server/api/carriers/carrier_limits.hpp"
#include "server/api/carriers_fixture.hpp"

namespace cxb::api::test {
namespace {

struct Carriers : CarrierFixture {
    void SetUp() override { start(); }
};

TEST_F(Carriers, DefaultsAreAsTheChapterSays) {
    auto const made = make(acme());
    auto const& got = made.json.as_object();
    EXPECT_EQ(made.text("transport"), "auto");
    EXPECT_EQ(made.text("destination_country"), "");
    EXPECT_EQ(made.text("inbound_auth_mode"), "credentials");
    EXPECT_EQ(got.at("outbound_cps").to_number<double>(), 1);
    EXPECT_EQ(got.at("outbound_burst").to_number<int>(), 1);
    EXPECT_EQ(got.at("outbound_channels").to_number<int>(), 10);
    EXPECT_TRUE(got.at("enabled").as_bool());
    EXPECT_TRUE(got.at("dids").as_array().empty());
    EXPECT_EQ(got.at("version").to_number<int>(), 1);
    EXPECT_EQ(made.text("id").size(), 24U);
    EXPECT_FALSE(got.contains("_id"));
    auto const again = shown(made.text("id"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, made.body);
    EXPECT_EQ(admin("GET", carriers_path).json.at("total").to_number<int>(), 1);
}

TEST_F(Carriers, EveryBoundIsKept) {
    auto const bad = [&](json_object extra, std::string const& pointer) {
        refused(admin("POST", carriers_path, acme(std::move(extra))), pointer);
    };
    refused(admin("POST", carriers_path, json_object{{"sip_address", "h"}}), "/name");
    refused(admin("POST", carriers_path, json_object{{"name", "n"}}), "/sip_address");
    bad({{"name", ""}}, "/name");
    bad({{"name", std::string(carrier_name_bytes + 1, 'n')}}, "/name");
    for (char const* address : {"sip:sip.acme.example", "host:0", "host:99999", "a b", "user@host",
                                "host/path", "host:", ""})
        bad({{"sip_address", address}}, "/sip_address");
    bad({{"transport", "sctp"}}, "/transport");
    bad({{"destination_country", "XX"}}, "/destination_country");
    bad({{"destination_country", "IND"}}, "/destination_country");
    bad({{"inbound_auth_mode", "none"}}, "/inbound_auth_mode");
    bad({{"outbound_cps", 0.05}}, "/outbound_cps");
    bad({{"outbound_cps", 100.5}}, "/outbound_cps");
    bad({{"outbound_burst", 0}}, "/outbound_burst");
    bad({{"outbound_burst", 1001}}, "/outbound_burst");
    bad({{"outbound_channels", 0}}, "/outbound_channels");
    bad({{"outbound_channels", 501}}, "/outbound_channels");
    bad({{"inbound_allowed_addresses", {"203.0.113.0/28", "nowhere"}}},
        "/inbound_allowed_addresses/1");
    bad({{"allowed_addresses", {"300.1.1.1"}}}, "/allowed_addresses/0");
    bad({{"dids", {{{"number", "12"}}}}}, "/dids/0/number");
    bad({{"dids", {{{"number", "call me"}}}}}, "/dids/0/number");
    bad({{"dids", {{{"number", "1001"}, {"direction", "up"}}}}}, "/dids/0/direction");
    bad({{"dids", {{{"number", "1001"}}, {{"number", "10 01"}}}}}, "/dids/1/number");
    bad({{"dids", {{{"number", "1001"}, {"bot_id", nobody}}}}}, "/dids/0/bot_id");
    bad({{"inbound_auth_password", "abcd••••••efgh"}}, "/inbound_auth_password");
    EXPECT_EQ(admin("GET", carriers_path).json.at("total").to_number<int>(), 0);
    EXPECT_EQ(count(model::dids), 0);
}

TEST_F(Carriers, OuterBoundsAreAccepted) {
    auto const made = make(acme({{"outbound_cps", 0.1},
                                 {"outbound_burst", 1000},
                                 {"outbound_channels", 500},
                                 {"sip_address", "[2001:db8::1]:5061"},
                                 {"destination_country", "IN"},
                                 {"name", std::string(carrier_name_bytes, 'n')}}));
    EXPECT_EQ(made.json.at("outbound_cps").to_number<double>(), 0.1);
    EXPECT_EQ(made.text("sip_address"), "[2001:db8::1]:5061");
}

TEST_F(Carriers, ModeIpNeedsAddressesAndNumbersHaveOneCarrier) {  // 21-35
    refused(admin("POST", carriers_path, acme({{"inbound_auth_mode", "ip"}})),
            "/inbound_allowed_addresses");
    auto const by_ip = make(acme({{"inbound_auth_mode", "ip"},
                                  {"allowed_addresses", {"203.0.113.9"}},
                                  {"dids", {{{"number", "011-4000 0001"}}}}}));
    EXPECT_EQ(by_ip.json.at("dids").at(0).at("number").as_string(), "+911140000001");
    refused(admin("PUT", path_of(by_ip.text("id")),
                  json_object{{"allowed_addresses", wire::json_array{}}}),
            "/inbound_allowed_addresses");
    for (char const* form : {"+911140000001", "911140000001", "(011) 40000001"}) {
        auto const second =
            admin("POST", carriers_path, acme({{"name", "Other"}, {"dids", {{{"number", form}}}}}));
        EXPECT_EQ(second.status, 409) << second.body;
        EXPECT_EQ(second.text("code"), "number_in_use");
        EXPECT_EQ(second.text("number"), "+911140000001");
        EXPECT_EQ(second.text("carrier_id"), by_ip.text("id"));
    }
    auto const other = make(acme({{"name", "Other"}, {"dids", {{{"number", "1001"}}}}}));
    auto const id = other.text("id");
    json_object const taken{{"number", "+911140000001"}};
    EXPECT_EQ(admin("POST", path_of(id, "/dids"), taken).text("code"), "number_in_use");
    EXPECT_EQ(admin("PUT", path_of(id, "/dids/" + did_of(other)), taken).text("code"),
              "number_in_use");
    EXPECT_EQ(admin("POST", path_of(id, "/dids"), json_object{{"number", "1001"}}).status, 409);
    EXPECT_EQ(count(model::dids), 2);
    EXPECT_EQ(shown(id).json.at("version").to_number<int>(), 1);
}

TEST_F(Carriers, ANameBelongsToOneCarrier) {
    auto const first = make(acme());
    EXPECT_EQ(admin("POST", carriers_path, acme()).text("code"), "name_in_use");
    auto const second = make(acme({{"name", "Other"}}));
    auto const renamed =
        admin("PUT", path_of(second.text("id")), json_object{{"name", "Acme SIP"}});
    EXPECT_EQ(renamed.status, 409);
    EXPECT_EQ(renamed.text("code"), "name_in_use");
    EXPECT_EQ(admin("PUT", path_of(first.text("id")), json_object{{"name", "Acme SIP"}}).status,
              200);
}

TEST_F(Carriers, PasswordsAreMaskedAndAMaskKeepsThem) {
    auto const made = make(acme({{"outbound_auth_password", "outbound-password"},
                                 {"inbound_auth_password", "short"},
                                 {"auth_password", "legacy-password-x"}}));
    EXPECT_EQ(made.text("outbound_auth_password"), "outb••••••word");
    EXPECT_EQ(made.text("inbound_auth_password"), "••••••••");
    auto const id = made.text("id");
    auto const stored = [&](char const* name) {
        return rows("select json_extract(doc,'$." + std::string(name) + "') from carriers");
    };
    // Without a key nothing is sealed, so the file shows what is kept.
    EXPECT_EQ(stored("outbound_auth_password"), "outbound-password\n");
    json_object whole = shown(id).json.as_object();
    whole["name"] = "Acme 2";
    auto const put = admin("PUT", path_of(id), whole);
    ASSERT_EQ(put.status, 200) << put.body;
    EXPECT_EQ(put.text("name"), "Acme 2");
    EXPECT_EQ(stored("outbound_auth_password"), "outbound-password\n");
    EXPECT_EQ(stored("inbound_auth_password"), "short\n");
    refused(admin("PUT", path_of(id), json_object{{"auth_password", "xxxx••••••yyyy"}}),
            "/auth_password");
    EXPECT_EQ(admin("PUT", path_of(id),
                    json_object{{"outbound_auth_password", "another-password"},
                                {"inbound_auth_password", nullptr}})
                  .status,
              200);
    EXPECT_EQ(stored("outbound_auth_password"), "another-password\n");
    EXPECT_EQ(stored("inbound_auth_password"), "\n");
    EXPECT_EQ(stored("auth_password"), "legacy-password-x\n");
    for (char const* hidden : {"outbound-password", "another-password", "legacy-password-x"})
        EXPECT_EQ(rows("select doc from audit_log").find(hidden), std::string::npos) << hidden;
}

TEST_F(Carriers, WhatAPutLeavesOutStays) {
    auto const made = make(acme({{"outbound_cps", 2.5},
                                 {"transport", "tls"},
                                 {"dids", {{{"number", "1001"}, {"label", "Front desk"}}}}}));
    auto const id = made.text("id");
    auto const put = admin("PUT", path_of(id), json_object{{"outbound_burst", 7}});
    ASSERT_EQ(put.status, 200) << put.body;
    EXPECT_EQ(put.json.at("outbound_cps").to_number<double>(), 2.5);
    EXPECT_EQ(put.json.at("dids"), made.json.at("dids"));
    EXPECT_EQ(put.json.at("version").to_number<int>(), 2);
    EXPECT_EQ(admin("PUT", path_of(id), json_object{{"transport", nullptr}}).text("transport"),
              "auto");
    // A list of numbers is the whole list; those that stay keep their ids.
    auto const list = admin("PUT", path_of(id),
                            json_object{{"dids", {{{"number", "1002"}}, {{"number", "1001"}}}}});
    ASSERT_EQ(list.status, 200) << list.body;
    EXPECT_EQ(did_of(list, 1), did_of(made));
    EXPECT_EQ(list.json.at("dids").at(1).at("label").as_string(), "");
    EXPECT_EQ(rows("select group_concat(n) from (select json_extract(doc,'$.number') n from dids "
                   "order by n)"),
              "1001,1002\n");
    EXPECT_EQ(admin("PUT", path_of(id), json_object{{"dids", {{{"number", "1002"}}}}}).status, 200);
    EXPECT_EQ(rows("select json_extract(doc,'$.number') from dids"), "1002\n");
}

TEST_F(Carriers, NumbersAreChangedOneByOne) {
    auto const bot = make_bot();
    auto const id = make(acme()).text("id");
    auto const added = admin("POST", path_of(id, "/dids"),
                             json_object{{"number", "98765 43210"}, {"bot_id", bot}});
    ASSERT_EQ(added.status, 201) << added.body;
    auto const did = did_of(added);
    EXPECT_EQ(added.json.at("dids").at(0).at("number").as_string(), "+919876543210");
    EXPECT_EQ(added.json.at("dids").at(0).at("direction").as_string(), "both");
    auto const put = admin("PUT", path_of(id, "/dids/" + did),
                           json_object{{"direction", "inbound"}, {"number", "1001"}});
    ASSERT_EQ(put.status, 200) << put.body;
    EXPECT_EQ(put.json.at("dids").at(0).at("bot_id").as_string(), bot);
    EXPECT_EQ(rows("select json_extract(doc,'$.number','$.direction','$.bot_id','$.last10') "
                   "from dids"),
              R"(["1001","inbound",")" + bot + "\",null]\n");
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + bot).text("code"), "bot_in_use");
    auto const freed = admin("PUT", path_of(id, "/dids/" + did), json_object{{"bot_id", nullptr}});
    EXPECT_FALSE(freed.json.at("dids").at(0).as_object().contains("bot_id"));
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + bot).status, 200);
    refused(admin("PUT", path_of(id, "/dids/" + did), json_object{{"bot_id", bot}}), "/bot_id");
    refused(admin("POST", path_of(id, "/dids"), json_object{{"label", "x"}}), "/number");
    refused(admin("POST", path_of(id, "/dids"), json_object{{"number", "12"}}), "/number");
    EXPECT_EQ(admin("DELETE", path_of(id, "/dids/" + did)).text("status"), "deleted");
    auto const again = admin("DELETE", path_of(id, "/dids/" + did));
    EXPECT_EQ(again.status, 404);
    EXPECT_EQ(again.text("detail"), "DID not found");
    EXPECT_EQ(count(model::dids), 0);
}

TEST_F(Carriers, MappingANumberIsAUseOfTheBot) {
    auto const bot = make_bot();
    auto const use = [&] {
        return rows("select json_extract(doc,'$.use_rev') from bots where id='" + bot + "'");
    };
    auto const id = make(acme({{"dids", {{{"number", "1001"}, {"bot_id", bot}}}}})).text("id");
    EXPECT_EQ(use(), "1\n");
    EXPECT_EQ(admin("PUT", path_of(id), json_object{{"outbound_burst", 2}}).status, 200);
    EXPECT_EQ(use(), "1\n");
    EXPECT_EQ(admin("POST", path_of(id, "/dids"), json_object{{"number", "1002"}, {"bot_id", bot}})
                  .status,
              201);
    EXPECT_EQ(use(), "2\n");
}

TEST_F(Carriers, WhatARunningCampaignCallsWithStays) {
    auto const made = make(acme({{"dids", {{{"number", "1001"}}, {{"number", "1002"}}}}}));
    auto const id = made.text("id");
    store_beside beside(settings);
    auto const pool = [&](wire::json_array numbers, char const* status) {
        ASSERT_TRUE(
            beside.run(beside->update_one(model::campaigns, store::by_id("c1"),
                                          store::update{}
                                              .set("name", "Reminders")
                                              .set("status", json_value(std::string_view(status)))
                                              .set("number_pool", std::move(numbers)),
                                          true)));
    };
    auto const blocked = [&](answer const& got) {
        EXPECT_EQ(got.status, 409) << got.body;
        EXPECT_EQ(got.text("code"), "carrier_in_use");
        EXPECT_EQ(wire::to_text(got.json.at("campaigns")), R"([{"id":"c1","name":"Reminders"}])");
    };
    for (json_value const& entry :
         {json_value("1001"), json_value(did_of(made)), json_value(json_object{{"number", "1001"}}),
          json_value(json_object{{"did_id", did_of(made)}})}) {
        pool({"+911140000009", entry}, "running");
        blocked(admin("DELETE", path_of(id)));
        blocked(admin("DELETE", path_of(id, "/dids/" + did_of(made))));
        blocked(admin("PUT", path_of(id), json_object{{"dids", {{{"number", "1002"}}}}}));
        blocked(
            admin("PUT", path_of(id, "/dids/" + did_of(made)), json_object{{"number", "1003"}}));
    }
    pool({"1001"}, "running");
    // What it does not call with may go, and the rest of the number may change.
    EXPECT_EQ(
        admin("PUT", path_of(id, "/dids/" + did_of(made)), json_object{{"label", "x"}}).status,
        200);
    EXPECT_EQ(admin("DELETE", path_of(id, "/dids/" + did_of(made, 1))).status, 200);
    pool({"1001"}, "paused");
    EXPECT_EQ(admin("DELETE", path_of(id)).status, 200);
    EXPECT_EQ(count(model::dids), 0);
    EXPECT_EQ(shown(id).text("detail"), "Carrier not found");
}

TEST_F(Carriers, ACarrierHasAtMostAThousandNumbers) {
    wire::json_array dids;
    for (std::size_t i = 0; i < max_dids; ++i)
        dids.push_back(json_object{{"number", std::to_string(100000 + i)}});
    auto const full = make(acme({{"dids", dids}}));
    auto const more =
        admin("POST", path_of(full.text("id"), "/dids"), json_object{{"number", "999999"}});
    EXPECT_EQ(more.status, 409);
    EXPECT_EQ(more.text("code"), "too_many_numbers");
    dids.push_back(json_object{{"number", "999999"}});
    refused(admin("POST", carriers_path, acme({{"name", "Other"}, {"dids", dids}})), "/dids");
    EXPECT_EQ(
        admin("POST", carriers_path, acme({{"name", std::string(carrier_body_bytes, 'n')}})).status,
        413);
    EXPECT_EQ(count(model::dids), 1000);
}

TEST_F(Carriers, TwoAtOnceCannotTakeOneNumber) {
    auto const bearer = "Bearer " + token();
    auto const got = at_once(8, [&](std::size_t i) {
        client::outgoing_request request{url() + carriers_path, {}};
        request.message.method = "POST";
        request.message.headers = {{"Authorization", bearer}, {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(acme(
            {{"name", "Carrier " + std::to_string(i)}, {"dids", {{{"number", "+911140000001"}}}}}));
        return request;
    });
    EXPECT_EQ(std::ranges::count(got, 201, &answer::status), 1);
    EXPECT_EQ(std::ranges::count(got, 409, &answer::status), 7);
    EXPECT_EQ(count(model::dids), 1);
    EXPECT_EQ(count(model::carriers), 1);
}

TEST_F(Carriers, WithoutLiveKitTheyStayPendingAndHaveNoJob) {  // 21-34
    auto const made = make(acme({{"dids", {{{"number", "1001"}}}}}));
    EXPECT_EQ(made.text("lk_sync_status"), "pending");
    auto const synced = admin("POST", path_of(made.text("id"), "/sync"));
    EXPECT_EQ(synced.status, 503);
    EXPECT_EQ(synced.text("detail"), "LiveKit not configured");
    EXPECT_EQ(admin("POST", path_of(nobody, "/sync")).status, 404);
    EXPECT_EQ(admin("DELETE", path_of(made.text("id"))).status, 200);
    EXPECT_EQ(rows("select count(*) from jobs"), "0\n");
    EXPECT_FALSE(send("GET", "/ready").json.at("checks").as_object().contains("livekit"));
}

TEST_F(Carriers, WhatIsNotThereIs404AndEachChangeHasAnAuditRow) {
    auto const id = make(acme({{"dids", {{{"number", "1001"}}}}})).text("id");
    for (auto const& [method, path] :
         std::vector<std::pair<std::string, std::string>>{{"GET", path_of(nobody)},
                                                          {"PUT", path_of(nobody)},
                                                          {"DELETE", path_of(nobody)},
                                                          {"DELETE", path_of(nobody, "/dids/x")}}) {
        auto const got =
            admin(method, path, method == "PUT" ? json_value(json_object{}) : json_value());
        EXPECT_EQ(got.status, 404) << method << path;
        EXPECT_EQ(got.text("detail"), "Carrier not found");
    }
    EXPECT_EQ(admin("POST", path_of(nobody, "/dids"), json_object{{"number", "1003"}}).status, 404);
    EXPECT_EQ(admin("PUT", path_of(id, "/dids/x"), json_object{{"label", "y"}}).text("detail"),
              "DID not found");
    EXPECT_EQ(admin("PUT", path_of(id), json_object{{"enabled", false}}).status, 200);
    EXPECT_EQ(rows("select json_extract(doc,'$.enabled') from dids"), "0\n");
    EXPECT_EQ(admin("DELETE", path_of(id)).status, 200);
    EXPECT_EQ(rows("select group_concat(a) from (select json_extract(doc,'$.action') a from "
                   "audit_log where json_extract(doc,'$.target.type')='carrier' order by "
                   "json_extract(doc,'$.seq'))"),
              "carrier.create,carrier.update,carrier.delete\n");
}

TEST_F(Carriers, OnlyASuperAdminChangesThem) {
    auto const made = make(acme({{"dids", {{{"number", "1001"}}}}}));
    auto const id = made.text("id");
    ASSERT_EQ(admin("POST", "/api/v1/auth/register",
                    json_object{{"email", "ops@example.com"},
                                {"password", "another-horse-battery"},
                                {"name", "Ops"},
                                {"role", "admin"}})
                  .status,
              201);
    auto const login =
        send("POST", "/api/v1/auth/login",
             json_object{{"email", "ops@example.com"}, {"password", "another-horse-battery"}});
    auto const as_admin = [&](std::string const& method, std::string const& path) {
        bool const body = method == "POST" || method == "PUT";
        return send(method, path, body ? json_value(json_object{}) : nullptr,
                    {{"Authorization", "Bearer " + login.text("access_token")}})
            .status;
    };
    EXPECT_EQ(as_admin("GET", carriers_path), 200);
    EXPECT_EQ(as_admin("GET", path_of(id)), 200);
    EXPECT_EQ(as_admin("POST", carriers_path), 403);
    for (char const* method : {"PUT", "DELETE"}) {
        EXPECT_EQ(as_admin(method, path_of(id)), 403);
        EXPECT_EQ(as_admin(method, path_of(id, "/dids/" + did_of(made))), 403);
    }
    EXPECT_EQ(as_admin("POST", path_of(id, "/dids")), 403);
    EXPECT_EQ(as_admin("POST", path_of(id, "/sync")), 403);
    EXPECT_EQ(core("GET", carriers_path).status, 401);
}

TEST_F(Carriers, PasswordsAreSealedAtRest) {
    stop();
    settings.secrets_key = secret(to_base64(std::string(32, 'k')));
    start();
    auto const made = make(acme({{"outbound_auth_password", "outbound-password"},
                                 {"inbound_auth_password", "inbound-password"}}));
    EXPECT_EQ(admin("PUT", path_of(made.text("id")), json_object{{"enabled", false}}).status, 200);
    auto const stored = rows("select doc from carriers");
    EXPECT_EQ(stored.find("outbound-password"), std::string::npos);
    EXPECT_EQ(stored.find("inbound-password"), std::string::npos);
    EXPECT_EQ(shown(made.text("id")).text("outbound_auth_password"), "outb••••••word");
}

// What a change may leave out is not told as required.
TEST_F(Carriers, TheDocumentTellsWhatAChangeMayLeaveOut) {
    auto const document = send("GET", "/openapi.json", {}, {});
    auto const& schemas = document.json.at("components").at("schemas").as_object();
    for (auto const& [whole, changes] :
         {std::pair("carrier_body", "carrier_changes"), std::pair("did_body", "did_changes")}) {
        EXPECT_TRUE(schemas.at(whole).as_object().contains("required")) << whole;
        EXPECT_FALSE(schemas.at(changes).as_object().contains("required")) << changes;
    }
}

}  // namespace
}  // namespace cxb::api::test
