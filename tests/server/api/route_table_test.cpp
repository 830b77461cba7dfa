#include "server/api/app/route_tables.hpp"

#include <gtest/gtest.h>

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
