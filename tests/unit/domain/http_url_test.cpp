#include "cxb/domain/http_url.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb::domain;

TEST(HttpUrl, TakesUrlsApart) {
    auto const url = parse_http_url("HTTPS://CRM.Example.com:8443/a/b?x=1&y=%20#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "crm.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a/b?x=1&y=%20");
    EXPECT_EQ(url->authority(), "crm.example.com:8443");
    EXPECT_FALSE(url->address);
}

TEST(HttpUrl, FillsInWhatIsLeftOut) {
    EXPECT_EQ(parse_http_url("http://a")->port, 80);
    EXPECT_EQ(parse_http_url("http://a")->target, "/");
    EXPECT_EQ(parse_http_url("https://a?x=1")->port, 443);
    EXPECT_EQ(parse_http_url("https://a?x=1")->target, "/?x=1");
    EXPECT_EQ(parse_http_url("http://a:80/")->authority(), "a");
    EXPECT_EQ(parse_http_url("http://a:443/")->authority(), "a:443");
    EXPECT_EQ(parse_http_url("http://a./")->host, "a");
    EXPECT_EQ(parse_http_url("http://a#x")->target, "/");
    EXPECT_NE(parse_http_url("http://a:443/")->origin(), parse_http_url("https://a/")->origin());
}

TEST(HttpUrl, ReadsLiteralAddresses) {
    EXPECT_EQ(parse_http_url("http://127.0.0.1:8080/")->address, ip_address::parse("127.0.0.1"));
    auto const six = parse_http_url("https://[2001:DB8:0::1]:8443/x");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "2001:db8::1");
    EXPECT_EQ(six->authority(), "[2001:db8::1]:8443");
    EXPECT_EQ(six->address, ip_address::parse("2001:db8::1"));
}

TEST(HttpUrl, NamesTheFault) {
    struct row {
        char const* text;
        char const* reason;
    };
    for (auto const& [text, reason] : {row{"", "scheme"},
                                       row{"ftp://a/", "scheme"},
                                       row{"//a/", "scheme"},
                                       row{"javascript:alert(1)", "scheme"},
                                       row{" http://a/", "scheme"},
                                       row{"http://u@a/", "userinfo"},
                                       row{"http://u:p@a/", "userinfo"},
                                       row{"http://good.example\\@bad/", "userinfo"},
                                       row{"http://a:0/", "port"},
                                       row{"http://a:65536/", "port"},
                                       row{"http://a:x/", "port"},
                                       row{"http://a:/", "port"},
                                       row{"http://a:80:80/", "port"},
                                       row{"http:///x", "host"},
                                       row{"http://", "host"},
                                       row{"http://.a/", "host"},
                                       row{"http://a..b/", "host"},
                                       row{"http://a b/", "host"},
                                       row{"http://a%2eb/", "host"},
                                       row{"http://b\xc3\xbc.de/", "host"},
                                       row{"http://2130706433/", "host"},
                                       row{"http://0x7f000001/", "host"},
                                       row{"http://0x7f.1/", "host"},
                                       row{"http://127.1/", "host"},
                                       row{"http://0177.0.0.1/", "host"},
                                       row{"http://127.0.0.1./", "host"},
                                       row{"http://1.2.3.4.5/", "host"},
                                       row{"http://[::1/", "host"},
                                       row{"http://[]/", "host"},
                                       row{"http://[::1]x/", "host"},
                                       row{"http://[127.0.0.1]/", "host"},
                                       row{"http://[fe80::1%25eth0]/", "host"},
                                       row{"http://a/b c", "target"},
                                       row{"http://a/\r\nX: y", "target"},
                                       row{"http://a/\xc3\xbc", "target"}}) {
        auto const url = parse_http_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code(), cxb::errc::invalid);
        EXPECT_EQ(url.error().reason(), reason) << text;
    }
    EXPECT_EQ(parse_http_url("http://a/" + std::string(9000, 'x')).error().reason(), "length");
    EXPECT_EQ(parse_http_url("http://" + std::string(64, 'x') + "/").error().reason(), "host");
}

}  // namespace
