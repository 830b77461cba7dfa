#include "server/common/http/lists.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cxb/base/clock.hpp"
#include "server/common/http/query_reader.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

list_query read(std::string_view query, std::vector<fault>& faults, list_bounds bounds = {}) {
    return read_list_query(wire::query_list::parse(query).value(), faults, bounds);
}

TEST(ListQuery, DefaultsAndBounds) {
    std::vector<fault> faults;
    auto asked = read("", faults);
    EXPECT_EQ(asked.page, 1);
    EXPECT_EQ(asked.limit, 50);
    asked = read("page=3&limit=200", faults);
    EXPECT_EQ(asked.page, 3);
    EXPECT_EQ(asked.limit, 200);
    asked = read("cursor=abc&limit=7", faults);
    EXPECT_EQ(asked.cursor, "abc");
    EXPECT_EQ(asked.limit, 7);
    EXPECT_TRUE(faults.empty());
}

TEST(ListQuery, NamesEveryFault) {
    struct bad {
        char const* query;
        char const* pointer;
        char const* reason;
    };
    bad const table[] = {{"limit=0", "/limit", "must be an integer from 1 to 200"},
                         {"limit=201", "/limit", "must be an integer from 1 to 200"},
                         {"limit=ten", "/limit", "must be an integer from 1 to 200"},
                         {"page=0", "/page", "must be an integer from 1"},
                         {"page=1.5", "/page", "must be an integer from 1"},
                         {"page=51&limit=200", "/page", "use cursor"},
                         {"page=201", "/page", "use cursor"},
                         {"page=9223372036854775807", "/page", "use cursor"},
                         {"page=1&cursor=x", "/cursor", "not together with page"}};
    for (auto const& row : table) {
        std::vector<fault> faults;
        (void)read(row.query, faults);
        ASSERT_EQ(faults.size(), 1U) << row.query;
        EXPECT_EQ(faults[0], (fault{row.pointer, row.reason})) << row.query;
    }
    std::vector<fault> faults;
    (void)read("page=50&limit=200", faults);
    (void)read("page=200", faults);
    EXPECT_TRUE(faults.empty());
    (void)read("limit=x&page=x", faults);
    EXPECT_EQ(faults.size(), 2U);
}

constexpr store::field_decl fields[] = {{"created_at", store::field_type::timestamp},
                                        {"kind", store::field_type::text}};
constexpr std::string_view by_time[] = {"created_at"};
constexpr store::index_decl indexes[] = {{by_time}};
constexpr store::collection notes{"notes", fields, indexes};

class Lists : public ::testing::Test {
  protected:
    Lists() {
        store::sqlite_options options;
        options.path = (folder / "store.db").string();
        store = store::sqlite_document_store::open(options).value();
        EXPECT_TRUE(test::run(store->ensure(notes)));
    }
    void add(int first, int count) {
        std::vector<wire::json_object> rows;
        for (int i = first; i < first + count; ++i) {
            auto const at = time_point{} + seconds{i / 3};  // several at one moment
            auto id = std::to_string(i);
            id.insert(0, 6 - id.size(), '0');
            rows.push_back({{"_id", id},
                            {"created_at", wire::json_value(format_timestamp(at))},
                            {"kind", "a"},
                            {"secret", "x"}});
        }
        ASSERT_TRUE(test::run(store->bulk_insert(notes, std::move(rows))));
    }
    result<wire::json_object> fetch(list_query asked) {
        return test::run(
            fetch_list(*store, notes, {}, asked, newest_first(), [](wire::json_object row) {
                row.erase("secret");
                return row;
            }));
    }
    test::scratch_dir folder;
    std::unique_ptr<store::sqlite_document_store> store;
};

TEST_F(Lists, PagesNewestFirst) {
    add(0, 7);
    auto const page = fetch({.page = 2, .limit = 3, .cursor = {}}).value();
    EXPECT_EQ(wire::int_at(page, "total"), 7);
    EXPECT_EQ(wire::int_at(page, "page"), 2);
    EXPECT_EQ(wire::int_at(page, "limit"), 3);
    EXPECT_FALSE(page.contains("total_capped"));
    auto const& items = page.at("items").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(wire::text_at(items[0].as_object(), "created_at"), "1970-01-01T00:00:01.000Z");
    EXPECT_FALSE(items[0].as_object().contains("secret"));
    auto const last = fetch({.page = 3, .limit = 3, .cursor = {}}).value();
    EXPECT_EQ(last.at("items").as_array().size(), 1U);
    EXPECT_FALSE(last.contains("next"));
    EXPECT_TRUE(
        fetch({.page = 9, .limit = 3, .cursor = {}}).value().at("items").as_array().empty());
}

