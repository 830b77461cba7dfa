// Requests that are meant to be misread (spec 20 §3.9), against the whole API: what the listener
// refuses by itself stands in tests/unit/net/http_server_hostile_test.cpp.
#include "server/api/hostile_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::string_literals;

std::size_t answers_in(std::string_view all) {
    std::size_t count = 0;
    for (auto at = all.find("HTTP/1.1 "); at != std::string_view::npos;
         at = all.find("HTTP/1.1 ", at + 1))
        ++count;
    return count;
}

// A request behind another one that would make an endpoint, were it read as one.
struct HostileFraming : hostile_test {
    std::string canary;
    void SetUp() override {
        serve();
        std::string const body = R"({"url":"http://127.0.0.1:9009/hook","types":["*"]})";
        canary = "POST /api/v1/webhook-endpoints HTTP/1.1\r\nHost: h\r\n" + as_admin() +
                 json_header() + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                 body;
    }
    std::int64_t endpoints() {
        return admin("GET", "/api/v1/webhook-endpoints").json.at("total").to_number<int>();
    }
    void expect_one_answer(std::string const& bytes, int status) {
        auto const got = exchange(bytes);
        EXPECT_EQ(status_of(got), status) << ::testing::PrintToString(bytes);
        EXPECT_EQ(answers_in(got), 1U) << ::testing::PrintToString(bytes) << got;
        EXPECT_EQ(header_of(got, "Connection"), "close") << ::testing::PrintToString(bytes);
        EXPECT_TRUE(wire::parse_json(body_of(got))) << got;
    }
};

TEST_F(HostileFraming, WhatTwoReadersCouldTakeDifferentlyIsRefused) {
    std::string const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\n" + json_header();
    auto const size = std::to_string(canary.size());
    for (auto const& framing :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
          "Transfer-Encoding: chunked\r\nContent-Length: " + size + "\r\n\r\n0\r\n\r\n",
          "Content-Length: 0\r\nContent-Length: " + size + "\r\n\r\n",
          "Content-Length: " + size + "\r\nContent-Length: 0\r\n\r\n",
          "Content-Length: 0, " + size + "\r\n\r\n",
          "Content-Length: +0\r\n\r\n"s,
          "Content-Length: 0x0\r\n\r\n"s,
          "Content-Length: 0 0\r\n\r\n"s,
          "Content-Length : 0\r\n\r\n"s,
          "Content-Length\t: 0\r\n\r\n"s,
          "X: y\r\n Content-Length: 0\r\n\r\n"s,
          "X: y\nContent-Length: 0\r\n\r\n"s,
          "X: y\rContent-Length: 0\r\n\r\n"s,
          "X: \0\r\nContent-Length: 0\r\n\r\n"s,
          "Content-Length: 0\n\n"s + canary + "\r\n\r\n",
          "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n"s,
          "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"s,
          "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"s,
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n"s,
          "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"s,
          "Transfer-Encoding: \x0b"s + "chunked\r\n\r\n0\r\n\r\n",
          "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"s,
          "Host: other\r\nContent-Length: 0\r\n\r\n"s})
        expect_one_answer(login + framing + canary, 400);
    EXPECT_EQ(endpoints(), 0);
}

