#include "cxb/domain/outbound_guard.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb;
using namespace cxb::domain;

guard_policy policy_of(bool production, std::vector<std::string> allow = {},
                       guard_mode mode = guard_mode::user_url) {
    return make_guard_policy(production, allow, mode).value();
}

std::string refusal_of(guard_policy const& policy, std::string_view url) {
    auto const checked = check_url(policy, url);
    if (checked) return "";
    EXPECT_EQ(checked.error().code(), errc::blocked);
    return std::string(checked.error().reason());
}

bool reaches(guard_policy const& policy, char const* address, char const* url = "https://crm.io/") {
    auto const parsed = ip_address::parse(address);
    EXPECT_TRUE(parsed) << address;
    auto const checked = check_address(policy, parse_http_url(url).value(), *parsed);
    if (!checked) EXPECT_EQ(checked.error().reason(), "address");
    return checked.has_value();
}

TEST(OutboundGuard, RefusesUrlsByTheirSyntax) {  // 20-32
    auto const policy = policy_of(true);
    EXPECT_EQ(refusal_of(policy, "https://crm.example/x"), "");
    EXPECT_EQ(refusal_of(policy, "http://crm.example/x"), "scheme");
    EXPECT_EQ(refusal_of(policy, "gopher://crm.example/"), "scheme");
    EXPECT_EQ(refusal_of(policy, "https://u:p@crm.example/"), "userinfo");
    EXPECT_EQ(refusal_of(policy, "https://2130706433/"), "host");
    EXPECT_EQ(refusal_of(policy, "https:///"), "host");
    EXPECT_EQ(refusal_of(policy, "https://crm.example/a b"), "host");
    EXPECT_EQ(refusal_of(policy, "https://169.254.169.254/latest"), "address");
    EXPECT_EQ(refusal_of(policy, "https://[::1]/"), "address");
}

TEST(OutboundGuard, Ports) {
    auto const policy = policy_of(false);
    for (auto const* port : {"80", "443", "1024", "65535"}) {
        EXPECT_EQ(refusal_of(policy, std::string("http://a.io:") + port + "/"), "") << port;
    }
    for (auto const* port : {"1", "22", "79", "81", "442", "444", "1023", "0", "65536"}) {
        EXPECT_EQ(refusal_of(policy, std::string("http://a.io:") + port + "/"), "port") << port;
    }
    EXPECT_EQ(refusal_of(policy_of(false, {"a.io:25"}), "http://a.io:25/"), "");
    EXPECT_EQ(refusal_of(policy_of(false, {"a.io:26"}), "http://a.io:25/"), "port");
    EXPECT_EQ(refusal_of(policy_of(false, {"a.io"}), "http://a.io:25/"), "port");
    EXPECT_EQ(refusal_of(policy_of(false, {"10.0.0.0/8:25"}), "http://10.0.0.1:25/"), "");
    EXPECT_EQ(refusal_of(policy_of(false, {"10.0.0.0/8:25"}), "http://11.0.0.1:25/"), "port");
}

TEST(OutboundGuard, RefusesEveryListedRange) {  // 20-32
    auto const policy = policy_of(true);
    for (auto const* address : {"0.0.0.0",
                                "0.255.255.255",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.0",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.255",
                                "169.254.0.1",
                                "169.254.169.254",
                                "172.16.0.0",
                                "172.31.255.255",
                                "192.0.0.1",
                                "192.0.2.1",
                                "192.168.0.1",
                                "192.168.255.255",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.7",
                                "203.0.113.7",
                                "224.0.0.1",
                                "239.1.1.1",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fc00::1",
                                "fdff::1",
                                "fe80::1",
                                "febf::1",
                                "ff02::1",
                                "2001:db8::1",
                                "::ffff:10.0.0.1",
                                "::ffff:127.0.0.1",
                                "64:ff9b::169.254.169.254",
                                "2002:a00:1::",
                                "2002:7f00:1::1"}) {
        EXPECT_FALSE(reaches(policy, address)) << address;
    }
    for (auto const* address :
         {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",         "100.63.255.255",
          "100.128.0.0",     "126.255.255.255", "128.0.0.0",        "169.253.255.255",
          "169.255.0.0",     "172.15.255.255",  "172.32.0.0",       "192.0.1.0",
          "192.0.3.0",       "192.167.255.255", "192.169.0.0",      "198.17.255.255",
          "198.20.0.0",      "198.51.101.0",    "203.0.112.255",    "203.0.114.0",
          "223.255.255.255", "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "2002:808:808::1",
          "2606:4700::1111", "fbff::1",         "fec0::1",          "2001:db9::1"}) {
        EXPECT_TRUE(reaches(policy, address)) << address;
    }
}

