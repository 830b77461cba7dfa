#include "cxb/wire/http_message.hpp"

#include <gtest/gtest.h>

namespace cxb::wire {
namespace {

TEST(HeaderList, ComparesNamesWithoutCaseAndKeepsOrder) {
    header_list list{{"A", "1"}, {"b", "2"}};
    list.add("a", "3");
    EXPECT_EQ(list.get("a"), "1");
    EXPECT_EQ(list.get("B"), "2");
    EXPECT_EQ(list.get("c"), "");
    EXPECT_TRUE(list.has("B"));
    list.set("A", "4");
    EXPECT_EQ(list.items(), (std::vector<header_list::item>{{"A", "4"}, {"b", "2"}}));
    list.set("c", "5");
    list.remove("a");
    EXPECT_EQ(list.items(), (std::vector<header_list::item>{{"b", "2"}, {"c", "5"}}));
}

TEST(QueryList, DecodesAndEncodes) {
    auto const query = query_list::parse("a=1&b=%20x+y&&c&a=2&d=%7B%22k%22%3A1%7D");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->get("a"), "1");
    EXPECT_EQ(query->get("b"), " x y");
    EXPECT_EQ(query->get("c"), "");
    EXPECT_EQ(query->get("d"), R"({"k":1})");
    EXPECT_EQ(query->get("e"), std::nullopt);
    EXPECT_EQ(query->to_text(), "a=1&b=%20x%20y&c=&a=2&d=%7B%22k%22%3A1%7D");
    EXPECT_EQ(query_list::parse("a=%zz").error().code(), errc::malformed);
    EXPECT_TRUE(query_list::parse("")->items().empty());
}

}  // namespace
}  // namespace cxb::wire
