// Many at once on one document, values at their limits, large documents, clocks that jump.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <limits>
#include <set>

#include "cxb/base/clock.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "store/conformance.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class ConformanceExtremes : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        use(items);
        use(others);
    }

    std::string stored(collection const& in, std::string_view text) {
        auto document = wire::parse_json(text).value().get_object();
        auto const id = std::string(wire::text_at(document, "_id"));
        EXPECT_TRUE(test::run(store().insert(in, std::move(document))));
        return text_of(in, id);
    }
};

INSTANTIATE_TEST_SUITE_P(Engines, ConformanceExtremes, ::testing::ValuesIn(engines()),
                         [](auto const& row) { return row.param.name; });

TEST_P(ConformanceExtremes, HundredTasksOnOneDocumentTakeTurns) {
    constexpr int tasks = 100;
    insert(items, R"({"_id":"1","n":0})");
    std::vector<asio::awaitable<result<std::optional<json_object>>>> all;
    for (int i = 0; i < tasks; ++i)
        all.push_back(store().find_one_and_update(
            items, by_id("1"), update{}.inc("n", 1).push("who", i).set("last", i)));
    std::set<std::int64_t> turns;
    for (auto const& each : test::run_all(std::move(all))) {
        ASSERT_TRUE(each) << each.error().to_log_text();
        auto const& who = (*each)->at("who").get_array();
        auto const turn = wire::int_at(**each, "n");
        // Each sees its own change as the last one, and all before it.
        EXPECT_EQ(who.size(), static_cast<std::size_t>(turn));
        EXPECT_EQ(who.back(), (*each)->at("last"));
        EXPECT_TRUE(turns.insert(turn).second);
    }
    EXPECT_EQ(turns.size(), static_cast<std::size_t>(tasks));
}

TEST_P(ConformanceExtremes, WritesOfOneTaskKeepTheirOrder) {
    insert(others, R"({"_id":"log"})");
    auto const lane = [](document_store& store, int who) -> asio::awaitable<bool> {
        for (int step = 0; step < 10; ++step) {
            json_object entry{{"who", who}, {"step", step}};
            auto const done =
                co_await store.update_one(others, by_id("log"), update{}.push("list", entry));
            if (!done) co_return false;
        }
        co_return true;
    };
    std::vector<asio::awaitable<bool>> all;
    for (int who = 0; who < 10; ++who)
        all.push_back(lane(store(), who));
    for (bool const done : test::run_all(std::move(all)))
        EXPECT_TRUE(done);
    auto const log = test::run(store().find_one(others, by_id("log"))).value();
    std::vector<std::int64_t> next(10);
    for (auto const& each : log->at("list").get_array()) {
        auto const& entry = each.get_object();
        EXPECT_EQ(wire::int_at(entry, "step"),
                  next[static_cast<std::size_t>(wire::int_at(entry, "who"))]++);
    }
    EXPECT_EQ(next, std::vector<std::int64_t>(10, 10));
}

TEST_P(ConformanceExtremes, PartialUniqueKeysHoldAmongManyAtOnce) {
    std::vector<asio::awaitable<result<void>>> all;
    for (int i = 0; i < 40; ++i)
        all.push_back(store().insert(items, {{"owner", json_object{{"id", "o"}}},
                                             {"kind", i % 2 == 0 ? "agent" : "human"}}));
    int agents = 0;
    int others_done = 0;
    auto const done = test::run_all(std::move(all));
    for (std::size_t i = 0; i < done.size(); ++i)
        (i % 2 == 0 ? agents : others_done) += done[i] ? 1 : 0;
    EXPECT_EQ(agents, 1);
    EXPECT_EQ(others_done, 20);
    // Coming under the key and leaving it.
    auto const human = all_of({eq("kind", "human")});
    auto const entering =
        test::run(store().update_one(items, human, update{}.set("kind", "agent")));
    ASSERT_FALSE(entering);
    EXPECT_EQ(entering.error().pointer(), "owner.id,kind");
    ASSERT_TRUE(test::run(
        store().update_one(items, all_of({eq("kind", "agent")}), update{}.set("kind", "gone"))));
    EXPECT_TRUE(test::run(store().update_one(items, human, update{}.set("kind", "agent"))).value());
}

