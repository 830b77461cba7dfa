#include "cxb/domain/csv_cell.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using cxb::domain::csv_cell;
using cxb::domain::csv_row;

TEST(CsvCell, PlainTextsStayAsTheyAre) {
    for (char const* text : {"", "a", "a b", "a=1", "12", "0.5", "नमस्ते", "it's", " =1", "a;b"})
        EXPECT_EQ(csv_cell(text), text);
}

TEST(CsvCell, WhatWouldBreakTheRowStandsInQuotes) {
    EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
    EXPECT_EQ(csv_cell("two\r\nlines"), "\"two\r\nlines\"");
    EXPECT_EQ(csv_cell("\""), "\"\"\"\"");
}

TEST(CsvCell, FormulasAreMarked) {
    EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
    EXPECT_EQ(csv_cell("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(csv_cell("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
    EXPECT_EQ(csv_cell("-2+3"), "'-2+3");
    EXPECT_EQ(csv_cell("\t=1"), "'\t=1");
    EXPECT_EQ(csv_cell("\r=1"), "\"'\r=1\"");
    EXPECT_EQ(csv_cell("=\"a,b\""), "\"'=\"\"a,b\"\"\"");
    EXPECT_EQ(csv_cell("="), "'=");
}

TEST(CsvCell, NumbersAndPhoneNumbersAreNot) {
    for (char const* text : {"-1", "+1", "-12.5", "+919876543210", "-1e3", "+1.5E-7", "-0"})
        EXPECT_EQ(csv_cell(text), text);
}

TEST(CsvCell, WhatOnlyBeginsLikeANumberIsMarked) {
    for (char const* text : {"-", "+", "--1", "+-1", "-1.", "-.5", "-1e", "-1e+", "+91 98765",
                             "-1 ", "+91-98", "-1+1", "-0x1"})
        EXPECT_EQ(csv_cell(text), std::string("'") + text);
}

TEST(CsvCell, ARowEndsWithCrLf) {
    EXPECT_EQ(csv_row({}), "\r\n");
    std::array<std::string, 4> const cells{"a", "", "b,c", "=1"};
    EXPECT_EQ(csv_row(cells), "a,,\"b,c\",'=1\r\n");
}

}  // namespace
