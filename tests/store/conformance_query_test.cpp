#include <algorithm>

#include "cxb/base/random.hpp"
#include "store/conformance.hpp"

namespace cxb::store {
namespace {

class ConformanceQuery : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        use(items);
    }

    /// All ids, fetched page by page; `between` runs after each page.
    words paged(find_options options, std::function<void()> const& between = {},
                filter const& where = {}) {
        words all;
        for (int pages = 0; pages < 1000; ++pages) {
            auto const got = test::run(store().find(items, where, options)).value();
            EXPECT_LE(got.items.size(), options.limit);
            for (auto const& id : ids_of(got))
                all.push_back(id);
            if (got.next.empty()) return all;
            EXPECT_EQ(got.items.size(), options.limit);
            options.after = got.next;
            if (between) between();
        }
        ADD_FAILURE() << "endless list";
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(Engines, ConformanceQuery, ::testing::ValuesIn(engines()),
                         [](auto const& row) { return row.param.name; });

TEST_P(ConformanceQuery, EveryComparison) {
    insert(items, R"({"_id":"a","n":1,"r":0.5,"flag":false,"kind":"agent"})");
    insert(items,
           R"({"_id":"b","n":2,"r":2,"flag":true,"kind":"bot","at":"2026-01-01T00:00:00.000Z"})");
    insert(items, R"({"_id":"c","n":2.5,"at":"2026-01-02T00:00:00.000Z","name":"alpha"})");
    insert(items, R"({"_id":"d","n":null,"name":"alps"})");
    struct {
        condition wanted;
        words expected;
    } const rows[] = {
        {eq("n", 2), {"b"}},
        {eq("n", 2.0), {"b"}},
        {eq("n", 2.5), {"c"}},
        {eq("n", "2"), {}},
        {eq("n", nullptr), {"d"}},
        {ne("n", 2), {"a", "c", "d"}},
        {ne("n", "2"), {"a", "b", "c", "d"}},
        {ne("n", nullptr), {"a", "b", "c"}},
        {lt("n", 2), {"a"}},
        {lte("n", 2), {"a", "b"}},
        {gt("n", 2), {"c"}},
        {gte("n", 2), {"b", "c"}},
        {gte("n", nullptr), {}},
        {gt("r", 0.4), {"a", "b"}},
        {eq("r", 2), {"b"}},
        {eq("flag", true), {"b"}},
        {ne("flag", true), {"a", "c", "d"}},
        {eq("flag", 1), {}},
        {in("n", {1, 2.5, "x"}), {"a", "c"}},
        {in("n", {1, nullptr}), {"a", "d"}},
        {in("n", {nullptr}), {"d"}},
        {in("n", {}), {}},
        {in("_id", {"a", "b", "c"}), {"a", "b", "c"}},
        {exists("at"), {"b", "c"}},
        {missing("at"), {"a", "d"}},
        {gte("at", "2026-01-01T12:00:00.000Z"), {"c"}},
        {starts_with("name", "al"), {"c", "d"}},
        {starts_with("name", "alp"), {"c", "d"}},
        {starts_with("name", "alph"), {"c"}},
        {starts_with("name", ""), {"c", "d"}},
        {eq("kind", "agent"), {"a"}},
        {eq("owner.id", "x"), {}},
    };
    for (auto const& row : rows)
        EXPECT_EQ(ids(items, all_of({row.wanted})), row.expected)
            << row.wanted.field << ' ' << static_cast<int>(row.wanted.op) << ' '
            << wire::to_text(row.wanted.value);
}

TEST_P(ConformanceQuery, AnyJoinsBranches) {
    insert(items, R"({"_id":"a","n":1,"kind":"x"})");
    insert(items, R"({"_id":"b","n":2,"kind":"y"})");
    insert(items, R"({"_id":"c","n":3,"kind":"x"})");
    auto const either = any_of({all_of({eq("n", 1), eq("kind", "x")}), all_of({gt("n", 2)})});
    EXPECT_EQ(ids(items, either), (words{"a", "c"}));
    auto both = either;
    both.all = {lt("n", 3)};
    EXPECT_EQ(ids(items, both), words{"a"});
    EXPECT_EQ(ids(items, any_of({filter{}})), (words{"a", "b", "c"}));
}

TEST_P(ConformanceQuery, FiltersAgreeWithMatchesInMemory) {
    seeded_random random(7);
    std::vector<json_object> all;
    for (int i = 0; i < 60; ++i) {
        json_object made{{"_id", std::to_string(100 + i)}};
        if (random.below(4) != 0) made["n"] = static_cast<std::int64_t>(random.below(5));
        if (random.below(4) != 0) made["flag"] = random.below(2) == 0;
        if (random.below(4) != 0) made["kind"] = std::string(1 + random.below(3), 'k');
        all.push_back(made);
    }
    ASSERT_TRUE(test::run(store().bulk_insert(items, all)));
    auto const one = [&] {
        auto const op = static_cast<compare>(random.below(9));
        switch (random.below(3)) {
            case 0:
                return condition{"n", op, json_value(static_cast<std::int64_t>(random.below(5)))};
            case 1:
                return condition{"kind", op, json_value(std::string(random.below(4), 'k'))};
            default:
                return condition{"flag", op, json_value(random.below(2) == 0)};
        }
    };
    for (int round = 0; round < 200; ++round) {
        filter wanted = all_of({one()});
        if (random.below(2) == 0) wanted.any = {all_of({one(), one()}), all_of({one()})};
        words expected;
        for (auto const& each : all)
            if (matches(wanted, each)) expected.emplace_back(wire::text_at(each, "_id"));
        ASSERT_EQ(ids(items, wanted), expected) << "round " << round;
    }
}

TEST_P(ConformanceQuery, SortPutsAbsentFirstAndDescendingLast) {
    insert(items, R"({"_id":"a","n":2,"kind":"x"})");
    insert(items, R"({"_id":"b","kind":"y"})");
    insert(items, R"({"_id":"c","n":1,"kind":"x"})");
    insert(items, R"({"_id":"d","n":2,"kind":"y"})");
    insert(items, R"({"_id":"e"})");
    EXPECT_EQ(ids(items, {}, {{"n", false}}), (words{"b", "e", "c", "a", "d"}));
    EXPECT_EQ(ids(items, {}, {{"n", true}}), (words{"d", "a", "c", "e", "b"}));
    EXPECT_EQ(ids(items, {}, {{"kind", true}, {"n", false}}), (words{"b", "d", "c", "a", "e"}));
    EXPECT_EQ(ids(items, {}, {{"_id", true}}), (words{"e", "d", "c", "b", "a"}));
}

TEST_P(ConformanceQuery, CursorsWalkEveryOrderWithAbsentValues) {
    seeded_random random(3);
    std::vector<json_object> all;
    for (int i = 0; i < 50; ++i) {
        json_object made{{"_id", std::to_string(100 + i)}};
        if (random.below(3) != 0) made["n"] = static_cast<std::int64_t>(random.below(4));
        if (random.below(3) != 0)
            made["kind"] = std::string(1, static_cast<char>('a' + random.below(3)));
        if (random.below(3) != 0) made["r"] = static_cast<double>(random.below(3)) / 2;
        if (random.below(3) != 0) made["flag"] = random.below(2) == 0;
        all.push_back(made);
    }
    ASSERT_TRUE(test::run(store().bulk_insert(items, all)));
    for (int round = 0; round < 60; ++round) {
        std::vector<sort_key> sort;
        for (auto const* field : {"n", "kind", "r", "flag"})
            if (random.below(2) == 0) sort.push_back({field, random.below(2) == 0});
        std::shuffle(sort.begin(), sort.end(), std::minstd_rand(static_cast<unsigned>(round)));
        find_options options;
        options.sort = sort;
        options.limit = 1 + random.below(9);
        auto const where = round % 2 == 0 ? filter{} : all_of({ne("n", 2)});
        EXPECT_EQ(paged(options, {}, where), ids(items, where, sort)) << "round " << round;
    }
}

TEST_P(ConformanceQuery, NoRowIsMetTwiceOrMissedWhileOthersAreWritten) {
    for (int i = 100; i < 140; ++i)
        insert(items,
               R"({"_id":")" + std::to_string(i) + R"(","n":)" + std::to_string(i / 3) + "}");
    find_options options;
    options.sort = {{"n", true}};
    options.limit = 7;
    int fresh = 0;
    auto const met = paged(options, [&] {
        auto const name = "new" + std::to_string(fresh++);
        insert(items, R"({"_id":")" + name + R"(","n":999})");
        insert(items, R"({"n":-1})");
        EXPECT_TRUE(test::run(store().remove(items, by_id("139"))));
    });
    words old;
    for (auto const& id : met)
        if (id.size() == 3) old.push_back(id);
    words expected;
    for (int i = 139; i >= 100; --i)
        expected.push_back(std::to_string(i));
    EXPECT_EQ(old, expected);
}

TEST_P(ConformanceQuery, LimitSkipOnlyAndBadCursor) {
    for (auto const* id : {"a", "b", "c", "d"})
        insert(items, R"({"_id":")" + std::string(id) + R"(","n":1,"x":[1],"y":2})");
    find_options options;
    options.limit = 2;
    options.skip = 1;
    options.only = {"x", "gone"};
    auto const got = test::run(store().find(items, {}, options)).value();
    EXPECT_EQ(ids_of(got), (words{"b", "c"}));
    EXPECT_EQ(wire::to_text(got.items[0]), R"({"_id":"b","x":[1]})");
    EXPECT_FALSE(got.next.empty());
    auto by_id = options;
    by_id.only = {"_id", "y"};
    auto const named = test::run(store().find(items, {}, by_id)).value();
    EXPECT_EQ(wire::to_text(named.items[0]), R"({"_id":"b","y":2})");
    options.after = got.next;
    auto const rest = test::run(store().find(items, {}, options)).value();
    EXPECT_EQ(ids_of(rest), words{"d"});
    EXPECT_TRUE(rest.next.empty());
    options.after = "rubbish";
    auto const refused = test::run(store().find(items, {}, options));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid);
    options.after.clear();
    options.skip = 0;
    options.limit = 4;
    EXPECT_TRUE(test::run(store().find(items, {}, options)).value().next.empty());
}

TEST_P(ConformanceQuery, CountIsExactOrCapped) {
    for (int i = 0; i < 12; ++i)
        insert(items, R"({"n":)" + std::to_string(i % 3) + "}");
    EXPECT_EQ(test::run(store().count(items, {})).value(), 12);
    EXPECT_EQ(test::run(store().count(items, {}, 5)).value(), 5);
    EXPECT_EQ(test::run(store().count(items, all_of({eq("n", 1)}), 5)).value(), 4);
    EXPECT_EQ(test::run(store().count(items, all_of({eq("n", 7)}))).value(), 0);
}

TEST_P(ConformanceQuery, GroupCountsAndSums) {
    insert(items, R"({"kind":"a","flag":true,"n":1,"r":0.5})");
    insert(items, R"({"kind":"a","flag":true,"n":2,"r":1})");
    insert(items, R"({"kind":"a","flag":false,"n":4})");
    insert(items, R"({"kind":"b","n":"x"})");
    insert(items, R"({"n":8})");
    auto const rows = test::run(store().group(items, {}, {"kind", "flag"}, {"n", "r"})).value();
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].keys, (std::vector<json_value>{nullptr, nullptr}));
    EXPECT_EQ(rows[0].sums, (std::vector<double>{8, 0}));
    EXPECT_EQ(rows[1].keys, (std::vector<json_value>{"a", false}));
    EXPECT_EQ(rows[2].keys, (std::vector<json_value>{"a", true}));
    EXPECT_EQ(rows[2].count, 2);
    EXPECT_EQ(rows[2].sums, (std::vector<double>{3, 1.5}));
    EXPECT_EQ(rows[3].keys, (std::vector<json_value>{"b", nullptr}));
    EXPECT_EQ(rows[3].sums, (std::vector<double>{0, 0}));
    auto const whole = test::run(store().group(items, all_of({exists("kind")}), {}, {"n"})).value();
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_EQ(whole[0].count, 4);
    EXPECT_EQ(whole[0].sums, std::vector<double>{7});
    EXPECT_TRUE(test::run(store().group(items, all_of({eq("n", 99)}), {})).value().empty());
}

}  // namespace
}  // namespace cxb::store