TEST_P(ConformanceExtremes, PagesStayWholeWhileManyWrite) {
    constexpr int stable = 60;
    std::vector<json_object> first;
    for (int i = 0; i < stable; ++i)
        first.push_back({{"_id", "s" + std::to_string(100 + i)}, {"n", i / 4}});
    ASSERT_TRUE(test::run(store().bulk_insert(items, first)));
    auto const walk = [](document_store& store, bool& over) -> asio::awaitable<words> {
        words met;
        find_options options;
        options.sort = {{"n", false}};
        options.limit = 7;
        do {
            auto const got = (co_await store.find(items, {}, options)).value();
            for (auto const& each : got.items)
                met.emplace_back(wire::text_at(each, "_id"));
            options.after = got.next;
        } while (!options.after.empty());
        over = true;
        co_return met;
    };
    auto const disturb = [](document_store& store, bool& over, int who) -> asio::awaitable<words> {
        for (int i = 0; !over && i < 500; ++i) {
            auto const id = "w" + std::to_string(who) + "-" + std::to_string(i);
            (co_await store.insert(items, {{"_id", id}, {"n", i % 20}})).value();
            (void)(co_await store.update_one(items, by_id(id), update{}.set("n", 3))).value();
            (void)(co_await store.update_one(items, by_id("s110"), update{}.set("x", i))).value();
            if (i % 2 == 0) (void)(co_await store.remove(items, by_id(id))).value();
        }
        co_return words{};
    };
    bool over = false;
    std::vector<asio::awaitable<words>> all;
    all.push_back(walk(store(), over));
    for (int who = 0; who < 3; ++who)
        all.push_back(disturb(store(), over, who));
    words met;
    auto const results = test::run_all(std::move(all));
    for (auto const& id : results.front())
        if (id.starts_with("s")) met.push_back(id);
    words expected;
    for (auto const& each : first)
        expected.emplace_back(wire::text_at(each, "_id"));
    EXPECT_EQ(met, expected);
}

TEST_P(ConformanceExtremes, FifteenMegabytesAreADocumentLikeAnyOther) {
    constexpr std::size_t size = 15'000'000;
    json_object large{{"_id", "big"}, {"name", "x"}, {"text", std::string(size, 'x')}};
    ASSERT_TRUE(test::run(store().insert(items, std::move(large))));
    ASSERT_TRUE(test::run(store().update_one(items, by_id("big"), update{}.set("n", 1))).value());
    ASSERT_TRUE(
        test::run(store().commit(batch{}
                                     .update_one(items, all_of({eq("_id", "big"), eq("n", 1)}),
                                                 update{}.inc("n", 1).set("name", "y"))
                                     .insert(others, {{"_id", "o"}})))
            .value()
            .applied);
    auto const found = test::run(store().find_one(items, all_of({eq("name", "y")}))).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(wire::int_at(*found, "n"), 2);
    EXPECT_EQ(wire::text_at(*found, "text").size(), size);
}

TEST_P(ConformanceExtremes, WhatIsTooLargeIsRefusedAsAWhole) {
    // Engines without a limit of their own store it.
    auto const is_refusal = [](auto const& done) {
        if (done) return false;
        EXPECT_EQ(done.error().code(), errc::too_large) << done.error().to_log_text();
        EXPECT_NE(done.error().detail().find("16 MiB"), std::string::npos);
        return true;
    };
    std::string const half(9 * 1024 * 1024, 'x');
    json_object large{{"_id", "big"}, {"a", half}, {"b", half}};
    bool const limited = is_refusal(test::run(store().insert(others, large)));
    EXPECT_EQ(text_of(others, "big").empty(), limited);
    EXPECT_EQ(limited, GetParam().name != "sqlite");
    ASSERT_TRUE(test::run(store().insert(others, {{"_id", "grows"}, {"a", half}})));
    // The server decides this one; that of the tests has no limit.
    bool const too_long = is_refusal(
        test::run(store().update_one(others, by_id("grows"), update{}.set("b", json_value(half)))));
    auto const grown = test::run(store().find_one(others, by_id("grows"))).value();
    EXPECT_EQ(grown->contains("b"), !too_long);
    EXPECT_EQ(is_refusal(test::run(store().commit(
                  batch{}
                      .update_one(others, by_id("grows"),
                                  update{}.set("b", json_value(half)).set("c", json_value(half)))
                      .insert(others, {{"_id", "o"}})))),
              limited);
    EXPECT_EQ(text_of(others, "o").empty(), limited);
}

