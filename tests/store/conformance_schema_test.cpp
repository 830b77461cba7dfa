#include "store/conformance.hpp"

namespace cxb::store {
namespace {

constexpr std::string_view by_a[] = {"a"};
constexpr std::string_view by_b[] = {"b"};
constexpr field_decl only_a[] = {{"a", field_type::text}};
constexpr field_decl a_and_b[] = {{"a", field_type::text}, {"b", field_type::integer}};
constexpr field_decl b_as_text[] = {{"a", field_type::text}, {"b", field_type::text}};
constexpr index_decl index_a[] = {{by_a}};
constexpr index_decl index_b[] = {{by_a}, {by_b}};
constexpr index_decl unique_a[] = {{by_a, true}};
constexpr collection first{"growing", only_a, index_a};
constexpr collection second{"growing", a_and_b, index_b};
constexpr collection third{"growing", b_as_text, index_b};
constexpr collection strict{"growing", only_a, unique_a};

using ConformanceSchema = Conformance;

INSTANTIATE_TEST_SUITE_P(Engines, ConformanceSchema, ::testing::ValuesIn(engines()),
                         [](auto const& row) { return row.param.name; });

TEST_P(ConformanceSchema, DocumentsSurviveReopening) {
    use(first);
    insert(first, R"({"_id":"1","a":"x"})");
    reopen();
    EXPECT_EQ(text_of(first, "1"), R"({"_id":"1","a":"x"})");
    EXPECT_EQ(ids(first, all_of({eq("a", "x")})), words{"1"});
}

TEST_P(ConformanceSchema, EnsureMayBeRepeated) {
    for (int i = 0; i < 3; ++i)
        use(second);
    insert(second, R"({"_id":"1","b":1})");
    use(second);
    EXPECT_EQ(ids(second, all_of({eq("b", 1)})), words{"1"});
}

TEST_P(ConformanceSchema, NewDeclaredFieldIsFilledFromTheDocuments) {
    use(first);
    insert(first, R"({"_id":"1","a":"x","b":7})");
    insert(first, R"({"_id":"2","a":"y","b":"seven"})");
    insert(first, R"({"_id":"3"})");
    use(second);
    EXPECT_EQ(ids(second, all_of({eq("b", 7)})), words{"1"});
    EXPECT_EQ(ids(second, all_of({missing("b")})), (words{"2", "3"}));
}

TEST_P(ConformanceSchema, FieldMayChangeItsKind) {
    use(second);
    insert(second, R"({"_id":"1","b":7})");
    insert(second, R"({"_id":"2","b":"seven"})");
    use(third);
    EXPECT_EQ(ids(third, all_of({eq("b", "seven")})), words{"2"});
    EXPECT_EQ(ids(third, all_of({missing("b")})), words{"1"});
}

TEST_P(ConformanceSchema, FieldDeclaredAgainIsUpToDate) {
    use(second);
    insert(second, R"({"_id":"1","b":7})");
    use(first);
    insert(first, R"({"_id":"2","b":8})");
    ASSERT_TRUE(test::run(store().update_one(first, by_id("1"), update{}.set("b", 9))));
    use(second);
    EXPECT_EQ(ids(second, all_of({gte("b", 8)})), (words{"1", "2"}));
}

TEST_P(ConformanceSchema, NewUniqueKeyIsCheckedAgainstTheDocuments) {
    use(first);
    insert(first, R"({"_id":"1","a":"x"})");
    insert(first, R"({"_id":"2","a":"x"})");
    auto const refused = test::run(store().ensure(strict));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::conflict);
    ASSERT_TRUE(test::run(store().remove(first, by_id("2"))));
    use(strict);
    EXPECT_FALSE(test::run(store().insert(strict, {{"a", "x"}})));
    use(first);
    EXPECT_TRUE(test::run(store().insert(first, {{"a", "x"}})));
}

TEST_P(ConformanceSchema, ImpossibleDeclarationsAreProgrammingErrors) {
    static constexpr field_decl named_id[] = {{"id", field_type::text}};
    static constexpr collection bad_field{"bad", named_id, {}};
    static constexpr collection bad_index{"bad", only_a, index_b};
    EXPECT_THROW((void)test::run(store().ensure(bad_field)), std::logic_error);
    EXPECT_THROW((void)test::run(store().ensure(bad_index)), std::logic_error);
    EXPECT_THROW((void)test::run(store().insert(bad_index, {})), std::logic_error);
}

}  // namespace
}  // namespace cxb::store
