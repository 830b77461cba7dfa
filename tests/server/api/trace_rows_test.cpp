#include "server/api/calls/trace_rows.hpp"

#include <gtest/gtest.h>

#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

wire::json_array rows_of(store::batch writes) {
    wire::json_array out;
    for (auto& each : writes.writes())
        append_trace_rows(std::move(each.document), out);
    return out;
}

TEST(TraceRows, WhatIsWrittenTogetherIsOneDocumentAndReadsAsRows) {
    seeded_random random(1);
    store::batch writes;
    trace_rows trace("s-1", "api", time_point{milliseconds{0}}, 4);
    trace.add("a", {{"x", 1}}).add("b", {}, milliseconds{7}, "broken").into(writes, random);
    EXPECT_TRUE(trace.empty());
    ASSERT_EQ(writes.writes().size(), 1U);
    EXPECT_EQ(writes.writes()[0].into, &server::model::call_trace);
    wire::json_object first{{"name", "a"}, {"data", {{"x", 1}}}, {"seq", 4}};
    wire::json_object second{{"name", "b"}, {"ms", 7}, {"error", "broken"}, {"seq", 5}};
    for (auto* row : {&first, &second}) {
        (*row)["at"] = "1970-01-01T00:00:00.000Z";
        (*row)["source"] = "api";
    }
    EXPECT_EQ(rows_of(std::move(writes)), (wire::json_array{first, second}));
}

TEST(TraceRows, ASingleRowLiesOpen) {
    seeded_random random(1);
    store::batch writes;
    trace_rows("s-1", "crm", time_point{milliseconds{0}}).add("c").into(writes, random);
    EXPECT_EQ(wire::text_at(writes.writes()[0].document, "name"), "c");
    auto const rows = rows_of(std::move(writes));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_FALSE(rows[0].as_object().contains("session_id"));
    trace_rows("s-1", "crm", time_point{milliseconds{0}}).into(writes, random);
    EXPECT_TRUE(rows_of(std::move(writes)).empty());
}

TEST(TraceRows, AreOldAfterTheDaysOfTheSettings) {
    auto const now = *parse_timestamp("2026-03-31T00:00:00Z");
    auto const row = [](std::string_view at) { return wire::json_object{{"at", at}}; };
    auto const month = old_traces(30, now);
    ASSERT_TRUE(month);
    EXPECT_TRUE(store::matches(*month, row("2026-02-28T23:59:59.999Z")));
    EXPECT_FALSE(store::matches(*month, row("2026-03-01T00:00:00.000Z")));
    EXPECT_TRUE(store::matches(*old_traces(1, now), row("2026-03-29T23:00:00.000Z")));
    EXPECT_FALSE(old_traces(0, now)) << "for ever";
}

}  // namespace
}  // namespace cxb::api
