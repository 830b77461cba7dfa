#include "tidy/function_lengths.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cxb::tidy {
namespace {

std::vector<function_span> spans(std::string const& text) {
    auto found = functions_of(source_file{"x.cpp", text, {}});
    std::ranges::sort(found, {}, &function_span::first_line);
    return found;
}

TEST(FunctionLengths, CountsFromTheDeclarationToTheBrace) {
    auto const found =
        spans("namespace a {\n\nint f(int x,\n      int y) {\n    return x;\n}\n}\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, "f");
    EXPECT_EQ(found[0].first_line, 3U);
    EXPECT_EQ(found[0].lines, 4U);
}

TEST(FunctionLengths, FindsMembersConstructorsAndTests) {
    auto const found = spans(
        "struct s {\n    s() : a_(1) {\n    }\n    int get() const noexcept {\n        return 1;\n"
        "    }\n};\nTEST(A, B) {\n    if (x) {\n    }\n}\n");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].name, "s");
    EXPECT_EQ(found[1].name, "get");
    EXPECT_EQ(found[2].name, "A.B");
    EXPECT_EQ(found[2].lines, 4U);
}

TEST(FunctionLengths, TrailingReturnTypesAndMemberInitialisers) {
    auto const found = spans(
        "auto f(int x) noexcept -> std::vector<int> {\n}\ns::s() : a_{1}, b_(2) {\n    go();\n}\n");
    EXPECT_EQ(found.front().name, "f");
    EXPECT_EQ(found.back().lines, 3U);
}

TEST(FunctionLengths, LambdasAndBlocksBelongToTheirFunction) {
    EXPECT_EQ(spans("void f() {\n    auto g = [] {\n    };\n    while (x) {\n    }\n}\n").size(),
              1U);
}

TEST(FunctionLengths, TablesAndLiteralsAreNoFunctions) {
    EXPECT_TRUE(
        spans("constexpr row rows[] = {\n    {\"a(\", 1},\n    {\"}\", f(2)},\n};\n").empty());
    EXPECT_EQ(spans("char c = '{';\nauto t = R\"x({{)x\";\nint n = 1'000;\nvoid f() {\n}\n").size(),
              1U);
}

TEST(FunctionLengths, PreprocessorLinesDoNotUnbalance) {
    EXPECT_EQ(spans("#define BEGIN(x) \\\n    if (x) {\nvoid f() {\n}\nvoid g() {\n}\n").size(),
              2U);
}

}  // namespace
}  // namespace cxb::tidy