TEST_F(Lists, ACursorMeetsEachRowOnceWhileOthersAreWritten) {
    add(0, 20);
    std::set<std::string> seen;
    auto page = fetch({.page = 1, .limit = 6, .cursor = {}}).value();
    for (int round = 0; round < 10; ++round) {
        for (auto const& item : page.at("items").as_array())
            EXPECT_TRUE(seen.emplace(wire::text_at(item.as_object(), "_id")).second);
        if (!page.contains("next")) break;
        add(100 + round * 3, 3);
        page = fetch({.page = 1, .limit = 6, .cursor = std::string(wire::text_at(page, "next"))})
                   .value();
        EXPECT_FALSE(page.contains("page"));
    }
    EXPECT_EQ(seen.size(), 20U);
}

TEST_F(Lists, AnUnreadableCursorIsAFaultOfTheQuery) {
    auto const got = fetch({.page = 1, .limit = 6, .cursor = "%%%"});
    ASSERT_TRUE(got.has_error());
    EXPECT_EQ(got.error().code(), errc::invalid);
    EXPECT_EQ(got.error().faults().at(0).pointer, "/cursor");
}

TEST(ListEnvelope, CapsTheTotal) {
    auto const at = list_envelope({}, 10000, {}, "");
    EXPECT_EQ(wire::int_at(at, "total"), 10000);
    EXPECT_FALSE(at.contains("total_capped"));
    auto const over = list_envelope({}, 10001, {}, "n");
    EXPECT_EQ(wire::int_at(over, "total"), 10000);
    EXPECT_TRUE(wire::bool_at(over, "total_capped"));
    EXPECT_EQ(wire::text_at(over, "next"), "n");
}

TEST(QueryReader, ReadsTypedValues) {
    auto const query =
        wire::query_list::parse("q=asha&active=1&min=-3&from=2026-01-02T03:04:05&role=agent&empty=")
            .value();
    query_reader read(query);
    EXPECT_EQ(read.text("q"), "asha");
    EXPECT_EQ(read.boolean("active"), true);
    EXPECT_EQ(read.integer("min", -5, 5), -3);
    EXPECT_EQ(format_timestamp(read.timestamp("from").value()), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(read.word("role", {"agent", "admin"}), "agent");
    EXPECT_FALSE(read.text("empty").has_value());
    EXPECT_FALSE(read.integer("absent", 0, 1).has_value());
    EXPECT_EQ(read.list().limit, 50);
    EXPECT_TRUE(read.finish());
}

TEST(QueryReader, ReportsAllFaultsTogether) {
    auto const query =
        wire::query_list::parse(
            "q=toolong&active=yes&min=9&from=noon&role=boss&limit=0&staus=x&a%2Fb=1&utf=%ff")
            .value();
    query_reader read(query);
    (void)read.text("q", 3);
    (void)read.boolean("active");
    (void)read.integer("min", -5, 5);
    (void)read.timestamp("from");
    (void)read.word("role", {"agent", "admin"});
    (void)read.text("utf");
    (void)read.list();
    auto const outcome = read.finish();
    ASSERT_TRUE(outcome.has_error());
    auto const cause = outcome.error();
    std::vector<fault> const expected = {{"/q", "must be at most 3 bytes"},
                                         {"/active", "must be true or false"},
                                         {"/min", "must be an integer from -5 to 5"},
                                         {"/from", "must be an RFC 3339 time"},
                                         {"/role", "must be one of agent, admin"},
                                         {"/utf", "must be UTF-8"},
                                         {"/limit", "must be an integer from 1 to 200"},
                                         {"/staus", "unknown parameter"},
                                         {"/a~1b", "unknown parameter"}};
    EXPECT_EQ(cause.faults(), expected);
    EXPECT_EQ(cause.code(), errc::invalid);
}

TEST(QueryReader, LongNamesAreCutBetweenCharacters) {
    std::string const fits(limits::open_word - 1, 'a');
    auto const query = wire::query_list::parse(fits + "%C3%A9=1").value();
    query_reader read(query);
    auto const outcome = read.finish();
    ASSERT_TRUE(outcome.has_error());
    std::vector<fault> const expected = {{"/" + fits, "unknown parameter"}};
    EXPECT_EQ(outcome.error().faults(), expected);
}

// The pointer of a fault goes into a JSON answer.
TEST(QueryReader, NamesNobodyKnowsAreToldReadably) {
    std::string text = "%C3=1&a%FF=2&";
    for (int i = 0; i < 40; ++i)
        text += "%C3%A9";
    auto const query = wire::query_list::parse(text).value();
    query_reader read(query);
    auto const cause = read.finish().error();
    std::string cut = "/";
    for (int i = 0; i < 32; ++i)
        cut += "é";
    EXPECT_EQ(cause.faults(), (std::vector<fault>{{"/?", "unknown parameter"},
                                                  {"/a?", "unknown parameter"},
                                                  {cut, "unknown parameter"}}));
}

}  // namespace
}  // namespace cxb::server
