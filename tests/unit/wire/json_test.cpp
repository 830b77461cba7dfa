#include "cxb/wire/json.hpp"

#include <gtest/gtest.h>

#include <boost/json/monotonic_resource.hpp>
#include <cmath>
#include <filesystem>
#include <vector>

#include "tests/support/vectors.hpp"

namespace cxb::wire {
namespace {

std::string round(std::string_view text) {
    auto const value = parse_json(text);
    return value ? to_text(*value) : std::string(name_of(value.error().code()));
}

TEST(Json, RefusesWhatIsNoJson) {  // 10-4
    for (std::string_view const text : {"",
                                        " ",
                                        "{",
                                        "[1,]",
                                        "{} x",
                                        "{}{}",
                                        "\xEF\xBB\xBF{}",
                                        "NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "1e400",
                                        "\"\xff\"",
                                        "\"\xC0\xAF\"",
                                        "\"\xED\xA0\x80\"",
                                        R"("\ud800")",
                                        R"("\udc00")",
                                        R"("\ud800\u0041")",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "'a'",
                                        "\"\n\"",
                                        "// c\n1",
                                        "tru"})
        EXPECT_EQ(round(text), "malformed") << text;
}

TEST(Json, DepthIs32) {  // 10-4
    auto const nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_TRUE(parse_json(nested(32)));
    EXPECT_EQ(parse_json(nested(33)).error().code(), errc::malformed);
    EXPECT_EQ(parse_json("[1]", 2).error().code(), errc::too_large);
    EXPECT_TRUE(parse_json("[1]", 3));
}

TEST(Json, OfRepeatedMembersTheLastWins) {
    EXPECT_EQ(round(R"({"a":1,"b":2,"a":{"c":3}})"), R"({"a":{"c":3},"b":2})");
}

TEST(Json, NumbersAreWrittenShort) {
    EXPECT_EQ(round("[5.0,0.1,1e3,-0.0,1.10,123456789012,100000.0,1e21,1e20,1e-6,1e-7]"),
              "[5,0.1,1000,0,1.1,123456789012,100000,1e+21,100000000000000000000,0.000001,1e-7]");
    EXPECT_EQ(round("[9223372036854775807,-9223372036854775808,18446744073709551615]"),
              "[9223372036854775807,-9223372036854775808,18446744073709551615]");
    EXPECT_EQ(round("1.7976931348623157e308"), "1.7976931348623157e+308");
    EXPECT_EQ(round("5e-324"), "5e-324");
    EXPECT_EQ(round("0.30000000000000004"), "0.30000000000000004");
    EXPECT_EQ(round("9007199254740993.0"), "9007199254740992");
    EXPECT_EQ(round("-12.5"), "-12.5");
}

TEST(Json, TextsKeepTheirCharacters) {
    EXPECT_EQ(round(R"("\u00e9\ud83d\ude00\/\b\f\n\r\t\u0001\"\\")"),
              "\"é😀/\\b\\f\\n\\r\\t\\u0001\\\"\\\\\"");
}

// Texts are looked at eight bytes at a time: no place of an escape may be missed.
TEST(Json, EscapesAreFoundAtEveryPlace) {
    for (std::string const escaped : {"\\\"", "\\\\", "\\n", "\\u0000", "\\u001f"}) {
        for (std::size_t size = 0; size < 20; ++size) {
            for (std::size_t at = 0; at <= size; ++at) {
                std::string text = "[\"" + std::string(at, 'a') + escaped;
                text += std::string(size - at, '\x7f') + "\xC3\xA9\"]";
                EXPECT_EQ(round(text), text);
            }
        }
    }
}

// The short way of writing numbers and the general one meet at 1e-6 and 2^53.
TEST(Json, NumbersReadBackEqualAtTheEdges) {
    std::vector<double> numbers{1e-6, 9007199254740991.0, 9007199254740992.0, 9007199254740993.0};
    for (auto const edge : numbers) {
        for (double const number : {edge, std::nextafter(edge, 0), std::nextafter(edge, 1e300)}) {
            auto const text = to_text(json_value(number));
            EXPECT_EQ(parse_json(text)->to_number<double>(), number) << text;
            EXPECT_EQ(text.find('e') != std::string::npos, number < 1e-6) << text;
        }
    }
    EXPECT_EQ(to_text(json_value(2251799813685249.5)), "2251799813685249.5");
    EXPECT_EQ(to_text(json_value(999999999.999999)), "999999999.999999");
    EXPECT_EQ(to_text(json_value(999999999.9999999)), "999999999.9999999");
    EXPECT_EQ(to_text(json_value(-12.050001)), "-12.050001");
    EXPECT_EQ(to_text(json_value(0.000001)), "0.000001");
    EXPECT_EQ(to_text(json_value(0.0000015)), "0.0000015");
    EXPECT_EQ(to_text(json_value(0.1 + 0.2)), "0.30000000000000004");
    EXPECT_EQ(to_text(json_value(-0.000123)), "-0.000123");
    EXPECT_EQ(to_text(json_value(123456789012345680000.0)), "123456789012345680000");
}

TEST(Json, PartsLiveInTheGivenMemory) {
    boost::json::monotonic_resource memory;
    auto const value = parse_json(R"({"a":[1,{"b":"a text that is long enough"}]})", 0, &memory);
    EXPECT_EQ(value->storage().get(), &memory);
    EXPECT_EQ(value->at("a").at(1).at("b").storage().get(), &memory);
}

TEST(Json, CanonicalFormOfRfc8785) {
    EXPECT_EQ(
        to_canonical(
            parse_json(
                R"({"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals":[null,true,false]})")
                .value()),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
        "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    EXPECT_EQ(to_canonical(
                  parse_json(
                      R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One",
            "\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"Latin","":"none","11":"longer"})")
                      .value()),
              "{\"\":\"none\",\"\\r\":\"Carriage Return\",\"1\":\"One\",\"11\":\"longer\","
              "\"\xC2\x80\":\"Control\",\"ö\":\"Latin\",\"€\":\"Euro Sign\",\"😀\":\"Emoji\","
              "\"\xEF\xAC\xB3\":\"Hebrew\"}");
    EXPECT_EQ(to_canonical(parse_json("[9007199254740993]").value()), "[9007199254740992]");
}

TEST(Json, PathsAndTypedLooks) {
    auto const doc = parse_json(R"({"a":{"b":{"c":"x"}},"i":7,"w":8.0,"d":1.5,"t":true,"s":"7"})");
    auto const& object = doc->get_object();
    EXPECT_EQ(text_at(object, "a.b.c"), "x");
    EXPECT_EQ(find_path(object, "a.x.c"), nullptr);
    EXPECT_EQ(find_path(object, "i.x"), nullptr);
    EXPECT_EQ(text_at(object, "i"), "");
    EXPECT_EQ(int_at(object, "i"), 7);
    EXPECT_EQ(int_at(object, "w"), 8);
    EXPECT_EQ(int_at(object, "d", -1), -1);
    EXPECT_EQ(int_at(object, "s", -1), -1);
    EXPECT_EQ(number_at(object, "d"), 1.5);
    EXPECT_EQ(number_at(object, "i"), 7.0);
    EXPECT_TRUE(bool_at(object, "t"));
    EXPECT_TRUE(bool_at(object, "i", true));
    EXPECT_EQ(append_pointer("/a", "b/c~d"), "/a/b~1c~0d");
}

TEST(Json, IndependentSuite) {  // 10-4
    auto const folder = cxb_test::vectors() / "json";
    ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
    std::size_t seen = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        auto const name = entry.path().filename().string();
        if (entry.path().extension() != ".json") continue;
        auto const text = cxb_test::vector_text(entry.path());
        auto const value = parse_json(text);
        ++seen;
        if (name.starts_with("y_")) EXPECT_TRUE(value) << name;
        if (name.starts_with("n_")) EXPECT_FALSE(value) << name;
        if (value) EXPECT_TRUE(parse_json(to_text(*value))) << name;
    }
    EXPECT_EQ(seen, 318U);
}

}  // namespace
}  // namespace cxb::wire
