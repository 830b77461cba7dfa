#include "cxb/domain/ip_address.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb::domain;

TEST(IpAddress, ReadsAndWritesBothFamilies) {
    for (auto const* text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
                             "2001:db8::ff00:42:8329"}) {
        auto const address = ip_address::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_text(), text);
        EXPECT_EQ(ip_address::from_bytes(address->view()), *address);
    }
}

TEST(IpAddress, RefusesEverythingElse) {
    for (auto const* text :
         {"", "1", "127.1", "0177.0.0.1", "127.0.0.01", "0x7f.0.0.1", "1.2.3.4.5", "256.1.1.1",
          "1.2.3.4 ", "[::1]", "fe80::1%eth0", ":::", "host"}) {
        EXPECT_FALSE(ip_address::parse(text)) << text;
    }
    std::array<std::uint8_t, 5> const odd{};
    EXPECT_FALSE(ip_address::from_bytes(odd));
    EXPECT_FALSE(ip_address::parse(std::string(100, '1')));
}

TEST(IpAddress, FindsTheIpv4Inside) {
    auto const inner = ip_address::parse("10.1.2.3");
    for (auto const* text : {"::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1"}) {
        EXPECT_EQ(ip_address::parse(text)->embedded_v4(), inner) << text;
    }
    EXPECT_FALSE(ip_address::parse("2001:a01:203::1")->embedded_v4());
    EXPECT_FALSE(ip_address::parse("10.1.2.3")->embedded_v4());
}

TEST(Cidr, ContainsByPrefix) {
    struct row {
        char const* range;
        char const* inside;
        char const* outside;
    };
    for (auto const& [range, inside, outside] :
         {row{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
          row{"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
          row{"100.64.0.0/10", "100.127.0.1", "100.128.0.1"},
          row{"192.168.1.7", "192.168.1.7", "192.168.1.6"},
          row{"10.0.0.0/8", "::ffff:10.0.0.1", "::10.0.0.1"},
          row{"fe80::/10", "febf::1", "fec0::1"}, row{"::1/128", "::1", "::2"},
          row{"fc00::/7", "fdff::", "10.0.0.1"}}) {
        auto const parsed = cidr::parse(range);
        ASSERT_TRUE(parsed) << range;
        EXPECT_TRUE(parsed->contains(*ip_address::parse(inside))) << range;
        EXPECT_FALSE(parsed->contains(*ip_address::parse(outside))) << range;
    }
    EXPECT_TRUE(cidr::parse("0.0.0.0/0")->contains(*ip_address::parse("8.8.8.8")));
}

TEST(Cidr, RefusesBadText) {
    for (auto const* text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/8x", "ten/8"}) {
        EXPECT_FALSE(cidr::parse(text)) << text;
    }
}

}  // namespace
