#include "server/api/app/route_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/wire/json.hpp"
#include "server/api/app/api_app.hpp"

namespace cxb::api {
namespace {

// A row without a rule would be open to nobody's decision; the router refuses it, and so does this.
TEST(RouteTable, EveryRowSaysWhoMayCallIt) {
    std::size_t rows = 0;
    for (auto const& table : route_tables())
        for (auto const& row : table) {
            ++rows;
            EXPECT_NE(row.who, server::access::unset) << row.method << ' ' << row.pattern;
            EXPECT_NE(row.handler, nullptr) << row.pattern;
            EXPECT_FALSE(row.summary.empty()) << row.pattern;
        }
    EXPECT_GT(rows, 40U);
}

// Who is let in without being asked, or proves something to the handler: by the chapters, nobody
// else. What each word means is asked in role_matrix_test.cpp.
constexpr std::string_view open_rows[] = {"GET /health",
                                          "GET /ready",
                                          "GET /openapi.json",
                                          "GET /docs",
                                          "POST /api/v1/auth/login",
                                          "GET /api/v1/auth/bootstrap",
                                          "POST /api/v1/auth/bootstrap",
                                          "GET /api/v1/public/recordings/{token}",
                                          "PUT /api/v1/recordings/upload/{session_id}",
                                          "GET /api/v1/events/stream",
                                          "POST /api/v1/livekit/webhook",
                                          "POST /api/v1/widget/token"};

// Rows below a path may only have these words.
struct subject_words {
    std::string_view below;
    std::vector<server::access> words;
};
std::vector<subject_words> subjects() {
    using server::access;
    return {{"/api/v1/settings/display", {access::user}},
            {"/api/v1/settings", {access::super_admin}},
            {"/api/v1/users", {access::admin, access::super_admin}},
            {"/api/v1/api-keys", {access::admin}},
            {"/api/v1/audit", {access::admin, access::super_admin}},
            {"/api/v1/analytics", {access::admin}},
            {"/api/v1/ops", {access::admin, access::super_admin}},
            {"/api/v1/webhook-endpoints", {access::admin, access::super_admin}},
            {"/api/v1/bots/{id}/live-prompt-cache/recreate", {access::core_secret}},
            {"/api/v1/bots", {access::admin, access::super_admin}},
            {"/api/v1/config", {access::core_secret}},
            {"/api/v1/call-results", {access::core_secret}},
            {"/api/v1/cdr", {access::core_secret}},
            {"/metrics", {access::loopback_or_core}}};
}

TEST(RouteTable, OnlyTheseRowsAskForNobody) {
    for (auto const& table : route_tables())
        for (auto const& row : table) {
            auto const name = std::string(row.method) + " " + std::string(row.pattern);
            bool const open =
                row.who == server::access::public_ || row.who == server::access::signed_link;
            if (open) EXPECT_NE(std::ranges::find(open_rows, name), std::end(open_rows)) << name;
            for (auto const& [below, words] : subjects()) {
                if (!row.pattern.starts_with(below)) continue;
                EXPECT_NE(std::ranges::find(words, row.who), words.end()) << name;
                break;
            }
        }
}

TEST(RouteTable, EveryRowStandsInTheOpenApiDocument) {
    auto const document = wire::parse_json(api_openapi()).value().as_object();
    auto const& paths = document.at("paths").as_object();
    for (auto const& table : route_tables())
        for (auto const& row : table) {
            auto const* path = paths.if_contains(row.pattern);
            ASSERT_NE(path, nullptr) << row.pattern;
            std::string method(row.method);
            for (char& c : method)
                c = static_cast<char>(std::tolower(c));
            EXPECT_TRUE(path->as_object().contains(method)) << row.method << ' ' << row.pattern;
        }
}

}  // namespace
}  // namespace cxb::api
