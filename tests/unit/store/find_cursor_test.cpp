#include "src/store/find_cursor.hpp"

#include <gtest/gtest.h>

namespace cxb::store {
namespace {

TEST(FindCursor, IdIsTheSilentLastKey) {
    auto const none = complete_order({});
    ASSERT_EQ(none.size(), 1U);
    EXPECT_EQ(none[0].field, "_id");
    EXPECT_FALSE(none[0].descending);
    auto const newest = complete_order({{"created_at", true}});
    ASSERT_EQ(newest.size(), 2U);
    EXPECT_TRUE(newest[1].descending);
    EXPECT_EQ(complete_order({{"_id", true}, {"a", false}}).size(), 1U);
}

TEST(FindCursor, RoundTripsItsValues) {
    auto const order = complete_order({{"a", true}, {"b", false}});
    std::vector<json_value> const values{json_value(nullptr), json_value(1.5), json_value("ä\"")};
    auto const text = write_cursor(order, values);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
              std::string::npos);
    EXPECT_EQ(read_cursor(order, text).value(), values);
}

TEST(FindCursor, RefusesWhatIsNoCursorOfTheOrder) {
    auto const order = complete_order({{"a", true}});
    auto const good = write_cursor(order, {json_value(1), json_value("x")});
    auto const refused = [&](std::vector<sort_key> const& of, std::string const& text) {
        auto const read = read_cursor(of, text);
        return !read && read.error().code() == errc::invalid &&
               read.error().faults().at(0).pointer == "/cursor";
    };
    EXPECT_TRUE(refused(complete_order({{"a", false}}), good));
    EXPECT_TRUE(refused(complete_order({{"b", true}}), good));
    EXPECT_TRUE(refused(order, "%"));
    EXPECT_TRUE(refused(order, "aGVsbG8"));
    EXPECT_TRUE(refused(order, std::string(10000, 'A')));
    EXPECT_TRUE(refused(order, write_cursor(order, {json_value("x")})));
    EXPECT_TRUE(refused(order, write_cursor(order, {json_value(1), json_value(2)})));
    EXPECT_TRUE(refused(order, write_cursor(order, {wire::json_array{1}, json_value("x")})));
}

}  // namespace
}  // namespace cxb::store
