#include "cxb/wire/prepared_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "unit/wire/sample.hpp"

namespace cxb::wire {
namespace {

using wire_sample::document;

document sample() {
    document value;
    value.id = "a-1";
    value.title = "Say \"hello\".";
    value.voice = "asha";
    value.headers = {{"x", "1"}};
    value.note = null;
    value.tools.push_back({.name = "search", .score = 0.5, .rest = raw_json::object()});
    value.ext = raw_json::trusted(R"({"more":1})");
    return value;
}

std::string written(document const& common, std::span<std::string_view const> varying,
                    document const& value) {
    std::string out;
    prepared_text(common, varying).write(value, out);
    return out;
}

TEST(PreparedText, EveryChoiceOfVaryingMembersGivesTheTextOfTheWriter) {
    auto const value = sample();
    auto const wanted = serialize(value);
    std::vector<std::string_view> all;
    for (auto const& field : wire_sample::document_fields()) {
        std::array const one = {field.name};
        EXPECT_EQ(written(value, one, value), wanted) << field.name;
        all.push_back(field.name);
    }
    EXPECT_EQ(written(value, {}, value), wanted);
    EXPECT_EQ(written(value, all, value), wanted);
}

TEST(PreparedText, VaryingAndUnknownMembersComeFromTheValue) {
    std::array<std::string_view, 3> const varying = {"id", "tools", "url"};
    auto other = sample();
    other.id = "a-2";
    other.title = "not read";
    other.url = "http://127.0.0.1/x";
    other.ext = raw_json::object();
    auto wanted = sample();
    wanted.id = "a-2";
    wanted.url = other.url;
    wanted.ext = other.ext;
    EXPECT_EQ(written(sample(), varying, other), serialize(wanted));
}

TEST(PreparedText, AppendsAndTellsHowMuchIsCommon) {
    std::array<std::string_view, 1> const varying = {"id"};
    prepared_text const prepared(sample(), varying);
    std::string out = "before ";
    prepared.write(sample(), out);
    EXPECT_EQ(out, "before " + serialize(sample()));
    EXPECT_GT(prepared.size(), std::size_t{100});
    EXPECT_LE(prepared.size(), out.size());
}

TEST(PreparedText, RefusesUnknownNamesAndOtherTypes) {
    std::array<std::string_view, 1> const wrong = {"ids"};
    EXPECT_THROW(prepared_text(sample(), wrong), std::logic_error);
    prepared_text const prepared(sample(), {});
    std::string out;
    EXPECT_THROW(prepared.write(wire_sample::holder{}, out), std::logic_error);
}

}  // namespace
}  // namespace cxb::wire
