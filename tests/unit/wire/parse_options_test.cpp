#include "cxb/wire/parse_options.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "unit/wire/sample.hpp"

namespace cxb::inline v1 {
namespace wire_sample {

struct plain {
    std::string a;
    timing times;
};
CXB_WIRE_DECLARE_PART(plain);

namespace {

void read_now(plain const& value, wire::fault_sink& sink) {
    if (value.a == "late" && sink.now() > time_point{}) sink.add("/a", "is over");
    if (value.a == "odd") sink.warn("/a", "is odd");
    if (value.a == "nested") sink.add(invalid_member("/x", "inner"));
}
void fill(plain& value, wire::fault_sink& /*sink*/) {
    if (value.a.empty()) value.a = "filled";
}

constexpr wire::field_row plain_rows[] = {
    wire::field<&plain::a>("a").omit_default().doc("A."),
    wire::field<&plain::times>("times").doc("Times."),
};

}  // namespace

CXB_WIRE_PART(plain, wire::table<plain>("Plain.", plain_rows).check<read_now>().after_read<fill>())

namespace {

TEST(ParseOptions, NamesIgnoredMembersOfTheTopLevel) {  // 10-13
    std::vector<std::string> ignored;
    auto const read = wire::read<plain>(
        std::string_view(R"({"b":1,"times":{"c":2},"d,e":{"f":[]},"b":2})"), {.ignored = &ignored});
    ASSERT_TRUE(read);
    EXPECT_EQ(ignored, (std::vector<std::string>{"b", "d,e"}));
    EXPECT_EQ(wire::ignored_fields_header(ignored), "b,d%2Ce");
}

TEST(ParseOptions, NamesThatDoNotFitIntoTheHeaderAreLeftOut) {
    std::vector<std::string> const many(1000, "seven77");
    auto const header = wire::ignored_fields_header(many);
    EXPECT_EQ(header.size(), 512U * 8 - 1);
    EXPECT_TRUE(header.ends_with(",seven77"));
    EXPECT_EQ(wire::ignored_fields_header({std::string(4095, 'a')}).size(), 4095U);
    EXPECT_EQ(wire::ignored_fields_header({std::string(4096, 'a')}), "");
}

// The canonical form made while reading is that of the DOM, whatever the table knows.
TEST(ParseOptions, GivesTheCanonicalFormOfWhatWasSent) {
    for (std::string_view const text :
         {R"({"times":{"z":[1.0,{"b":2,"a":1}],"y":-0.0},"a":"x","b":null})",
          R"({"b":1,"a":"1","b":{"d":1,"c":2,"d":[]},"":0,"a":"last"})", "{}",
          "{ \"\xF0\x9F\x98\x80\":1,\"\xEF\xAC\xB3\":2,\"\\u0001\":3,\"\\\"\":4,\"#\":[[],{}] }",
          R"({"n":[{"b":1,"a":2},{"b":3,"a":4},{"a":5,"b":6},{},{"b":7,"a":{"b":1,"a":2},"b":9},)"
          R"({"b":1,"a":{},"b":3},{"ba":1},{"b":1,"a":2}]})",
          R"({"n":[9007199254740993,18446744073709551615,-9223372036854775808,1e300,0.1e-6]})"}) {
        std::string canonical = "before";
        ASSERT_TRUE(wire::read<plain>(text, {.canonical = &canonical})) << text;
        EXPECT_EQ(canonical, wire::to_canonical(wire::parse_json(text).value())) << text;
        auto const value = wire::parse_json(text).value();
        ASSERT_TRUE(wire::read<plain>(value, {.canonical = &canonical}));
        EXPECT_EQ(canonical, wire::to_canonical(value));
    }
    std::string canonical;
    EXPECT_FALSE(wire::read<plain>(std::string_view("{\"a\":"), {.canonical = &canonical}));
}

TEST(ParseOptions, ChecksSeeTheMomentAndReport) {
    auto const read = [](std::string_view text, wire::parse_options how = {}) {
        return wire::read<plain>(text, how);
    };
    EXPECT_TRUE(read(R"({"a":"late"})"));
    auto const late = read(R"({"a":"late"})", {.now = time_point(milliseconds(1))});
    EXPECT_EQ(late.error().faults(), (std::vector<fault>{{"/a", "is over"}}));
    std::vector<fault> warnings;
    EXPECT_TRUE(read(R"({"a":"odd"})", {.warnings = &warnings}));
    EXPECT_EQ(warnings, (std::vector<fault>{{"/a", "is odd"}}));
    EXPECT_EQ(read(R"({"a":"nested"})").error().faults(), (std::vector<fault>{{"/x", "inner"}}));
}

TEST(ParseOptions, AfterReadFillsMembersThatFollow) {
    EXPECT_EQ(wire::read<plain>(std::string_view("{}"))->a, "filled");
}

TEST(ParseOptions, DefaultsMayBeLeftOutOnWriting) {
    plain value;
    std::string out;
    wire::write(value, out);
    EXPECT_TRUE(out.starts_with("{\"times\"")) << out;
    value.a = "x";
    out.clear();
    wire::write(value, out);
    EXPECT_TRUE(out.starts_with("{\"a\":\"x\"")) << out;
}

}  // namespace
}  // namespace wire_sample
}  // namespace cxb::inline v1
