#include "cxb/wire/raw_json.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "unit/wire/sample.hpp"

namespace cxb::wire {
namespace {

TEST(RawJson, KeepsTheSpellingOfNumbersAndTheOrderOfMembers) {
    constexpr std::string_view text =
        R"({"b":1.10,"a":[123456789012345678901234567890,-0.0,1E5],"c":{"d":null,"e":"é{["}})";
    EXPECT_EQ(raw_json::parse(text)->text(), text);
    EXPECT_EQ(raw_json::parse(" { \"a\" : [ 1 , true ] , \"b\":\"\\u00e9\\/\" }\n")->text(),
              R"({"a":[1,true],"b":"é/"})");
    auto const read =
        wire_sample::parse_document(R"({"id":"a","data": )" + std::string(text) + "}");
    EXPECT_EQ(read->data->text(), text);
    EXPECT_NE(serialize(*read).find(text), std::string::npos);
}

TEST(RawJson, RefusesNoJsonAndTooMuch) {
    EXPECT_EQ(raw_json::parse("{").error().code(), errc::malformed);
    EXPECT_EQ(raw_json::parse("[1e999]").error().code(), errc::malformed);
    EXPECT_EQ(raw_json::parse("[1]", 2).error().code(), errc::too_large);
}

TEST(RawJson, KnowsItsKind) {
    EXPECT_TRUE(raw_json().is_null());
    EXPECT_TRUE(raw_json::object().is_object());
    EXPECT_TRUE(raw_json::parse("\"x\"")->is_string());
    EXPECT_TRUE(raw_json::parse("[]")->is_array());
    EXPECT_TRUE(raw_json::parse("[]")->is_blank());
    EXPECT_TRUE(raw_json::object().is_blank());
    EXPECT_FALSE(raw_json::parse("[0]")->is_blank());
}

TEST(RawJson, GoesToAndFromTheDom) {
    json_value const value = {{"a", 1}, {"b", {1.5, nullptr}}};
    auto const raw = raw_json::from_value(value);
    EXPECT_EQ(raw.text(), R"({"a":1,"b":[1.5,null]})");
    EXPECT_EQ(raw.to_value(), value);
    EXPECT_EQ(raw.to_object(), value.get_object());
    EXPECT_EQ(raw_json::from_object(value.get_object()), raw);
    EXPECT_TRUE(raw_json::parse("[1]")->to_object().empty());
    EXPECT_EQ(raw_json::parse(R"({"a":1,"a":2})")->to_object(), (json_object{{"a", 2}}));
}

}  // namespace
}  // namespace cxb::wire
