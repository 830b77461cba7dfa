#include "cxb/store/query.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cxb::store {
namespace {

json_object document(std::string_view text) {
    return wire::parse_json(text).value().get_object();
}

bool fits(std::vector<condition> conditions, std::string_view text) {
    return matches(all_of(std::move(conditions)), document(text));
}

TEST(Filter, EmptyMatchesEverything) {
    EXPECT_TRUE(matches({}, document("{}")));
}

TEST(Filter, NullAndAbsentAreTheSame) {
    for (auto const* text : {"{}", R"({"a":null})", R"({"a":{}})", R"({"a":[1]})"}) {
        EXPECT_TRUE(fits({missing("a")}, text)) << text;
        EXPECT_FALSE(fits({exists("a")}, text)) << text;
        EXPECT_TRUE(fits({eq("a", nullptr)}, text)) << text;
        EXPECT_FALSE(fits({ne("a", nullptr)}, text)) << text;
        EXPECT_TRUE(fits({ne("a", 1)}, text)) << text;
        EXPECT_FALSE(fits({lt("a", 1)}, text)) << text;
        EXPECT_FALSE(fits({gte("a", nullptr)}, text)) << text;
        EXPECT_FALSE(fits({starts_with("a", "")}, text)) << text;
        EXPECT_TRUE(fits({in("a", {1, nullptr})}, text)) << text;
        EXPECT_FALSE(fits({in("a", {1})}, text)) << text;
    }
}

TEST(Filter, ComparesByKindOfValue) {
    EXPECT_TRUE(fits({eq("a", 5.0)}, R"({"a":5})"));
    EXPECT_TRUE(fits({eq("a", std::uint64_t{5})}, R"({"a":5})"));
    EXPECT_FALSE(fits({eq("a", "5")}, R"({"a":5})"));
    EXPECT_TRUE(fits({ne("a", "5")}, R"({"a":5})"));
    EXPECT_FALSE(fits({lt("a", "x")}, R"({"a":5})"));
    EXPECT_TRUE(fits({lt("a", true)}, R"({"a":false})"));
    EXPECT_TRUE(fits({gt("a", "ä")}, R"({"a":"ब"})"));
    EXPECT_TRUE(fits({lte("a", 1.5), gte("a", 1.5), gt("a", 1)}, R"({"a":1.5})"));
    EXPECT_FALSE(fits({gt("a", 1.5)}, R"({"a":1.5})"));
    EXPECT_TRUE(fits({lt("a", 9007199254740993)}, R"({"a":9007199254740992})"));
}

TEST(Filter, FollowsDottedPathsAndPrefixes) {
    EXPECT_TRUE(fits({eq("a.b", "x")}, R"({"a":{"b":"x"}})"));
    EXPECT_TRUE(fits({starts_with("n", "ab")}, R"({"n":"abc"})"));
    EXPECT_FALSE(fits({starts_with("n", "abd")}, R"({"n":"abc"})"));
    EXPECT_FALSE(fits({in("n", {})}, R"({"n":"abc"})"));
    EXPECT_TRUE(matches(by_id("7"), document(R"({"_id":"7"})")));
}

TEST(Filter, AnyNeedsOneBranch) {
    auto const either = any_of({all_of({eq("s", "a"), gt("n", 1)}), all_of({eq("s", "b")})});
    EXPECT_TRUE(matches(either, document(R"({"s":"a","n":2})")));
    EXPECT_FALSE(matches(either, document(R"({"s":"a","n":1})")));
    EXPECT_TRUE(matches(either, document(R"({"s":"b"})")));
    auto both = either;
    both.all.push_back(eq("x", 1));
    EXPECT_FALSE(matches(both, document(R"({"s":"b"})")));
}

std::string applied(update const& changes, std::string_view text, bool inserted = false) {
    auto made = document(text);
    changes.apply(made, inserted);
    return wire::to_text(made);
}

TEST(Update, SetsAndRemovesAlongPaths) {
    EXPECT_EQ(applied(update{}.set("a.b", 1), "{}"), R"({"a":{"b":1}})");
    EXPECT_EQ(applied(update{}.set("a.b", 1), R"({"a":7})"), R"({"a":{"b":1}})");
    EXPECT_EQ(applied(update{}.unset("a.b"), R"({"a":{"b":1,"c":2}})"), R"({"a":{"c":2}})");
    EXPECT_EQ(applied(update{}.unset("x.y"), R"({"a":1})"), R"({"a":1})");
    EXPECT_EQ(applied(update{}.set("a", 1).set("a", 2).unset("b"), R"({"b":0})"), R"({"a":2})");
}

TEST(Update, IncCountsFromZeroAndNeverWraps) {
    EXPECT_EQ(applied(update{}.inc("n", 2), "{}"), R"({"n":2})");
    EXPECT_EQ(applied(update{}.inc("n", 2), R"({"n":null})"), R"({"n":2})");
    EXPECT_EQ(applied(update{}.inc("n", -2), R"({"n":1})"), R"({"n":-1})");
    EXPECT_EQ(applied(update{}.inc("n", 1), R"({"n":0.5})"), R"({"n":1.5})");
    EXPECT_EQ(applied(update{}.inc("n", 1), R"({"n":"x"})"), R"({"n":1})");
    json_object full{{"n", std::numeric_limits<std::int64_t>::max()}};
    update{}.inc("n", 1).apply(full, false);
    EXPECT_DOUBLE_EQ(full.at("n").get_double(), 9223372036854775808.0);
    json_object huge{{"n", std::numeric_limits<std::uint64_t>::max()}};
    update{}.inc("n", 1).apply(huge, false);
    EXPECT_TRUE(huge.at("n").is_double());
    json_object small{{"n", std::uint64_t{3}}};
    update{}.inc("n", 1).apply(small, false);
    EXPECT_EQ(small.at("n").to_number<int>(), 4);
}

TEST(Update, PushKeepsTheNewest) {
    EXPECT_EQ(applied(update{}.push("l", 1), "{}"), R"({"l":[1]})");
    EXPECT_EQ(applied(update{}.push("l", 4, 2), R"({"l":[1,2,3]})"), R"({"l":[3,4]})");
    EXPECT_EQ(applied(update{}.push("l", 4), R"({"l":"x"})"), R"({"l":[4]})");
}

TEST(Update, SetOnInsertOnlyWhenInserted) {
    auto const changes = update{}.set_on_insert("a", 1).set("b", 2);
    EXPECT_EQ(applied(changes, "{}"), R"({"b":2})");
    EXPECT_EQ(applied(changes, "{}", true), R"({"a":1,"b":2})");
    EXPECT_TRUE(update{}.empty());
    EXPECT_EQ(changes.changes().size(), 2U);
}

}  // namespace
}  // namespace cxb::store
