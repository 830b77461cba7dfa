// What LiveKit should hold for a carrier, as a function of the carrier alone.
#include "server/api/carriers/carrier_wanted.hpp"

#include <gtest/gtest.h>

namespace cxb::api {
namespace {

using wire::json_array;
using wire::json_object;

json_object did(char const* number, char const* direction) {
    return {{"id", "d"}, {"number", number}, {"direction", direction}};
}

json_object carrier(json_array dids, json_object extra = {}) {
    json_object out{{"_id", "c1"},
                    {"sip_address", "sip.acme.example"},
                    {"transport", "auto"},
                    {"destination_country", ""},
                    {"inbound_auth_mode", "credentials"},
                    {"dids", std::move(dids)}};
    for (auto const& [name, value] : extra)
        out[name] = value;
    return out;
}

std::string wanted(livekit_kind const& kind, json_object const& of) {
    auto const out = wanted_object(kind, of);
    return out ? wire::to_text(*out) : "none";
}

TEST(CarrierWanted, DirectionsDecideWhatIsThere) {
    struct row {
        json_array dids;
        char const* kinds;
    };
    for (auto const& [dids, kinds] :
         {row{{}, "---"}, row{{did("1", "inbound")}, "i-r"}, row{{did("1", "outbound")}, "-o-"},
          row{{did("1", "both")}, "ior"},
          row{{did("1", "inbound"), did("2", "outbound")}, "ior"}}) {
        auto const of = carrier(dids);
        std::string got;
        got += wanted_object(inbound_trunk, of) ? 'i' : '-';
        got += wanted_object(outbound_trunk, of) ? 'o' : '-';
        got += wanted_object(dispatch_rule, of) ? 'r' : '-';
        EXPECT_EQ(got, kinds) << wire::to_text(dids);
    }
}

TEST(CarrierWanted, NumbersOfEachDirectionInTheirOrder) {
    auto const of = carrier({did("1", "both"), did("2", "inbound"), did("3", "outbound")});
    EXPECT_EQ(wire::to_text(wanted_object(inbound_trunk, of)->at("numbers")), R"(["1","2"])");
    EXPECT_EQ(wire::to_text(wanted_object(outbound_trunk, of)->at("numbers")), R"(["1","3"])");
}

TEST(CarrierWanted, TheWholeOfEach) {
    auto const of = carrier({did("+911140000001", "both")}, {{"inbound_auth_username", "in"},
                                                             {"inbound_auth_password", "in-word"},
                                                             {"outbound_auth_username", "out"},
                                                             {"outbound_auth_password", "out-word"},
                                                             {"lk_inbound_trunk_id", "ST_1"}});
    EXPECT_EQ(wanted(inbound_trunk, of),
              R"({"name":"cxb-c1-in","metadata":"{\"cxb_carrier_id\":\"c1\"}",)"
              R"("numbers":["+911140000001"],"include_headers":"SIP_X_HEADERS",)"
              R"("auth_username":"in","auth_password":"in-word"})");
    EXPECT_EQ(wanted(outbound_trunk, of),
              R"({"name":"cxb-c1-out","metadata":"{\"cxb_carrier_id\":\"c1\"}",)"
              R"("address":"sip.acme.example","transport":"SIP_TRANSPORT_AUTO",)"
              R"("destination_country":"","numbers":["+911140000001"],)"
              R"("auth_username":"out","auth_password":"out-word"})");
    EXPECT_EQ(wanted(dispatch_rule, of),
              R"({"name":"cxb-c1","metadata":"{\"cxb_carrier_id\":\"c1\"}",)"
              R"("trunk_ids":["ST_1"],)"
              R"("rule":{"dispatch_rule_individual":{"room_prefix":"call-"}}})");
}

TEST(CarrierWanted, EmptyOnesFallBackToTheOldMembers) {
    json_object const old{{"auth_username", "old"}, {"auth_password", "old-word"}};
    auto of = carrier({did("1", "both")}, old);
    for (auto const* kind : {&inbound_trunk, &outbound_trunk}) {
        EXPECT_EQ(wire::text_at(*wanted_object(*kind, of), "auth_username"), "old");
        EXPECT_EQ(wire::text_at(*wanted_object(*kind, of), "auth_password"), "old-word");
    }
    of["outbound_auth_username"] = "out";
    EXPECT_EQ(wire::text_at(*wanted_object(outbound_trunk, of), "auth_username"), "out");
    EXPECT_EQ(wire::text_at(*wanted_object(outbound_trunk, of), "auth_password"), "old-word");
    EXPECT_EQ(wire::text_at(*wanted_object(inbound_trunk, of), "auth_username"), "old");
}

TEST(CarrierWanted, ByAddressThereAreNoCredentials) {
    auto of = carrier({did("1", "inbound")}, {{"inbound_auth_mode", "ip"},
                                              {"inbound_auth_username", "in"},
                                              {"auth_password", "old-word"},
                                              {"inbound_allowed_addresses", json_array{}},
                                              {"allowed_addresses", {"203.0.113.9"}}});
    auto const by_old = *wanted_object(inbound_trunk, of);
    EXPECT_EQ(wire::to_text(by_old.at("allowed_addresses")), R"(["203.0.113.9"])");
    EXPECT_FALSE(by_old.contains("auth_username"));
    EXPECT_FALSE(by_old.contains("auth_password"));
    of["inbound_allowed_addresses"] = json_array{"203.0.113.0/28"};
    EXPECT_EQ(wire::to_text(wanted_object(inbound_trunk, of)->at("allowed_addresses")),
              R"(["203.0.113.0/28"])");
}

TEST(CarrierWanted, TransportsHaveLiveKitsWords) {
    for (auto const& [word, livekit] :
         {std::pair{"auto", "SIP_TRANSPORT_AUTO"}, std::pair{"tcp", "SIP_TRANSPORT_TCP"},
          std::pair{"udp", "SIP_TRANSPORT_UDP"}, std::pair{"tls", "SIP_TRANSPORT_TLS"}}) {
        auto const of = carrier({did("1", "outbound")}, {{"transport", word}});
        EXPECT_EQ(wire::text_at(*wanted_object(outbound_trunk, of), "transport"), livekit);
    }
}

}  // namespace
}  // namespace cxb::api
