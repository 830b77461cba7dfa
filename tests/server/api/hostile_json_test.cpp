// JSON that is none, or too much of it, at routes of every kind of caller (spec 10 §1.3).
#include "server/api/hostile_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::string_literals;

struct HostileJson : hostile_test {
    struct target {
        char const* method;
        char const* path;
        std::string access;
    };
    void SetUp() override { serve(); }
    std::vector<target> targets() const {
        return {{"POST", "/api/v1/auth/login", ""},
                {"POST", "/api/v1/bots", as_admin()},
                {"PUT", "/api/v1/settings/minio", as_admin()},
                {"POST", "/api/v1/webhook-endpoints", as_admin()},
                {"POST", "/api/v1/sip/dialout", as_admin()},
                {"POST", "/api/v1/call-results", "X-CXB-Core-Secret: dev-secret\r\n"},
                {"POST", "/api/v1/cdr", "X-CXB-Core-Secret: dev-secret\r\n"}};
    }
    std::string post(target const& to, std::string const& body) {
        return request(to.method, to.path, to.access + json_header(), body);
    }
    // What a change of any kind would show.
    std::string everything() {
        std::string out;
        for (char const* list : {"bots", "webhook-endpoints", "calls", "audit"})
            out += std::to_string(
                       admin("GET", "/api/v1/" + std::string(list)).json.at("total").as_int64()) +
                   "|";
        return out + admin("GET", "/api/v1/settings").body;
    }
};

std::string nested(std::size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
}

