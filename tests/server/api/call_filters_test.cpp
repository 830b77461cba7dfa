// Every filter of the list of calls is a look-up in the embedded store, whatever it is asked with
// (spec 21 §2, §12): the statements are those of the store, the plans those of SQLite.
#include <gtest/gtest.h>

#include <map>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/http_message.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/find_cursor.hpp"
#include "src/store/sqlite/document_reads.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace model = server::model;
namespace sqlite = store::sqlite;

// What a filter is asked with, and the indexes that may answer it when it stands alone.
struct asked_filter {
    std::string query;
    std::string index;
};

std::vector<asked_filter> filters() {
    std::string const by_time = "cxb:calls:created_at,";
    return {{"bot_id=6b029aee2e5f75ee541227d1", "cxb:calls:bot_id,created_at,"},
            {"campaign_id=spring", "cxb:calls:campaign_id,created_at,:sparse"},
            {"status=failed", "cxb:calls:status,created_at,"},
            {"disconnected_by=bot", by_time},
            {"call_direction=inbound", by_time},
            {"phone=%2B919876543210", "cxb:calls:phone,created_at,"},
            {"phone=3210&from=2026-11-01T00:00:00Z", by_time},
            {"caller_id=%2B919876543210", "cxb:calls:caller_id,created_at,"},
            {"session_id=s-1", "cxb:calls:unique:session_id,"},
            {"stream_id=st-1", "cxb:calls:stream_id,created_at,"},
            {"disposition=PTP", "cxb:calls:disposition,created_at,:sparse"},
            {"call_type=agent", "cxb:calls:call_type,created_at,"},
            {"is_test=true", by_time},
            {"was_transferred=true", by_time},
            {"has_recording=true", by_time},
            {"push_state=dead", "cxb:calls:push_state,created_at,"},
            {"min_duration=10", by_time},
            {"max_duration=10", by_time},
            {"from=2026-11-01T00:00:00Z", by_time},
            {"to=2026-11-02T00:00:00Z", by_time}};
}

std::string name_of(asked_filter const& filter) {
    return filter.query.substr(0, filter.query.find('='));
}

struct CallFilters : ::testing::Test {
    CallFilters() {
        auto const made = store::sqlite_document_store::open({.path = scratch / "x.db"}).value();
        EXPECT_TRUE(cxb::test::run(made->ensure(model::calls)));
        made->close();
        EXPECT_TRUE(db.open());
    }
    static call_choice choice(std::string const& text, server::principal const& caller = {}) {
        wire::query_list query;
        for (auto rest = std::string_view(text); !rest.empty();) {
            auto const pair = rest.substr(0, rest.find('&'));
            auto const name = pair.substr(0, pair.find('='));
            query.add(std::string(name), percent_decode(pair.substr(name.size() + 1)).value());
            rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        }
        server::query_reader read(query);
        auto const now = parse_timestamp("2026-11-22T00:00:00Z").value();
        auto out = read_call_choice(read, caller, "IN", now);
        EXPECT_TRUE(read.finish()) << text;
        return out;
    }
    std::string plan_of(sqlite::sql_text const& select) {
        auto row = db.prepare("EXPLAIN QUERY PLAN " + select.text, select.values).value();
        std::string out;
        while (row.step().value())
            out += std::string(row.text(3)) + '\n';
        return out;
    }
    // Of the first page, and of the page behind a cursor.
    std::vector<std::string> list_plans(call_choice const& asked) {
        store::find_options options;
        options.sort = asked.sort;
        options.limit = 50;
        std::vector<std::string> out;
        auto const order = sqlite::prepare_find(model::calls, asked.where, options).value().order;
        std::vector<store::json_value> const place{"2026-11-01T00:00:00.000Z",
                                                   "6b029aee2e5f75ee541227d1"};
        for (auto const& after : {std::string(), store::write_cursor(order, place)}) {
            options.after = after;
            auto const prepared = sqlite::prepare_find(model::calls, asked.where, options).value();
            for (auto select : prepared.selects) {
                select.append({" LIMIT ? OFFSET ?", {std::int64_t{51}, std::int64_t{0}}});
                out.push_back(plan_of(select));
            }
        }
        return out;
    }
    // Counting ahead of a list is one more look at the same calls.
    std::string count_plan(call_choice const& asked) {
        return plan_of(sqlite::prepare_count(model::calls, asked.where, 10'001));
    }
    void expect_look_ups(std::string const& query, server::principal const& caller = {}) {
        auto const asked = choice(query, caller);
        auto plans = list_plans(asked);
        plans.push_back(count_plan(asked));
        for (auto const& plan : plans) {
            EXPECT_EQ(plan.find("SCAN calls"), std::string::npos) << query << '\n' << plan;
            EXPECT_NE(plan.find("INDEX cxb:calls:"), std::string::npos) << query << '\n' << plan;
        }
    }

    cxb::test::scratch_dir scratch;
    sqlite::connection db{{(scratch / "x.db").string()}};
};

TEST_F(CallFilters, EachAloneHasItsIndex) {
    for (auto const& filter : filters()) {
        ASSERT_NO_FATAL_FAILURE(expect_look_ups(filter.query));
        for (auto const& plan : list_plans(choice(filter.query))) {
            EXPECT_NE(plan.find("INDEX " + filter.index + " "), std::string::npos)
                << filter.query << '\n'
                << plan;
            // At most what happened in one millisecond is put in order; a list is read in order.
            EXPECT_EQ(plan.find("TEMP B-TREE FOR ORDER BY"), std::string::npos)
                << filter.query << '\n'
                << plan;
        }
    }
}

TEST_F(CallFilters, InPairsNothingIsScanned) {
    auto const all = filters();
    for (auto const& one : all)
        for (auto const& other : all)
            if (name_of(one) < name_of(other))
                for (char const* sort : {"-created_at", "created_at"})
                    expect_look_ups(one.query + "&" + other.query + "&sort=" + sort);
}

TEST_F(CallFilters, WithoutAnyTheLastThirtyDaysAreRead) {
    expect_look_ups("sort=created_at");
    expect_look_ups("sort=-created_at");
}

TEST_F(CallFilters, AKeyThatIsLimitedToBotsReadsTheirs) {
    server::principal caller;
    caller.bot_ids = {"6b029aee2e5f75ee541227d1", "6b029aee2e5f75ee541227d2"};
    for (auto const& filter : filters())
        expect_look_ups(filter.query, caller);
}

}  // namespace
}  // namespace cxb::api::test
