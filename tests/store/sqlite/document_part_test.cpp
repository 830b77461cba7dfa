// Some members of a stored document are what they would be in the whole one.
#include "src/store/sqlite/document_part.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/store/query.hpp"
#include "src/store/sqlite/document_writes.hpp"

namespace cxb::store {
namespace {

std::vector<std::string> const only{"a", "n", "list", "é"};

TEST(SqliteDocumentPart, IsThatOfTheWholeDocument) {
    char const* const documents[] = {
        R"({})",
        R"({"_id":"1"})",
        R"({"_id":"1","a":"x","b":"y","n":-1.5e3})",
        R"({"b":{"a":[1,{"a":"}"}],"n":"]"},"a":{"b":[[],{}]},"_id":"2"})",
        R"({"b":"\"a\":1,","a":"\\","c":"\\\"","n":null,"_id":"3"})",
        R"({"b":"\\\\","a":"\\\\\"","list":[],"_id":"4","other":[1,2,[3,"[\"]"]]})",
        R"({"b":true,"a":false,"x":12,"n":12})",
        R"({"\u0061":"escaped","b":1,"_id":"5"})",
        R"({"a":1,"b":2,"a":3})",
        R"({"é":"ü","ab":1,"":2,"_id":"6"})",
        " {\t\"b\" : [ 1 , 2 ] ,\r\n \"a\" : { \"x\" : 1 } , \"n\" : 7 }  "};
    for (std::string_view const text : documents) {
        auto const whole = sqlite::read_document(text).value();
        wire::json_object wanted;
        for (auto const& member : whole)
            if (member.key() == id_field || std::ranges::find(only, member.key()) != only.end())
                wanted[member.key()] = member.value();
        auto const part = sqlite::read_part(text, only);
        ASSERT_TRUE(part) << text;
        EXPECT_EQ(*part, wanted) << text;
    }
}

TEST(SqliteDocumentPart, DamagedTextIsToldWhereverItIsCut) {
    std::string const text = R"({"b":{"a":["\"]",1]},"a":"x\\","c":[1],"n":12})";
    ASSERT_TRUE(sqlite::read_part(text, only));
    for (std::size_t length = 0; length < text.size(); ++length) {
        auto const part = sqlite::read_part(std::string_view(text).substr(0, length), only);
        ASSERT_FALSE(part) << length;
        EXPECT_EQ(part.error().code(), errc::corrupt_data);
    }
    for (auto const* each : {"", "[]", "1", R"({"a":})", R"({"a" 1})", R"({"a":1)", R"({"a":1]})",
                             R"({"a":x,"b":1})", R"({"b":1,})", R"({,"a":1})", R"({"a":1,b:2})"})
        EXPECT_FALSE(sqlite::read_part(each, only)) << each;
}

}  // namespace
}  // namespace cxb::store
