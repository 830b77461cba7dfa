// One call through everything: dialout, worker, config with pre-fetch, result, recording, push.
#include <fstream>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

class HappyPath : public installation {
  protected:
    std::set<std::string> trace_names(std::string const& session) {
        std::set<std::string> names;
        auto const trace = admin("GET", "/api/v1/calls/" + session + "/trace");
        EXPECT_EQ(trace.status, 200) << trace.text;
        auto const document = wire::parse_json(trace.text);
        if (!document) return names;
        auto const& rows =
            document->is_array() ? document->as_array() : document->at("items").as_array();
        for (auto const& row : rows)
            names.emplace(wire::text_at(row.as_object(), "name"));
        return names;
    }
};

// 80-8, 21-11: the customer's data reaches the call, the outcome reaches the CRM, signed.
TEST_F(HappyPath, OneCallFromEndToEnd) {
    start_api();
    auto const core = start_core("core", 2);
    ASSERT_FALSE(core.url.empty());
    set_fleet({&core});
    make_key();
    auto const bot = make_bot();
    auto const session = dial(bot, "polite");
    ASSERT_TRUE(call_becomes(session, "push_state", {"delivered"}));

    auto const attempts = crm.attempts();
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_TRUE(attempts.front().verified);
    auto const& fields = attempts.front().fields;
    EXPECT_EQ(wire::text_at(fields, "call_id"), session);
    EXPECT_EQ(wire::text_at(fields, "customer"), "Ravi");
    EXPECT_EQ(wire::text_at(fields, "policy"), "P-77");
    EXPECT_EQ(wire::text_at(fields, "disposition"), "PTP");

    auto const call = call_of(session);
    EXPECT_EQ(wire::text_at(call, "status"), "completed");
    EXPECT_EQ(wire::text_at(call, "disconnected_by"), "bot");
    EXPECT_EQ(wire::text_at(call, "call_direction"), "outbound");
    auto const& transcript = call.at("transcript").as_array();
    ASSERT_GE(transcript.size(), 4U);
    EXPECT_NE(wire::text_at(transcript.front().as_object(), "content").find("Ravi"),
              std::string_view::npos);
    EXPECT_FALSE(call.contains("recording_access_token"));

    auto const names = trace_names(session);
    for (auto const* name : {"dialout_requested", "dialout_accepted", "config_request", "prefetch",
                             "config_built", "result", "push_queued", "push_delivered"})
        EXPECT_TRUE(names.contains(name)) << name;
}

// 21-21, 80-29: the recording the worker uploaded plays from the public link of the push.
TEST_F(HappyPath, RecordingPlaysFromTheLinkInThePush) {
    start_api();
    auto const core = start_core("core", 1);
    set_fleet({&core});
    make_key();
    auto const session = dial(make_bot(), "already_paid");
    ASSERT_TRUE(call_becomes(session, "push_state", {"delivered"}));
    std::string const link(wire::text_at(crm.attempts().at(0).fields, "recording"));
    ASSERT_FALSE(link.empty());
    auto const whole = http.call("GET", link);
    ASSERT_EQ(whole.status, 200);
    EXPECT_EQ(whole.text.substr(0, 4), "RIFF");
    EXPECT_GT(whole.text.size(), 16000U);
    auto const part = http.call("GET", link, {{"Range", "bytes=0-99"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.text, whole.text.substr(0, 100));
}

// 21-30: a repeat of the dialout with its key dials once.
TEST_F(HappyPath, RepeatedDialoutWithItsKeyDialsOnce) {
    start_api();
    auto const core = start_core("core", 2);
    set_fleet({&core});
    make_key();
    auto const bot = make_bot();
    wire::json_object const body{
        {"bot_id", bot}, {"to_number", caller_number}, {"variables", {{"sim_script", "polite"}}}};
    auto const first = with_key("POST", "/api/v1/sip/dialout", body, "order-7");
    auto const second = with_key("POST", "/api/v1/sip/dialout", body, "order-7");
    ASSERT_EQ(first.status, 200) << first.text;
    EXPECT_EQ(second.text, first.text);
    EXPECT_EQ(second.headers.get("Idempotent-Replayed"), "true");
    ASSERT_TRUE(call_becomes(std::string(wire::text_at(first.body, "session_id")), "push_state",
                             {"delivered"}));
    auto const calls = admin("GET", "/api/v1/calls?bot_id=" + bot);
    EXPECT_EQ(wire::int_at(calls.body, "total"), 1);
}

// An idle API stays small; the number is a promise of release builds only.
TEST_F(HappyPath, IdleMemoryOfTheApi) {
    start_api();
    std::ifstream status("/proc/" + std::to_string(api->pid()) + "/status");
    long kib = 0;
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) kib = std::stol(line.substr(6));
    std::printf("idle cxb-api: %.1f MB resident\n", static_cast<double>(kib) / 1024);
    EXPECT_GT(kib, 0);
#ifdef NDEBUG
    EXPECT_LT(kib, 40 * 1024);
#endif
}

}  // namespace
}  // namespace cxb::e2e
