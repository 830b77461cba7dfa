#include "cxb/wire/patterns.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <regex>
#include <string>

namespace cxb::wire {
namespace {

using texts = std::initializer_list<std::string>;

// The predicate decides; the schema's expression must never refuse what it accepts.
void expect(text_pattern const& rule, texts good, texts bad) {
    std::regex const expression{std::string(rule.regex), std::regex::ECMAScript};
    for (auto const& text : good) {
        EXPECT_TRUE(matches(rule, text)) << rule.id << ": " << text;
        EXPECT_TRUE(std::regex_match(text, expression)) << rule.id << ": " << text;
    }
    for (auto const& text : bad)
        EXPECT_FALSE(matches(rule, text)) << rule.id << ": " << text;
}

TEST(Patterns, Urls) {
    expect(patterns::url,
           {"http://a", "https://api.example.com:8443/x/y?q=1#f", "HTTP://127.0.0.1/",
            "http://[::1]:8080", "https://crm.example.com/policies/{{args.policy}}",
            "http://a?x=@y", "http://user_host"},
           {"", "ftp://a", "//a", "http:/a", "http://", "http://:80", "http://u@a/", "http://u:p@a",
            "http://a b", "http://a\n", "http://a:port", "http://a:123456", "javascript:alert(1)",
            "http:///x", "http://[::1]a.b/", "http://[::1", "http://" + std::string(2048, 'a')});
    expect(patterns::optional_url, {"", "http://a"}, {"x"});
}

TEST(Patterns, KeysAndIds) {
    expect(patterns::session_id, {"s1", std::string(128, 'x')},
           {"", "a\tb", std::string(129, 'x')});
    expect(patterns::uuid, {"019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10"},
           {"", "019436f27c1e7a529b1d3f0f5f7f1a10", "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a1g"});
    expect(patterns::hex24, {"65f000000000000000000001"}, {"65f00000000000000000000", "x"});
    expect(patterns::recording_key, {"2026/01/02/a.wav", "a", "..a/b..", "a'(b)*!_.-"},
           {"", "/a", "a/../b", "..", "../a", "a/..", "a b", "a%2e", std::string(513, 'a')});
    expect(patterns::recording_token, {"abcdefgh_-012345"}, {"short", "abcdefgh+/012345"});
    expect(patterns::tool_name, {"get_premium", "A-1"}, {"", "a b", "a.b", std::string(65, 'a')});
    expect(patterns::call_id, {"a.b:c_d-1"}, {"", "a/b", std::string(129, 'a')});
}

TEST(Patterns, TelephonyAndTheRest) {
    expect(patterns::phone_number, {"+911", "919876543210", "123"}, {"", "12", "+12", "+", "1a3"});
    expect(patterns::extension, {"100", "*98#", "a_b.c-d"}, {"", "a b", std::string(33, '1')});
    expect(patterns::queue_name, {"default", "Q-1_a"}, {"", "a.b"});
    expect(patterns::json_pointer, {"", "/", "/a/b~1c", "/~0"}, {"a", "/~", "/~2"});
    expect(patterns::clock_time, {"00:00", "23:59", "24:00"}, {"24:01", "9:00", "12:60", "ab:cd"});
    expect(patterns::email, {"a@b.c", "x.y@mail.example.com"},
           {"a@b", "@b.c", "a@@b.c", "a b@c.d", "a@.c", "a@b."});
    expect(patterns::no_control, {"", "a b é"}, {"a\nb", std::string("a\0b", 3), "\x7f"});
}

}  // namespace
}  // namespace cxb::wire