TEST_F(HostileJson, WhatIsNoJsonIsMalformedEverywhere) {
    auto const before = everything();
    for (auto const& body : {"{"s,
                             "}"s,
                             "["s,
                             "nul"s,
                             "{]"s,
                             "{\"a\"}"s,
                             "{\"a\":}"s,
                             "{\"a\":1,}"s,
                             "{,}"s,
                             "{'a':1}"s,
                             "{a:1}"s,
                             "{\"a\":1}{}"s,
                             "{\"a\":1} x"s,
                             "{} \0"s,
                             "\0{}"s,
                             "{\"a\":\0}"s,
                             "\xef\xbb\xbf{}"s,
                             "\xff\xfe{\0}\0"s,
                             "{\"a\":\"\xff\"}"s,
                             "{\"\xff\":1}"s,
                             "{\"a\":\"\xc0\xaf\"}"s,
                             "{\"a\":\"\xed\xa0\x80\"}"s,
                             "{\"a\":\"\xf4\x90\x80\x80\"}"s,
                             "{\"a\":\"\\ud800\"}"s,
                             "{\"a\":\"\\udc00\\ud800\"}"s,
                             "{\"a\":\"\\x41\"}"s,
                             "{\"a\":\"\\u00g0\"}"s,
                             "{\"a\":\"\n\"}"s,
                             "{\"a\":\"\x1f\"}"s,
                             "{\"a\":\"b}"s,
                             "{\"a\":01}"s,
                             "{\"a\":+1}"s,
                             "{\"a\":.5}"s,
                             "{\"a\":1.}"s,
                             "{\"a\":1e}"s,
                             "{\"a\":0x1}"s,
                             "{\"a\":--1}"s,
                             "{\"a\":NaN}"s,
                             "{\"a\":Infinity}"s,
                             "{\"a\":-Infinity}"s,
                             "{\"a\":1e999}"s,
                             "{\"a\":-1e999}"s,
                             "{\"a\":True}"s,
                             "{\"a\":undefined}"s,
                             "/* */{}"s,
                             "{}//"s,
                             "{\"a\":1 \"b\":2}"s,
                             std::string(1000, '{'),
                             "{\"a\":" + nested(limits::json_depth, '[', ']') + "}",
                             std::string(30'000, '['),
                             nested(30'000, '[', ']'),
                             "{\"a\":1" + std::string(400, '0') + "}"}) {
        for (auto const& to : targets()) {
            SCOPED_TRACE(to.path + ": "s + ::testing::PrintToString(body.substr(0, 40)));
            expect_problem(post(to, body), 400, "malformed");
        }
    }
    EXPECT_EQ(everything(), before);
}

TEST_F(HostileJson, WhatIsNoObjectIsRefused) {
    auto const before = everything();
    for (char const* body : {"[]", "null", "true", "1", "\"text\"", "[{}]", "-0", "1e-999999999"})
        for (auto const& to : targets()) {
            auto const got = post(to, body);
            EXPECT_TRUE(status_of(got) == 400 || status_of(got) == 422) << to.path << body << got;
            EXPECT_TRUE(wire::parse_json(body_of(got))) << got;
        }
    for (auto const& to : targets())
        expect_problem(
            request(to.method, to.path, to.access + json_header() + "Content-Length: 0\r\n"), 400,
            "malformed");
    EXPECT_EQ(everything(), before);
}

// Of a member that is there twice the last counts, for every reader of it.
TEST_F(HostileJson, OfTwoMembersTheLastCounts) {
    auto const made = request("POST", "/api/v1/bots", as_admin() + json_header(),
                              R"({"name":"first","name":"last","n\u0061me":"very last"})");
    ASSERT_EQ(status_of(made), 201) << made;
    EXPECT_EQ(wire::text_at(wire::parse_json(body_of(made))->as_object(), "name"), "very last");
    auto const refused = request("POST", "/api/v1/auth/register", as_admin() + json_header(),
                                 R"({"email":"a@example.com","password":"a-fine-password",)"
                                 R"("name":"x","role":"agent","role":"root"})");
    expect_problem(refused, 422, "invalid");
}

// A head that grew with the body would be more than proxies and clients take.
TEST_F(HostileJson, NamesOfIgnoredMembersStayInBounds) {
    auto const bot = make_bot();
    std::string body = "{\"k\\r\\nX-Forged: 1\":0";
    for (int i = 0; i < 40; ++i)
        body += ",\"k" + std::to_string(i) + std::string(600, 'x') + "\":0";
    auto const got = request("POST", "/api/v1/bots/" + bot + "/preview-config",
                             as_admin() + json_header(), body + '}');
    EXPECT_EQ(status_of(got), 200) << got.substr(0, 500);
    auto const named = header_of(got, "X-CXB-Ignored-Fields");
    EXPECT_TRUE(named.starts_with("k%0D%0AX-Forged%3A%201,k0xxx")) << named;
    EXPECT_LE(named.size(), 4 * limits::kib);
    EXPECT_GT(named.size(), 3 * limits::kib);
    EXPECT_EQ(header_of(got, "X-Forged"), "");
}

// Sizes at the edge of the body's limit: read, judged and answered for in time.
TEST_F(HostileJson, MuchOfEverything) {
    auto const began = std::chrono::steady_clock::now();
    std::string members = "{\"session_id\":\"\"";
    for (int i = 0; i < sized(100'000, 20'000); ++i)
        members += ",\"k" + std::to_string(i) + "\":0";
    members += '}';
    std::string items = "{\"session_id\":\"\",\"transcript\":[0";
    for (int i = 0; i < sized(500'000, 50'000); ++i)
        items += ",0";
    items += "]}";
    std::string const core = "X-CXB-Core-Secret: dev-secret\r\n";
    for (auto const& body :
         {members, items, "{\"session_id\":\"\",\"x\":\"" + std::string(4'000'000, 'x') + "\"}",
          std::string(4'000'000, ' ') + "{}",
          "{\"session_id\":\"\",\"x\":\"" +
              [] {
                  std::string out;
                  for (int i = 0; i < 200'000; ++i)
                      out += "\\u0000";
                  return out;
              }() +
              "\"}",
          "{\"session_id\":\"\",\"call_duration_seconds\":" + std::string(1'000'000, '9') +
              "e-999999}",
          "{\"session_id\":\"\",\"call_duration_seconds\":0." + std::string(1'000'000, '1') +
              "}"}) {
        auto const got = request("POST", "/api/v1/call-results", core + json_header(), body);
        expect_problem(got, 422, "invalid");
        EXPECT_LT(body_of(got).size(), 20'000U) << body.substr(0, 60);
    }
    auto const over = request("POST", "/api/v1/call-results", core + json_header(),
                              std::string(limits::results_body + 1, ' '));
    expect_problem(over, 413, "too_large");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(sized(15, 100)));
}

}  // namespace
}  // namespace cxb::api::test