TEST_P(ConformanceExtremes, AnyMemberNameIsKept) {
    std::string const text =
        R"({"_id":"1","$set":{"$inc":1,"a.b":2,"":3},"a.b":[{"$x":"$y"}],"%24":"%","_cxb":{"c":1},)"
        R"("7":{"0":true},"x%2E":1,"$":"","ü\u0000z":null})";
    EXPECT_EQ(wire::to_text(wire::parse_json(stored(others, text)).value()),
              wire::to_text(wire::parse_json(text).value()));
    ASSERT_TRUE(test::run(store().update_one(
        others, by_id("1"), update{}.set("$set.$inc", 2).set("_cxb.c", 2).set("7.0", false))));
    ASSERT_TRUE(
        test::run(store().commit(batch{}
                                     .update_one(others, by_id("1"), update{}.inc("$set.n.$", 5))
                                     .insert(others, {{"_id", "2"}, {"$a.b", 1}})))
            .value()
            .applied);
    auto const found = *test::run(store().find_one(others, by_id("1"))).value();
    EXPECT_EQ(wire::to_text(found.at("$set")), R"({"$inc":2,"a.b":2,"":3,"n":{"$":5}})");
    EXPECT_EQ(wire::to_text(found.at("_cxb")), R"({"c":2})");
    EXPECT_EQ(wire::to_text(found.at("7")), R"({"0":false})");
    EXPECT_EQ(text_of(others, "2"), R"({"_id":"2","$a.b":1})");
}

TEST_P(ConformanceExtremes, NumbersKeepTheirDigits) {
    auto const text =
        R"({"_id":"1","n":9007199254740993,"r":0.1,"low":-9223372036854775808,)"
        R"("high":9223372036854775807,"higher":18446744073709551615,"whole":2.0,"zero":-0.0,)"
        R"("large":1.7976931348623157e308,"small":5e-324})";
    auto const wanted = wire::parse_json(text).value().get_object();
    insert(items, text);
    auto const found = *test::run(store().find_one(items, by_id("1"))).value();
    for (auto const& each : wanted) {
        auto const& kept = found.at(each.key());
        // A double that is whole may come back as a whole number: JSON knows one kind.
        if (auto const* number = each.value().if_double())
            EXPECT_EQ(kept.to_number<double>(), *number) << each.key();
        else
            EXPECT_EQ(kept, each.value()) << each.key();
    }
    // Next to one another in the numbers that a double cannot tell apart.
    EXPECT_EQ(ids(items, all_of({eq("n", 9007199254740993)})), words{"1"});
    EXPECT_TRUE(ids(items, all_of({eq("n", 9007199254740992)})).empty());
    EXPECT_EQ(ids(items, all_of({gt("n", 9007199254740992)})), words{"1"});
    ASSERT_TRUE(test::run(store().update_one(items, by_id("1"), update{}.inc("n", 2))));
    EXPECT_EQ(ids(items, all_of({eq("n", 9007199254740995)})), words{"1"});
}

TEST_P(ConformanceExtremes, TimesOutsideTheCalendarAreKeptAsTexts) {
    for (auto const* at : {"0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "tomorrow",
                           "10000-01-01T00:00:00.000Z", "2026-02-30T00:00:00.000Z",
                           "2026-01-01T00:00:00.123456Z", "2026-01-01T02:00:00+02:00", ""}) {
        auto const id = "at " + std::string(at);
        auto const text = R"({"_id":")" + id + R"(","at":")" + at + R"("})";
        EXPECT_EQ(stored(items, text), text);
    }
    // Where texts that are no times stand in an order, is not said.
    auto const has = [](words const& list, std::string const& id) {
        return std::find(list.begin(), list.end(), id) != list.end();
    };
    auto const early = ids(items, all_of({lt("at", "1900-01-01T00:00:00.000Z")}), {{"at"}});
    auto const late = ids(items, all_of({gt("at", "2100-01-01T00:00:00.000Z")}), {{"at"}});
    constexpr char const* first = "at 0001-01-01T00:00:00.000Z";
    constexpr char const* last = "at 9999-12-31T23:59:59.999Z";
    EXPECT_TRUE(has(early, first) && !has(late, first));
    EXPECT_TRUE(has(late, last) && !has(early, last));
}