TEST_F(HostileFraming, ChunksThatAreNone) {
    std::string const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\n" + json_header() +
                              "Transfer-Encoding: chunked\r\n\r\n";
    for (auto const& chunks :
         {"10000000000000000\r\n"s, "FFFFFFFFFFFFFFFFF\r\n"s, "-1\r\n"s, "0x0\r\n\r\n"s,
          "+0\r\n\r\n"s, "0\n\n"s, "\r\n0\r\n\r\n"s, ";a=b\r\n\r\n"s, "2\r\n{}0\r\n\r\n"s,
          "1;a=\"\r\nX\r\n0\r\n\r\n"s, "1;a=\"\n\"\r\nX\r\n0\r\n\r\n"s, "0;a=\"\n\"\r\n\r\n"s,
          "0;a=\"\x01\"\r\n\r\n"s, "0\r\nContent-Length: 5\r\n\r\n"s, "0\r\nbad trailer\r\n\r\n"s,
          "g\r\n\r\n"s})
        expect_one_answer(login + chunks + canary, 400);
    expect_one_answer(login + "FFFFFFFFFFFFFFFE\r\n" + std::string(100'000, 'x'), 413);
    EXPECT_EQ(endpoints(), 0);
}

// A refusal that leaves the body unread must not read it as the next request.
TEST_F(HostileFraming, TheBodyOfARefusedRequestIsNoRequest) {
    struct row {
        char const* start;
        std::string headers;
        int status;
    };
    for (auto const& one :
         {row{"POST /api/v1/bots", json_header(), 401},
          row{"POST /api/v1/bots", json_header() + "Expect: 100-continue\r\n", 401},
          row{"POST /api/v1/call-results", json_header(), 403},
          row{"POST /api/v1/nowhere", json_header(), 404},
          row{"DELETE /api/v1/auth/login", json_header(), 405},
          row{"POST /api/v1/auth/login", "Content-Type: text/plain\r\n", 415},
          row{"POST /api/v1/auth/login", json_header() + "Content-Encoding: gzip\r\n", 415},
          row{"POST /api/v1/auth/login?a=%zz", json_header(), 400}}) {
        auto const head = std::string(one.start) + " HTTP/1.1\r\nHost: h\r\n" + one.headers;
        expect_one_answer(
            head + "Content-Length: " + std::to_string(canary.size()) + "\r\n\r\n" + canary,
            one.status);
        std::ostringstream chunk;
        chunk << std::hex << canary.size() << "\r\n" << canary << "\r\n0\r\n\r\n";
        expect_one_answer(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk.str(), one.status);
    }
    expect_one_answer("POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\n" + json_header() +
                          "Content-Length: 70000\r\n\r\n" + canary,
                      413);
    EXPECT_EQ(endpoints(), 0);
}

TEST_F(HostileFraming, WhereOneRequestEndsTheConnectionNothingFollows) {
    auto const size = std::to_string(canary.size());
    for (auto const& bytes :
         {"GET /health HTTP/1.0\r\n\r\n" + canary,
          "GET /health HTTP/1.0\r\nHost: h\r\n\r\n" + canary,
          "GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + canary,
          "GET /health HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, close\r\n\r\n" + canary,
          // A GET may have a body, which is nothing but that.
          "GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + size +
              "\r\n\r\n" + canary})
        expect_one_answer(bytes, 200);
    for (auto const& bytes :
         {"POST /api/v1/auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
          "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: h\r\n\r\n"s,
          "GET 127.0.0.1:22 HTTP/1.1\r\nHost: h\r\n\r\n"s,
          "GET http://user@h/health HTTP/1.1\r\nHost: h\r\n\r\n"s,
          "GET http:///health HTTP/1.1\r\nHost: h\r\n\r\n"s,
          "GET file:///etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"s, "GET /health HTTP/1.1\r\n\r\n"s,
          "GET /health HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"s, "GET /health\r\n\r\n"s,
          "GET /health HTTP/3.0\r\nHost: h\r\n\r\n"s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s})
        expect_one_answer(bytes + canary, 400);
    EXPECT_EQ(endpoints(), 0);
    // What each of them would have done, were it read.
    auto const kept = exchange("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + canary +
                               "GET /health HTTP/1.0\r\n\r\n");
    EXPECT_EQ(answers_in(kept), 3U) << kept;
    EXPECT_EQ(endpoints(), 1);
}

struct HostileContent : hostile_test {
    void SetUp() override { serve(); }
};

TEST_F(HostileContent, HeadsOverTheLimits) {
    auto const head = [](std::string const& extra) {
        return "GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + extra + "\r\n";
    };
    std::string many;
    for (int i = 0; i < 254; ++i)
        many += "a: b\r\n";
    EXPECT_EQ(status_of(exchange(head(many))), 200);
    expect_problem(exchange(head(many + "a: b\r\n")), 431, "header_too_large");
    expect_problem(exchange(head("X: " + std::string(limits::request_head, 'x') + "\r\n")), 431,
                   "header_too_large");
    expect_problem(exchange("GET /" + std::string(100'000, 'a')), 431, "header_too_large");
    expect_problem(exchange(std::string(100'000, 'A')), 431, "header_too_large");
    std::string parameters = "/api/v1/users?";
    for (int i = 0; i < 100'000; ++i)
        parameters += "a&";
    expect_problem(request("GET", parameters, as_admin()), 431, "header_too_large");
    // As many as fit are read, named in bounds and refused in time.
    parameters.resize(30'000);
    auto const got = request("GET", parameters, as_admin());
    expect_problem(got, 422, "invalid");
    EXPECT_LT(body_of(got).size(), 10'000U);
}

TEST_F(HostileContent, BytesThatAreNoText) {
    for (char const* path : {"/api/v1/users/%ff", "/api/v1/users/%00", "/api/v1/users/%c0%af",
                             "/api/v1/users/%ed%a0%80", "/api/v1/users/%", "/api/v1/users/%4"})
        expect_problem(request("GET", path, as_admin()), 400, "malformed");
    for (auto const& query : {"q=\xff"s, "q=\0"s, "q=%zz"s, "%=1"s, "q=%ff"s, "%ff=1"s, "role=%ff"s,
                              "page=%ff"s, "cursor=%00"s, "unknown=%c0%80"s, "q=%ed%a0%80"s})
        for (char const* path : {"/api/v1/users", "/api/v1/audit", "/api/v1/calls"})
            expect_problem(request("GET", std::string(path) + "?" + query, as_admin()), 400,
                           "malformed");
    // What is text is named as text, wherever its name is cut.
    for (std::size_t length = 60; length < 66; ++length)
        expect_problem(
            request("GET", "/api/v1/users?" + std::string(length, 'a') + "%e0%a4%a8=1", as_admin()),
            422, "invalid");
}

// Neither is what a worker hands on from a carrier.
TEST_F(HostileContent, AConfigIsNeverMadeOfBytesThatAreNoText) {
    auto const bot = make_bot({{"system_prompt", "{{call.caller_id}} {{call.x}}"}});
    std::string const secret_header = "X-CXB-Core-Secret: dev-secret\r\n";
    for (char const* query : {"caller_id=%ff", "stream_id=%ff", "transport=%ff", "%ff=%ff",
                              "connected_event=%7B%22x%22%3A%22%ff%22%7D", "fetch_id=%ff"}) {
        auto const got = request("GET", "/api/v1/config/" + bot + "?" + query, secret_header);
        expect_problem(got, 400, "malformed");
    }
    auto const calls = request("GET", "/api/v1/calls", as_admin());
    EXPECT_EQ(status_of(calls), 200);
    EXPECT_TRUE(wire::parse_json(body_of(calls))) << ::testing::PrintToString(calls);
}

TEST_F(HostileContent, HeadersMayHoldAnyBytesAndNothingOfThemGoesOn) {
    std::string const bytes = "\xff\xfe\x80\xc0\xaf";
    for (char const* name :
         {"User-Agent", "X-Request-Id", "traceparent", "tracestate", "Origin", "Referer", "Accept",
          "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "If-None-Match", "Range",
          "Last-Event-ID", "Cookie", "Accept-Language", "If-Match", "Idempotency-Key"}) {
        auto const got =
            request("POST", "/api/v1/bots",
                    as_admin() + json_header() + name + ": " + bytes + "\r\n", R"({"name":"x"})");
        EXPECT_EQ(status_of(got), 201) << name << got;
        EXPECT_EQ(got.find('\xff'), std::string::npos) << name;
        EXPECT_TRUE(wire::parse_json(body_of(got))) << name;
    }
    for (char const* target : {"/api/v1/audit?limit=200", "/api/v1/bots?limit=200"}) {
        auto const shown = request("GET", target, as_admin());
        EXPECT_EQ(status_of(shown), 200);
        EXPECT_TRUE(wire::parse_json(body_of(shown))) << ::testing::PrintToString(shown);
    }
    EXPECT_TRUE(admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool());
    for (auto const& [headers, status] : std::vector<std::pair<std::string, int>>{
             {"Authorization: Bearer " + bytes + "\r\n", 401},
             {"X-API-Key: " + bytes + "\r\n", 401},
             {as_admin() + "Content-Type: " + bytes + "\r\n", 415}}) {
        auto const path = status == 415 ? "/api/v1/bots" : "/api/v1/sip/dialout";
        EXPECT_EQ(status_of(request("POST", path, headers, "{}")), status) << headers;
    }
}

TEST_F(HostileContent, PackedBodiesAreRefused) {
    for (char const* coding : {"gzip", "deflate", "br", "zstd", "GZIP", "x-gzip", "gzip, identity",
                               "identity, gzip", "identity\r\nContent-Encoding: gzip"}) {
        auto const got =
            request("POST", "/api/v1/auth/login",
                    json_header() + "Content-Encoding: " + coding + "\r\n", "\x1f\x8b\x08");
        expect_problem(got, 415, "unsupported_type");
        EXPECT_EQ(header_of(got, "Accept-Encoding"), "identity");
    }
    for (char const* coding : {"identity", "Identity"})
        EXPECT_EQ(status_of(request("POST", "/api/v1/auth/login",
                                    json_header() + "Content-Encoding: " + coding + "\r\n",
                                    R"({"email":"a@example.com","password":"x"})")),
                  401);
    // What is no body has no coding.
    EXPECT_EQ(status_of(request("GET", "/health", "Content-Encoding: gzip\r\n")), 200);
}

}  // namespace
}  // namespace cxb::api::test
