// Which host is asked next, how often, and what is kept of it (spec 21 §6 steps 7 and 8).
#include "server/api/calls/trace_rows.hpp"
#include "server/api/fleet_kit.hpp"

namespace cxb::api::test {
namespace {

namespace model = server::model;
using answer = testing::scripted_transport::answer;

struct DialoutTries : FleetTest {
    // What each host says to an order, by its place in the list.
    std::vector<answer> says;
    server::logger log{{.level = server::log_level::off}};
    server::secret_gate core{{}};

    result<dialed_call> dial() {
        std::vector<std::string> urls;
        for (std::size_t i = 0; i < says.size(); ++i)
            urls.push_back("http://10.0.0." + std::to_string(i + 1));
        hosts.otherwise([this, urls](client::outgoing_request const& request) -> answer {
            std::size_t at = 0;
            while (!request.url.starts_with(urls.at(at) + "/"))
                ++at;
            // The earlier in the list, the freer.
            if (request.url.ends_with("/health/fleet"))
                return fleet_health(static_cast<int>(10 - at));
            return says[at];
        });
        auto const fleet = fleet_of(urls);
        call_handover handover(*fleet, hosts, core, log, time);
        dialout_service dialouts(handover, *store, log, metrics, time, system_random(),
                                 std::chrono::seconds{60});
        dial_order order;
        order.bot_id = "6b029aee2e5f75ee541227d1";
        order.to_number = "+919876543210";
        order.config_base = "http://api.example";
        return run(dialouts.dial(std::move(order)));
    }
    json_object only(store::collection const& of) {
        auto const found = run(store->find(of, {}, {})).value();
        EXPECT_EQ(found.items.size(), 1U);
        return found.items.empty() ? json_object{} : found.items.front();
    }
    // `host=status` of each try, as the dialout's row has them.
    std::string tries() {
        std::string out;
        auto const row = only(model::dialouts);
        for (auto const& one : row.at("tries").as_array())
            out += std::string(wire::text_at(one.as_object(), "host").substr(14)) + "=" +
                   std::to_string(wire::int_at(one.as_object(), "status")) + " ";
        return out + std::string(wire::text_at(row, "outcome"));
    }
    std::string trace() {
        store::find_options options;
        options.sort = {{"at", false}, {"seq", false}};
        auto const found =
            run(store->find(model::call_trace,
                            model::of_session(wire::text_at(only(model::dialouts), "session_id")),
                            options))
                .value();
        wire::json_array rows;
        for (auto row : found.items)
            append_trace_rows(std::move(row), rows);
        std::string out;
        for (auto const& row : rows)
            out += std::string(wire::text_at(row.as_object(), "name")) + " ";
        return out;
    }
    std::size_t holds() {
        std::size_t out = 0;
        for (auto const& host : run(store->find(model::fleet_reservations, {}, {})).value().items)
            out += host.at("holds").as_array().size();
        return out;
    }
    static answer busy() { return fleet_answer(429, R"({"error":"At capacity"})"); }
    static answer accepted() {
        return fleet_answer(200, R"({"status":"accepted","call_id":"c","room_name":"r"})");
    }
    static answer refused() { return error{errc::unavailable}.with_request_sent(sent_state::no); }
};

TEST_F(DialoutTries, ThreeHostsAndNoMoreTheLastRefusalIsTold) {
    says = {busy(), busy(), fleet_answer(429, R"({"error":"Full as well"})"), accepted()};
    auto const got = dial();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::at_capacity);
    EXPECT_EQ(got.error().detail(), "Full as well");
    EXPECT_EQ(tries(), "1=429 2=429 3=429 failed");
    EXPECT_EQ(trace(), "dialout_requested dialout_try dialout_try dialout_try dialout_failed ");
    EXPECT_EQ(holds(), 0U) << "released at once";
}

TEST_F(DialoutTries, RefusedConnectionsAloneAreNothingReachable) {
    says = {refused(), refused(), refused(), accepted()};
    auto const got = dial();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::upstream_failed);
    EXPECT_EQ(got.error().detail(), "Fleet unreachable");
    EXPECT_EQ(tries(), "1=0 2=0 3=0 failed");
    EXPECT_EQ(holds(), 0U);
}

TEST_F(DialoutTries, A429AmongRefusedConnectionsIsTheOneThatIsTold) {
    says = {busy(), refused(), refused()};
    auto const got = dial();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::at_capacity);
    EXPECT_EQ(tries(), "1=429 2=0 3=0 failed");
}

TEST_F(DialoutTries, TheThirdMayTakeTheCall) {
    says = {busy(), refused(), accepted()};
    auto const got = dial();
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->accepted.room_name, "r");
    EXPECT_EQ(tries(), "1=429 2=0 3=200 accepted");
    EXPECT_EQ(trace(), "dialout_requested dialout_try dialout_try dialout_try dialout_accepted ");
    EXPECT_EQ(holds(), 1U) << "for answers that cannot know the call yet";
    for (auto const& one : hosts.calls())
        if (one.request.url.ends_with("/livekit/dialout"))
            EXPECT_EQ(one.options.total, std::chrono::seconds{60});
}

// Whatever a host may have begun is never begun elsewhere.
TEST_F(DialoutTries, DoubtEndsTheTries) {
    says = {error{errc::unavailable}.with_request_sent(sent_state::maybe), accepted()};
    auto const got = dial();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(got.error().reason(), "outcome_unknown");
    EXPECT_EQ(tries(), "1=0 unknown");
    EXPECT_EQ(trace(), "dialout_requested dialout_try dialout_unknown ");
}

TEST_F(DialoutTries, OtherAnswersAreToldAsTheyAreAndEndTheTries) {
    struct expectation {
        int status;
        errc code;
        char const* outcome;
    };
    for (auto const& [status, code, outcome] :
         {expectation{422, errc::invalid, "failed"}, expectation{503, errc::unavailable, "failed"},
          expectation{403, errc::upstream_failed, "failed"},
          expectation{500, errc::internal, "unknown"}}) {
        EXPECT_TRUE(run(store->remove(model::dialouts, {})));
        says = {fleet_answer(status, R"({"error":"in its own words"})"), accepted()};
        auto const got = dial();
        ASSERT_FALSE(got) << status;
        EXPECT_EQ(got.error().code(), code) << status;
        EXPECT_EQ(got.error().detail(),
                  status == 403 ? "Fleet rejected the core secret" : "in its own words");
        EXPECT_EQ(tries(), "1=" + std::to_string(status) + " " + outcome);
    }
}

}  // namespace
}  // namespace cxb::api::test
