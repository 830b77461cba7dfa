#include "cxb/wire/parse_options.hpp"

#include <gtest/gtest.h>

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
