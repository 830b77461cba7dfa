#include "cli/app/table.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb;
using namespace cxb::cli;

TEST(Table, ColumnsAlignByCharactersAndLinesEndClean) {
    EXPECT_EQ(format_table({"NAME", "N"}, {{"Zoë", "1"}, {"Al", ""}}), "NAME  N\nZoë   1\nAl\n");
}

TEST(Table, TimesAreReadable) {
    EXPECT_EQ(readable_time("2026-01-02T03:04:05.678Z"), "2026-01-02 03:04:05");
    EXPECT_EQ(readable_time(""), "-");
    EXPECT_EQ(readable_time("soon"), "soon");
}

TEST(Table, CellsShowEveryKindOnOneLine) {
    wire::json_object const row{{"text", "a\nb\x1b[2J"},
                                {"list", {"x", "y"}},
                                {"none", nullptr},
                                {"number", 5},
                                {"object", {{"k", 1}}}};
    EXPECT_EQ(cell(row, "text"), "a b [2J");
    EXPECT_EQ(cell(row, "list"), "x,y");
    EXPECT_EQ(cell(row, "none"), "-");
    EXPECT_EQ(cell(row, "absent"), "-");
    EXPECT_EQ(cell(row, "number"), "5");
    EXPECT_EQ(cell(row, "object.k"), "1");
}

TEST(Table, AnObjectIsAListOfLines) {
    EXPECT_EQ(format_object({{"id", "1"}, {"name", "Ravi"}}), "id    1\nname  Ravi\n");
}

}  // namespace
