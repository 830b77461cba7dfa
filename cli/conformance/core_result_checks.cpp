#include <algorithm>
#include <set>

#include "cli/conformance/core_check_functions.hpp"

namespace cxb::cli::conformance::core {

namespace {

constexpr char const* results_path = "/api/v1/call-results";
// Long enough for any repeat of spec 10 §11.4 that begins at once: 1, 2 and 5 s with 20 % more.
constexpr std::chrono::seconds watch_for_repeat{7};

outcome more_posts(core_kit& kit, placed_call const& call, std::size_t most) {
    auto const repeated = [&] { return kit.posts_of(call).size() > most; };
    bool const seen = kit.plane().wait_until(repeated, watch_for_repeat);
    return expect(!seen, "the result of " + call.session_id + " was posted " +
                             std::to_string(kit.posts_of(call).size()) + " times");
}

// Of the tries of a result, in order.
std::vector<wire::json_object> bodies(core_kit& kit, placed_call const& call) {
    std::vector<wire::json_object> out;
    for (auto const& one : kit.posts_of(call)) {
        auto parsed = wire::parse_json(one.request.body);
        out.push_back(parsed && parsed->is_object() ? parsed->as_object() : wire::json_object{});
    }
    return out;
}

// A call whose result is answered so for a while; the rule stands before the call can end.
result<placed_call> answered(core_kit& kit, int status, int times) {
    kit.plane().hold_configs();
    auto call = kit.place(kit.config());
    testing::scripted_failure rule;
    rule.path = results_path;
    rule.status = status;
    rule.times = times;
    rule.body_has = call.session_id;
    kit.plane().fail(std::move(rule));
    kit.plane().release_configs();
    CXB_CHECK(kit.expect_accepted(call));
    return call;
}

outcome ended_as(core_kit& kit, placed_call const& call, std::string_view word) {
    CXB_CHECK(kit.expect_accepted(call));
    CXB_TRY(auto const told, kit.result_of(call));
    return expect_text(told, "disconnected_by", word);
}

// While a call holds a slot; what a draining Core says to the next one, and of itself.
outcome refuses_while_draining(core_kit& kit) {
    answer next;
    bool const refused = kit.eventually(
        [&] {
            next = kit.place(kit.config()).got;
            return next.status != 200;
        },
        std::chrono::seconds{5});
    CXB_CHECK(expect(refused, "a call was accepted after SIGTERM"));
    CXB_CHECK(expect_status(next, {429}));
    // Hosts may answer this from a short memory.
    bool const full = kit.eventually([&] { return kit.fleet_number("fleet_available") == 0; },
                                     std::chrono::seconds{5});
    return expect(full, "a draining host shows free slots: " + kit.get("/health/fleet").summary());
}

}  // namespace

outcome posted_once(core_kit& kit) {
    auto const call = kit.place(kit.config());
    CXB_CHECK(kit.expect_accepted(call));
    CXB_CHECK(kit.result_of(call));
    return more_posts(kit, call, 1);
}

outcome repeated_until_taken(core_kit& kit) {
    CXB_TRY(auto const call, answered(kit, 500, 4));
    CXB_CHECK(kit.result_of(call));
    auto const tries = kit.posts_of(call).size();
    return expect(tries == 5, "expected 5 tries, saw " + std::to_string(tries));
}

// The call ends and nobody takes its result; then nobody is there at all, and the Core is killed.
outcome survives_kill(core_kit& kit) {
    CXB_CHECK(kit.wait_idle());
    CXB_TRY(auto const call, answered(kit, 503, 0));
    auto const fetched = [&] { return kit.asked_for(call); };
    CXB_CHECK(expect(kit.plane().wait_until(fetched, kit.options().call_patience),
                     "no config was fetched"));
    auto const over = kit.wait_idle();
    kit.plane().stop();
    kit.process()->kill();
    kit.plane().clear_failures();
    CXB_CHECK(kit.plane().start());
    CXB_CHECK(kit.restart());
    CXB_CHECK(over);
    CXB_TRY(auto const told, kit.result_of(call));
    return expect_text(told, "session_id", call.session_id);
}

outcome poison_not_repeated(core_kit& kit) {
    CXB_TRY(auto const call, answered(kit, 422, 0));
    auto const posted = [&] { return !kit.posts_of(call).empty(); };
    CXB_CHECK(expect(kit.plane().wait_until(posted, kit.options().call_patience),
                     "no result of " + call.session_id + " came"));
    return more_posts(kit, call, 1);
}

outcome one_result_id(core_kit& kit) {
    CXB_TRY(auto const call, answered(kit, 500, 2));
    CXB_CHECK(kit.result_of(call));
    std::set<std::string> ids;
    for (auto const& body : bodies(kit, call))
        ids.emplace(wire::text_at(body, "result_id"));
    CXB_CHECK(expect(ids.size() == 1, std::to_string(ids.size()) + " different result_id in " +
                                          std::to_string(bodies(kit, call).size()) + " tries"));
    if (ids.begin()->empty()) return skips("this Core sends no result_id, which is optional");
    return {};
}

outcome longest_call(core_kit& kit) {
    return ended_as(kit, kit.place(kit.config({{"max_call_duration_seconds", 10}}), "silent"),
                    "timeout");
}

outcome silent_caller(core_kit& kit) {
    wire::json_object const asks{{"enabled", true},
                                 {"timeout_seconds", 2},
                                 {"max_attempts", 1},
                                 {"messages", wire::json_array{"Are you there?"}}};
    return ended_as(
        kit,
        kit.place(kit.config({{"re_engagement", asks}, {"max_call_duration_seconds", 60}}),
                  "silent"),
        "RNR");
}

outcome drains(core_kit& kit) {
    CXB_CHECK(kit.wait_idle());
    kit.plane().hold_configs();
    auto const call = kit.place(kit.config());
    auto accepted = kit.expect_accepted(call);
    kit.process()->terminate();
    if (accepted) accepted = refuses_while_draining(kit);
    kit.plane().release_configs();
    CXB_CHECK(accepted);
    CXB_CHECK(kit.result_of(call));
    bool const gone = kit.eventually([&] { return kit.process()->exit_code().has_value(); },
                                     kit.options().call_patience);
    CXB_CHECK(expect(gone, "the Core still runs after its last call"));
    int const code = *kit.process()->exit_code();
    CXB_CHECK(expect(code == 0, "exit code " + std::to_string(code)));
    return kit.restart();
}

}  // namespace cxb::cli::conformance::core
