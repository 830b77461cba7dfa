#include "cxb/client/response_error.hpp"

#include <gtest/gtest.h>

#include "cxb/client/retry_policy.hpp"

namespace {
using namespace cxb;

time_point const at = parse_timestamp("2026-01-02T03:04:05Z").value();

wire::http_response answer(int status, std::string body = {}) {
    wire::http_response out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

// Every row of the table of C§12.
TEST(ResponseError, StatusDecidesTheCode) {
    constexpr std::pair<int, errc> rows[] = {{400, errc::malformed},
                                             {401, errc::unauthenticated},
                                             {403, errc::forbidden},
                                             {404, errc::not_found},
                                             {405, errc::method_not_allowed},
                                             {408, errc::deadline_exceeded},
                                             {409, errc::conflict},
                                             {412, errc::precondition_failed},
                                             {413, errc::too_large},
                                             {415, errc::invalid},
                                             {418, errc::invalid},
                                             {422, errc::invalid},
                                             {429, errc::at_capacity},
                                             {500, errc::upstream_failed},
                                             {502, errc::upstream_failed},
                                             {503, errc::unavailable},
                                             {504, errc::deadline_exceeded},
                                             {301, errc::upstream_failed}};
    for (auto const& [status, code] : rows) {
        auto const failure = client::error_of(answer(status), at);
        EXPECT_EQ(failure.code(), code) << status;
        EXPECT_EQ(failure.status(), status);
        EXPECT_EQ(failure.request_sent(), sent_state::yes);
    }
}

TEST(ResponseError, AProblemIsReadWhole) {
    auto refused = answer(422, R"({"detail":"Bad bot","code":"bot_bad","request_id":"r1",
        "errors":[{"pointer":"/name","reason":"missing"},7],"next_open_at":"2026-01-01"})");
    refused.headers.add("Retry-After", "7");
    auto const failure = client::error_of(refused, at);
    EXPECT_EQ(failure.detail(), "Bad bot");
    EXPECT_EQ(failure.reason(), "bot_bad");
    EXPECT_EQ(failure.request_id(), "r1");
    EXPECT_EQ(failure.faults(), (std::vector<fault>{{"/name", "missing"}}));
    EXPECT_EQ(failure.retry_after(), std::chrono::seconds(7));
    ASSERT_EQ(failure.members().size(), 1U);
    EXPECT_EQ(failure.members()[0].first, "next_open_at");
}

TEST(ResponseError, AnEndlessRetryAfterStaysCountable) {
    auto refused = answer(503);
    refused.headers.add("Retry-After", "9223372036854775807");
    auto const failure = client::error_of(refused, at);
    EXPECT_EQ(failure.retry_after(), std::chrono::seconds(31'536'000));
    seeded_random random{1};
    EXPECT_FALSE(client::wait_before({}, 0, failure, std::chrono::hours{1}, random));
}

TEST(ResponseError, TheMemberErrorStandsInForDetail) {
    EXPECT_EQ(client::error_of(answer(429, R"({"error":"At capacity"})"), at).detail(),
              "At capacity");
}

TEST(ResponseError, ForeignBodiesAndHeadersDoNoHarm) {
    auto page = answer(502, "<html>Bad gateway</html>");
    page.headers.add("X-Request-Id", "r2");
    page.headers.add("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT");
    auto const failure = client::error_of(page, at);
    EXPECT_EQ(failure.reason(), "upstream_failed");
    EXPECT_EQ(failure.request_id(), "r2");
    EXPECT_EQ(failure.retry_after(), std::chrono::seconds(0));  // that moment is over
    EXPECT_TRUE(client::check_status(answer(204), at).has_value());
}

}  // namespace
