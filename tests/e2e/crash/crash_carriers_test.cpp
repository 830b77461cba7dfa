// kill -9 of the API between an answer of LiveKit and the carrier that is to keep it, against a
// real LiveKit server: afterwards nothing exists twice there, and the carrier knows what there is.
#include "cxb/contract/livekit/access_token.hpp"
#include "e2e/crash/crash_subject.hpp"
#include "support/livekit_server.hpp"
#include "support/required.hpp"

namespace cxb::e2e {
namespace {

namespace lk = contract::livekit;
using namespace std::chrono_literals;

class CrashCarriers : public crash_subject {
  protected:
    void SetUp() override {
        CXB_SKIP_IF_MISSING(test::missing_for_livekit_server());
        crash_subject::SetUp();
        livekit = std::make_unique<test::livekit_server>();
        more["CXB_LIVEKIT_URL"] = livekit->url();
        more["CXB_LIVEKIT_API_KEY"] = livekit->api_key;
        more["CXB_LIVEKIT_API_SECRET"] = livekit->api_secret;
        forbid(livekit->api_secret);
    }

    wire::json_array listed(std::string const& method) {
        auto const token = lk::mint_token(livekit->api_key, secret(livekit->api_secret),
                                          lk::server(), real_clock().now());
        auto const answer = parsed_object(livekit->ask(method, "{}", token.value()));
        auto const* items = answer.if_contains("items");
        return items != nullptr ? items->as_array() : wire::json_array{};
    }
    // Inbound trunks, outbound trunks, rules.
    std::string counts() {
        std::string out;
        for (char const* method :
             {"ListSIPInboundTrunk", "ListSIPOutboundTrunk", "ListSIPDispatchRule"})
            out += std::to_string(listed(method).size());
        return out;
    }
    std::string id_at_livekit(std::string const& method, char const* member) {
        auto const items = listed(method);
        return items.size() == 1 ? std::string(wire::text_at(items[0].as_object(), member)) : "";
    }
    wire::json_object the_carrier() {
        auto const all = admin("GET", "/api/v1/carriers");
        auto const* items = all.body.if_contains("items");
        EXPECT_TRUE(items != nullptr && items->as_array().size() == 1) << all.text;
        return items != nullptr && items->as_array().size() == 1 ? items->as_array()[0].as_object()
                                                                 : wire::json_object{};
    }
    bool is_synced() {
        return asking_eventually(
            [&] { return wire::text_at(the_carrier(), "lk_sync_status") == "synced"; }, 60s);
    }
    wire::json_object const acme{
        {"name", "Acme SIP"},
        {"sip_address", "sip.acme.example:5060"},
        {"dids", wire::json_array{wire::json_object{{"number", "+911140000001"}}}}};

    std::unique_ptr<test::livekit_server> livekit;
};

// 21-34
TEST_F(CrashCarriers, NothingIsMadeTwiceWhereverItDies) {
    // For each object one question and one change: it dies after each of the three changes.
    start_dying("livekit.answered", 2);
    (void)admin("POST", "/api/v1/carriers", acme);  // it dies before it answers
    expect_death();
    EXPECT_EQ(counts(), "100");
    launch_dying("livekit.answered", 4);
    expect_death();
    EXPECT_EQ(counts(), "110");
    launch_dying("livekit.answered", 6);
    expect_death();
    EXPECT_EQ(counts(), "111");
    EXPECT_EQ(rows("select count(*) from carriers where "
                   "json_extract(doc,'$.lk_inbound_trunk_id') is not null"),
              "0\n");
    start_sound();
    ASSERT_TRUE(is_synced());
    EXPECT_EQ(counts(), "111");
    auto const carrier = the_carrier();
    EXPECT_EQ(wire::text_at(carrier, "lk_inbound_trunk_id"),
              id_at_livekit("ListSIPInboundTrunk", "sip_trunk_id"));
    EXPECT_EQ(wire::text_at(carrier, "lk_outbound_trunk_id"),
              id_at_livekit("ListSIPOutboundTrunk", "sip_trunk_id"));
    EXPECT_EQ(wire::text_at(carrier, "lk_dispatch_rule_id"),
              id_at_livekit("ListSIPDispatchRule", "sip_dispatch_rule_id"));
    EXPECT_EQ(rows("select count(*) from dids"), "1\n");
}

// 21-34
TEST_F(CrashCarriers, WhatIsRemovedGoesWhereverItDies) {
    start_api(more);
    auto const made = admin("POST", "/api/v1/carriers", acme);
    ASSERT_EQ(made.status, 201) << made.text;
    ASSERT_TRUE(is_synced());
    auto const path = "/api/v1/carriers/" + std::string(wire::text_at(made.body, "id"));
    kill_api();
    // The rule has gone, the trunk it was for is there.
    start_dying("livekit.answered", 2);
    (void)admin("PUT", path,
                {{"dids", wire::json_array{wire::json_object{{"number", "+911140000001"},
                                                             {"direction", "outbound"}}}}});
    expect_death();
    EXPECT_EQ(counts(), "110");
    start_sound();
    ASSERT_TRUE(is_synced());
    EXPECT_EQ(counts(), "010");
    EXPECT_EQ(wire::text_at(the_carrier(), "lk_inbound_trunk_id"), "");
    kill_api();
    // Of the carrier that was deleted nothing is left.
    start_dying("livekit.answered", 2);
    (void)admin("DELETE", path);
    expect_death();
    start_sound();
    EXPECT_TRUE(test::eventually([&] { return counts() == "000"; }, 60s));
    EXPECT_EQ(rows("select count(*) from carriers"), "0\n");
    EXPECT_TRUE(rows_become("select count(*) from jobs where json_extract(doc,'$.state') <> 'done'",
                            "0\n"));
}

// 21 §7: the clean-up of another process had ended when this one made something.
TEST_F(CrashCarriers, WhatWasMadeForACarrierThatIsGoneIsRemoved) {
    start_dying("livekit.answered", 2);
    (void)admin("POST", "/api/v1/carriers", acme);
    expect_death();
    EXPECT_EQ(counts(), "100");
    rows("delete from carriers; delete from dids");
    start_sound();
    EXPECT_TRUE(test::eventually([&] { return counts() == "000"; }, 60s));
    EXPECT_TRUE(rows_become("select json_extract(doc,'$.state') from jobs", "done\n"));
}

}  // namespace
}  // namespace cxb::e2e
