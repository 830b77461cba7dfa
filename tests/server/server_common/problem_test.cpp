#include "server/common/http/problem.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cxb::server {
namespace {

TEST(Problem, EveryCodeHasItsStatus) {
    struct expected {
        errc code;
        int status;
    };
    expected const table[] = {{errc::malformed, 400},           {errc::invalid, 422},
                              {errc::unsupported_type, 415},    {errc::unauthenticated, 401},
                              {errc::forbidden, 403},           {errc::not_found, 404},
                              {errc::method_not_allowed, 405},  {errc::conflict, 409},
                              {errc::precondition_failed, 412}, {errc::too_large, 413},
                              {errc::header_too_large, 431},    {errc::rate_limited, 429},
                              {errc::at_capacity, 429},         {errc::unavailable, 503},
                              {errc::deadline_exceeded, 504},   {errc::upstream_failed, 502},
                              {errc::corrupt_data, 500},        {errc::blocked, 422},
                              {errc::cancelled, 503},           {errc::internal, 500}};
    for (auto const& row : table) {
        EXPECT_EQ(problem_of(row.code).status, row.status) << name_of(row.code);
        EXPECT_NE(phrase_of(row.status), "Unknown") << row.status;
        auto const answer = problem_response(error{row.code}, "r1");
        EXPECT_EQ(answer.status, row.status);
        EXPECT_EQ(answer.headers.has("WWW-Authenticate"), row.status == 401);
    }
}

TEST(Problem, AStatusGivesACodeThatIsAnsweredWithIt) {
    std::set<int> known;
    for (int i = 0; i <= static_cast<int>(errc::internal); ++i)
        known.insert(problem_of(static_cast<errc>(i)).status);
    for (int status = 100; status < 600; ++status) {
        auto const code = code_for_status(status);
        EXPECT_EQ(problem_of(code).status, known.contains(status) ? status : 502) << status;
    }
    EXPECT_EQ(code_for_status(422), errc::invalid);
    EXPECT_EQ(code_for_status(429), errc::at_capacity);
    EXPECT_EQ(code_for_status(500), errc::internal);
    EXPECT_EQ(code_for_status(503), errc::unavailable);
    EXPECT_EQ(code_for_status(418), errc::upstream_failed);
}

TEST(Problem, ListsAllFaults) {
    auto const body = problem_body(
        invalid_document({{"/transcript/3/role", "expected string, got number"}, {"", "late"}}),
        "r1");
    auto const read = wire::parse_json(body).value().as_object();
    auto const& errors = read.at("errors").as_array();
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(wire::text_at(errors[0].as_object(), "pointer"), "/transcript/3/role");
    EXPECT_EQ(wire::text_at(errors[0].as_object(), "reason"), "expected string, got number");
    EXPECT_EQ(wire::text_at(read, "code"), "invalid");
}

TEST(Problem, OneBadMemberIsAListOfOne) {
    auto const read = wire::parse_json(problem_body(invalid_member("/page", "use cursor"), "r"))
                          .value()
                          .as_object();
    ASSERT_EQ(read.at("errors").as_array().size(), 1U);
    EXPECT_EQ(wire::text_at(read.at("errors").as_array()[0].as_object(), "pointer"), "/page");
}

TEST(Problem, WithoutFaultsThereIsNoList) {
    auto const body = problem_body(error{errc::not_found, "Bot not found"}, "r1");
    EXPECT_EQ(body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                    R"("detail":"Bot not found","code":"not_found","request_id":"r1"})");
}

TEST(Problem, SmallAnswers) {
    EXPECT_EQ(deleted_response().bytes(), R"({"status":"deleted"})");
    EXPECT_EQ(deleted_response().status, 200);
    EXPECT_EQ(no_content().status, 204);
    EXPECT_EQ(json_response(201, wire::json_object{{"a", 1}}).bytes(), R"({"a":1})");
    auto const shared = std::make_shared<std::string const>("[]");
    EXPECT_EQ(json_response(200, shared).bytes().data(), shared->data());
    EXPECT_EQ(text_response(200, "x").headers.get("Content-Type"), "text/plain; charset=utf-8");
}

}  // namespace
}  // namespace cxb::server
