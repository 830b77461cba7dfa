#include "server/common/http/path_table.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cxb::server {
namespace {

handler_result nothing(request_context&) {
    co_return wire::http_response{};
}

route row(std::string_view method, std::string_view pattern) {
    return {.method = method,
            .pattern = pattern,
            .who = access::public_,
            .handler = &nothing,
            .summary = "x"};
}

std::string found(path_table const& table, std::string_view method, std::string_view path) {
    auto const match = table.find(method, path);
    if (match.row == nullptr) return match.methods == 0 ? "404" : "405";
    std::string out(match.row->pattern);
    for (std::size_t i = 0; i < match.param_count; ++i)
        out.append(" ").append(match.raw_params[i]);
    return out;
}

TEST(PathTable, LiteralsWinOverParametersAndParametersOverTheRest) {
    route const rows[] = {row("GET", "/calls/{id}"),
                          row("GET", "/calls/export"),
                          row("GET", "/calls/{id}/events"),
                          row("POST", "/calls/export/now"),
                          row("GET", "/files/{key*}"),
                          row("GET", "/files/{id}/meta"),
                          row("GET", "/")};
    path_table table;
    for (auto const& one : rows)
        table.add(one);
    EXPECT_EQ(found(table, "GET", "/calls/export"), "/calls/export");
    EXPECT_EQ(found(table, "GET", "/calls/a%2Fb"), "/calls/{id} a%2Fb");
    EXPECT_EQ(found(table, "GET", "/calls/export/events"), "/calls/{id}/events export");
    EXPECT_EQ(found(table, "GET", "/files/2026/01/a.wav"), "/files/{key*} 2026/01/a.wav");
    EXPECT_EQ(found(table, "GET", "/files/x"), "/files/{key*} x");
    EXPECT_EQ(found(table, "GET", "/files/x/meta"), "/files/{id}/meta x");
    EXPECT_EQ(found(table, "GET", "/files/x/meta/more"), "/files/{key*} x/meta/more");
    EXPECT_EQ(found(table, "GET", "/"), "/");
}

TEST(PathTable, TellsUnknownPathsFromUnknownMethods) {
    route const rows[] = {row("GET", "/a/{id}"), row("DELETE", "/a/{id}"), row("POST", "/a/b")};
    path_table table;
    for (auto const& one : rows)
        table.add(one);
    EXPECT_EQ(found(table, "PUT", "/a/x"), "405");
    EXPECT_EQ(found(table, "BREW", "/a/x"), "405");
    EXPECT_EQ(found(table, "HEAD", "/a/x"), "/a/{id} x");
    EXPECT_EQ(found(table, "HEAD", "/a/b"), "/a/{id} b");
    EXPECT_EQ(found(table, "DELETE", "/a/b"), "/a/{id} b");
    for (auto const* path : {"/a", "/a/", "/a/x/", "a/x", "", "/A/x", "/b", "/a/x/y", "//a/x"})
        EXPECT_EQ(found(table, "GET", path), "404") << path;
    EXPECT_EQ(path_table::allow_text(table.find("PUT", "/a/x").methods),
              "GET, HEAD, DELETE, OPTIONS");
    EXPECT_EQ(path_table::allow_text(table.find("PUT", "/a/b").methods),
              "GET, HEAD, POST, DELETE, OPTIONS");
}

TEST(PathTable, AVeryDeepPathIsUnknown) {
    route const any = row("GET", "/x/{key*}");
    path_table table;
    table.add(any);
    std::string path = "/x";
    for (std::size_t i = 0; i < path_table::max_segments; ++i)
        path += "/y";
    EXPECT_EQ(found(table, "GET", path), "404");
}

TEST(PathTable, RefusesTablesThatContradictThemselves) {
    route const first = row("GET", "/a/{id}");
    for (auto const& [method, pattern] : {std::pair{"GET", "/a/{other}"},
                                          {"GET", "a"},
                                          {"GET", "/{a}/{a}"},
                                          {"GET", "/{k*}/b"},
                                          {"BREW", "/b"},
                                          {"HEAD", "/b"},
                                          {"OPTIONS", "/b"},
                                          {"GET", "/b{c}"}}) {
        path_table table;
        table.add(first);
        route const second = row(method, pattern);
        EXPECT_THROW(table.add(second), std::logic_error) << method << pattern;
    }
}

TEST(PathTable, NamesParametersInOrder) {
    EXPECT_EQ(path_table::param_names("/a/{x}/b/{y*}"), (std::vector<std::string_view>{"x", "y"}));
    EXPECT_TRUE(path_table::param_names("/a/b").empty());
}

}  // namespace
}  // namespace cxb::server
