// What a running process removes because its time is over (spec 20 §1 "loop", §11).
#include "cxb/testing/fake_clock.hpp"
#include "server/api/store_beside.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

// A row of which the one is over at the look, the other a millisecond later.
struct kept_row {
    store::collection const* in;
    char const* by;     ///< the member that says since or until when
    milliseconds kept;  ///< from then on
    json_object rest;
};

struct CleanUp : api_test {
    testing::fake_clock clock{*parse_timestamp("2026-06-05T10:15:00Z")};
    std::optional<store_beside> beside;
    CleanUp() { surroundings.time = &clock; }
    ~CleanUp() override {
        beside.reset();
        stop();
    }
    static std::string id_of(kept_row const& row, char const* name) {
        return std::string(row.in->name) + "-" + std::string(wire::text_at(row.rest, "state")) +
               name;
    }
    void insert(kept_row const& row, char const* name, time_point moment) {
        auto const id = id_of(row, name);
        auto document = row.rest;
        document[row.by] = format_timestamp(moment);
        // What is unique there.
        for (char const* const unique : {"_id", "key", "stream_id"})
            document[unique] = id;
        beside->insert(*row.in, std::move(document));
    }
    bool has(kept_row const& row, char const* name) {
        return beside->find(*row.in, store::by_id(id_of(row, name))).has_value();
    }
};

TEST_F(CleanUp, RemovesWhatIsOverAndNothingYounger) {
    settings.clean_up_period = 20ms;
    kept_row const rows[] = {
        {&model::call_refusals, "at", 24h * 30, {{"bot_id", "b"}}},
        {&model::call_trace, "at", 24h * 30, {{"session_id", "s"}}},
        {&model::login_throttle, "expires_at", 0s, {}},
        {&model::cdr_pending, "expires_at", 0s, {}},
        {&model::livekit_events, "expires_at", 0s, {}},
        {&server::jobs, "done_at", 24h * 7, {{"state", "done"}, {"kind", "x"}}},
        {&server::jobs, "done_at", 24h * 7, {{"state", "cancelled"}, {"kind", "x"}}},
        {&server::jobs, "done_at", 24h * 90, {{"state", "dead"}, {"kind", "x"}}},
    };
    start();
    beside.emplace(settings);
    EXPECT_TRUE(beside->run((*beside)->ensure(server::jobs)));
    for (auto const& row : rows) {
        insert(row, "old", clock.now() - row.kept - 1ms);
        insert(row, "young", clock.now() - row.kept + 1h);
    }
    for (auto const& row : rows) {
        EXPECT_TRUE(eventually([&] { return !has(row, "old"); })) << row.in->name;
        EXPECT_TRUE(has(row, "young")) << row.in->name;
    }
}

}  // namespace
}  // namespace cxb::api::test
