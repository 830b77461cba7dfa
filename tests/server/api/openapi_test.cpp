#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "cxb/wire/json.hpp"
#include "server/api/app/api_app.hpp"
#include "server/api/app/route_tables.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/openapi/refusals.hpp"

namespace cxb::api {
namespace {

using server::route;
using wire::json_object;
using wire::json_value;

std::vector<route const*> all_rows() {
    std::vector<route const*> out;
    for (auto const& table : route_tables())
        for (auto const& row : table)
            out.push_back(&row);
    return out;
}

std::string name_of(route const& row) {
    return std::string(row.method) + " " + std::string(row.pattern);
}

bool answers_json(route const& row) {
    return row.response_type == server::json_type && row.success != 204;
}

json_object operation_of(json_object const& document, route const& row) {
    std::string method(row.method);
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c + ('a' - 'A')); });
    std::string path(row.pattern);
    if (auto const star = path.find("*}"); star != std::string::npos) path.erase(star, 1);
    return document.at("paths").as_object().at(path).as_object().at(method).as_object();
}

// A reader finds out what a route does, who may call it and what it takes and gives, from the table
// alone; tests/reference holds the examples against the schemas.
TEST(RouteDocs, EveryRowIsDescribed) {
    for (auto const* row : all_rows()) {
        SCOPED_TRACE(name_of(*row));
        EXPECT_FALSE(row->summary.empty());
        EXPECT_FALSE(row->doc.description.empty());
        EXPECT_TRUE(row->doc.description.ends_with('.'));
        EXPECT_FALSE(server::word_for(row->who).empty());
        EXPECT_FALSE(server::sentence_for(row->who).empty());
        for (auto const& parameter : row->query)
            EXPECT_FALSE(parameter.doc.empty()) << parameter.name;
    }
}

TEST(RouteDocs, EveryBodyThatIsTakenHasSchemaAndExample) {
    for (auto const* row : all_rows()) {
        SCOPED_TRACE(name_of(*row));
        if (row->request_schema == nullptr) {
            EXPECT_EQ(row->doc.request_example, "");
            EXPECT_FALSE(row->doc.body_may_be_absent);
            continue;
        }
        EXPECT_TRUE(server::has_body(row->method));
        auto const schema = wire::parse_json(row->request_schema());
        ASSERT_TRUE(schema && schema->is_object());
        auto const example = wire::parse_json(row->doc.request_example);
        ASSERT_TRUE(example && example->is_object());
        EXPECT_FALSE(example->as_object().empty());
    }
}

TEST(RouteDocs, EveryAnswerInJsonHasSchemaAndExample) {
    for (auto const* row : all_rows()) {
        SCOPED_TRACE(name_of(*row));
        if (!answers_json(*row)) {
            EXPECT_EQ(row->response_schema, nullptr);
            continue;
        }
        ASSERT_NE(row->response_schema, nullptr);
        auto const schema = wire::parse_json(row->response_schema());
        ASSERT_TRUE(schema && schema->is_object());
        auto const example = wire::parse_json(row->doc.response_example);
        ASSERT_TRUE(example && (example->is_object() || example->is_array()));
    }
}

TEST(RouteDocs, RefusalsAreSortedKnownAndTold) {
    for (auto const* row : all_rows()) {
        SCOPED_TRACE(name_of(*row));
        auto const before = [](server::route_error const& a, server::route_error const& b) {
            return std::tie(a.status, a.code) < std::tie(b.status, b.code);
        };
        auto const& own = row->doc.errors;
        EXPECT_TRUE(std::ranges::is_sorted(own, before));
        for (std::size_t i = 1; i < own.size(); ++i)
            EXPECT_TRUE(before(own[i - 1], own[i])) << own[i].code << " stands twice";
        for (auto const& one : server::refusals_of(*row)) {
            EXPECT_GE(one.status, 400) << one.code;
            EXPECT_NE(server::phrase_of(one.status), "Unknown") << one.status;
            EXPECT_FALSE(one.code.empty());
            EXPECT_TRUE(std::ranges::all_of(one.code, [](char c) {
                return c == '_' || (c >= 'a' && c <= 'z');
            })) << one.code;
            EXPECT_FALSE(one.when.empty()) << one.code;
        }
        for (auto const& one : row->doc.others) {
            EXPECT_NE(server::phrase_of(one.status), "Unknown") << one.status;
            EXPECT_FALSE(one.when.empty()) << one.status;
        }
    }
}

TEST(RouteDocs, TheDocumentTellsItAll) {
    auto const document = wire::parse_json(api_openapi()).value().as_object();
    std::set<std::string> ids;
    for (auto const* row : all_rows()) {
        SCOPED_TRACE(name_of(*row));
        auto const told = operation_of(document, *row);
        EXPECT_TRUE(ids.emplace(wire::text_at(told, "operationId")).second);
        EXPECT_EQ(wire::text_at(told, "x-access"), server::word_for(row->who));
        EXPECT_TRUE(wire::text_at(told, "description").starts_with(row->doc.description));
        EXPECT_EQ(told.contains("requestBody"),
                  row->request_schema != nullptr || row->open_sink != nullptr);
        auto const& answers = told.at("responses").as_object();
        EXPECT_FALSE(answers.contains("default"));
        for (auto const& one : server::refusals_of(*row)) {
            auto const* const answer = answers.if_contains(std::to_string(one.status));
            ASSERT_NE(answer, nullptr) << one.status;
            EXPECT_EQ(answer->at("x-codes").at(one.code).as_string(), one.when) << one.code;
            auto const& examples = answer->at("content").at("application/problem+json");
            EXPECT_EQ(examples.at("examples").at(one.code).at("value").at("code").as_string(),
                      one.code);
        }
        if (auto const* parameters = told.if_contains("parameters"))
            for (auto const& each : parameters->as_array())
                EXPECT_FALSE(wire::text_at(each.as_object(), "description").empty())
                    << wire::to_text(each);
    }
}

}  // namespace
}  // namespace cxb::api