// One form has each moment; what stands in another one is kept, and absent to filters and orders.
TEST_P(ConformanceExtremes, TimesInAnotherFormAreAbsentToFilters) {
    for (auto const* at : {"2026-01-01T02:00:00.000+02:00", "2026-01-01T00:00:00Z",
                           "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.5Z"}) {
        auto const id = "at " + std::string(at);
        ASSERT_TRUE(test::run(store().insert(items, {{"_id", id}, {"at", "tomorrow"}})));
        ASSERT_TRUE(
            test::run(store().update_one(items, by_id(id), update{}.set("at", json_value(at)))));
        EXPECT_EQ(text_of(items, id), R"({"_id":")" + id + R"(","at":")" + at + R"("})");
    }
    EXPECT_EQ(ids(items, all_of({exists("at")})), words{});
    EXPECT_EQ(ids(items, all_of({missing("at")})).size(), 4U);
    EXPECT_EQ(ids(items, all_of({gt("at", "2000-01-01T00:00:00.000Z")})), words{});
    find_options paged;
    paged.sort = {{"at"}};
    paged.limit = 3;
    auto const first = test::run(store().find(items, {}, paged)).value();
    paged.after = first.next;
    EXPECT_EQ(test::run(store().find(items, {}, paged)).value().items.size(), 1U);
}

TEST_P(ConformanceExtremes, LeasesSurviveClocksThatJump) {
    insert(items, R"({"_id":"job","kind":"queued","n":0,"at":"2026-01-01T00:00:00.000Z"})");
    testing::fake_clock clock(parse_timestamp("2026-06-01T12:00:00.000Z").value());
    // A lease as job workers take it: due, until later, with a fence that only grows.
    auto const claim = [&](std::string const& who) {
        json_value const now(format_timestamp(clock.now()));
        json_value const until(format_timestamp(clock.now() + 30s));
        return test::run(store().find_one_and_update(
                             items, all_of({lte("at", now)}),
                             update{}.set("at", until).set("who", json_value(who)).inc("n", 1),
                             {{"at"}}))
            .value();
    };
    auto const finish = [&](json_object const& held) {
        return test::run(store().update_one(items,
                                            all_of({eq("_id", "job"), eq("n", held.at("n"))}),
                                            update{}.set("done_by", held.at("who"))))
            .value();
    };
    auto const first = claim("first");
    ASSERT_TRUE(first);
    EXPECT_FALSE(claim("too early"));
    clock.set_wall(clock.now() + (-1h));
    EXPECT_FALSE(claim("in the past"));
    clock.set_wall(clock.now() + (24h));
    auto const second = claim("second");
    ASSERT_TRUE(second);
    EXPECT_EQ(wire::int_at(*second, "n"), 2);
    // Whoever held it before the jump is fenced off, whatever his clock says.
    EXPECT_FALSE(finish(*first));
    clock.set_wall(clock.now() + (-48h));
    EXPECT_FALSE(claim("third"));
    EXPECT_TRUE(finish(*second));
    // Ids and orders follow no clock: what was written while it stood back is found.
    for (int i = 0; i < 10; ++i) {
        clock.set_wall(clock.now() + (i % 2 == 0 ? -5h : 3h));
        ASSERT_TRUE(test::run(store().insert(
            items, {{"kind", "row"}, {"n", i}, {"at", format_timestamp(clock.now())}})));
    }
    EXPECT_EQ(ids(items, all_of({eq("kind", "row")}), {{"at"}}).size(), 10U);
    auto const job = test::run(store().find_one(items, by_id("job"))).value();
    EXPECT_EQ(wire::text_at(*job, "done_by"), "second");
}

}  // namespace
}  // namespace cxb::store