TEST(OutboundGuard, LoopbackPassesOutsideProduction) {
    for (auto const* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(reaches(policy_of(false), address)) << address;
        EXPECT_FALSE(reaches(policy_of(true), address)) << address;
    }
    EXPECT_FALSE(reaches(policy_of(false), "10.0.0.1"));
    EXPECT_EQ(refusal_of(policy_of(false), "http://127.0.0.1:8080/"), "");
}

TEST(OutboundGuard, AllowedHosts) {
    auto const policy = policy_of(true, {"crm.local", "*.corp.example", "vault.io:8443"});
    EXPECT_EQ(refusal_of(policy, "http://crm.local/"), "");
    EXPECT_EQ(refusal_of(policy, "http://CRM.local./"), "");
    EXPECT_EQ(refusal_of(policy, "http://a.b.corp.example/"), "");
    EXPECT_EQ(refusal_of(policy, "http://corp.example/"), "scheme");
    EXPECT_EQ(refusal_of(policy, "http://evilcorp.example/"), "scheme");
    EXPECT_EQ(refusal_of(policy, "http://vault.io:8443/"), "");
    EXPECT_EQ(refusal_of(policy, "http://vault.io:8444/"), "scheme");
    EXPECT_TRUE(reaches(policy, "10.0.0.1", "https://crm.local/"));
    EXPECT_TRUE(reaches(policy, "10.0.0.1", "https://x.corp.example/"));
    EXPECT_TRUE(reaches(policy, "10.0.0.1", "https://vault.io:8443/"));
    EXPECT_FALSE(reaches(policy, "10.0.0.1", "https://vault.io/"));
    EXPECT_FALSE(reaches(policy, "10.0.0.1", "https://other.local/"));
}

TEST(OutboundGuard, AllowedRanges) {
    auto const policy =
        policy_of(true, {"10.1.0.0/16", "192.168.7.7", "[fd00::/8]:8443", "fd01::1"});
    EXPECT_TRUE(reaches(policy, "10.1.2.3"));
    EXPECT_TRUE(reaches(policy, "::ffff:10.1.2.3"));
    EXPECT_TRUE(reaches(policy, "64:ff9b::10.1.2.3"));
    EXPECT_FALSE(reaches(policy, "10.2.0.1"));
    EXPECT_TRUE(reaches(policy, "192.168.7.7"));
    EXPECT_FALSE(reaches(policy, "192.168.7.8"));
    EXPECT_TRUE(reaches(policy, "fd02::1", "https://a.io:8443/"));
    EXPECT_FALSE(reaches(policy, "fd02::1", "https://a.io/"));
    EXPECT_TRUE(reaches(policy, "fd01::1", "https://a.io/"));
    EXPECT_EQ(refusal_of(policy, "http://10.1.2.3/"), "");
    EXPECT_EQ(refusal_of(policy, "http://10.2.2.3/"), "scheme");
}

TEST(OutboundGuard, FleetUrlsMayBePrivate) {
    auto const policy = policy_of(true, {}, guard_mode::operator_fleet);
    for (auto const* url : {"http://10.0.0.1:81/", "http://127.0.0.1:9/", "http://core-1:8081/",
                            "http://[fd00::1]:22/", "https://core.example/"}) {
        EXPECT_EQ(refusal_of(policy, url), "") << url;
    }
    EXPECT_EQ(refusal_of(policy, "http://169.254.169.254/"), "address");
    EXPECT_EQ(refusal_of(policy, "http://[fe80::1]/"), "address");
    EXPECT_EQ(refusal_of(policy, "http://[::ffff:169.254.1.1]/"), "address");
    EXPECT_EQ(refusal_of(policy, "http://u@core-1/"), "userinfo");
    EXPECT_EQ(refusal_of(policy, "ftp://core-1/"), "scheme");
    EXPECT_FALSE(reaches(policy, "169.254.0.9"));
    EXPECT_TRUE(reaches(policy, "192.168.0.9"));
}

TEST(OutboundGuard, RefusesBadAllowEntries) {
    for (auto const* text :
         {"", "*", "*.", "*x.io", "a b", "a.io:0", "a.io:x", "10.0.0.0/40", "[fd00::/8",
          "[fd00::/8]x", "a.io/path", "http://a.io", "u@a.io", "a..b", "0x7f.1", "a.io?x"}) {
        EXPECT_FALSE(parse_guard_allow_entry(text)) << text;
    }
    std::vector<std::string> const list{"a.io", "*", "10.0.0.0/40"};
    auto const policy = make_guard_policy(true, list);
    ASSERT_FALSE(policy);
    ASSERT_EQ(policy.error().faults().size(), 2U);
    EXPECT_EQ(policy.error().faults()[0].pointer, "/1");
    EXPECT_EQ(policy.error().faults()[1].pointer, "/2");
}

}  // namespace
