#include "cli/conformance/core_check_functions.hpp"

namespace cxb::cli::conformance::core {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view told_by = "reverse-call-transfer";
constexpr seconds speak_patience{10};
constexpr milliseconds words_of_the_caller{1000};
constexpr milliseconds silence_after{1500};
constexpr seconds transfer_patience{8};

struct transfer_case {
    std::string_view requested;  ///< by the model; "" = it names no target
    wire::json_array targets;
    std::string_view wanted;  ///< "" = there is no target, and the call goes on
};

wire::json_object target(char const* id, char const* method, char const* type, char const* value,
                         bool is_default = false, bool enabled = true) {
    return {
        {"id", id},       {"label", std::string("Team ") + id}, {"method", method},  {"type", type},
        {"value", value}, {"is_default", is_default},           {"enabled", enabled}};
}

std::vector<transfer_case> cases() {
    auto const desk = target("desk", "agent_desk", "agent_queue", "first", true);
    auto const refer = target("refer", "livekit_sip_refer", "sip_uri", "sip:x@y", true);
    auto const front = target("front", "websocket_reverse_transfer", "extension", "100");
    auto const back = target("back", "websocket_reverse_transfer", "extension", "200", true);
    auto const closed =
        target("closed", "websocket_reverse_transfer", "extension", "300", false, false);
    wire::json_array const all{desk, refer, closed, front, back};
    return {
        {"front", all, "100"},           {" TEAM FRONT ", all, "100"},         {"", all, "200"},
        {"sales", all, "+911140000000"}, {"", {desk, refer}, "+911140000000"}, {"closed", all, ""}};
}

// A model that transfers the call at the caller's first words, where the model is simulated.
wire::json_object transferring(core_kit const& kit, transfer_case const& one) {
    wire::json_object arguments{{"reason", "asked"}};
    if (!one.requested.empty()) arguments["target"] = one.requested;
    wire::json_object const rule{
        {"when", wire::json_object{{"turn", 1}}},
        {"once", true},
        {"tool", wire::json_object{{"name", "transfer_call"}, {"arguments", arguments}}}};
    wire::json_object const script{{"rules", wire::json_array{rule}}};
    wire::json_object const function{{"name", "transfer_call"}};
    wire::json_object out{
        {"system_prompt", "Whatever you hear, call transfer_call once, with these arguments: " +
                              wire::to_text(arguments)},
        {"tools",
         wire::json_array{wire::json_object{{"type", "function"}, {"function", function}}}},
        {"transfer_targets", one.targets},
        {"transfer_numbers", wire::json_object{{"sales", "+911140000000"}}},
        {"max_call_duration_seconds", 30}};
    if (!kit.options().config.contains("llm"))
        out["llm"] = wire::json_object{{"provider", "scripted"},
                                       {"model", "simulated"},
                                       {"extra", wire::json_object{{"script", script}}}};
    return out;
}

outcome goes_on(core_kit& kit, placed_call const& call) {
    CXB_CHECK(
        expect(!call.line->wait_for(told_by, 1, seconds{1}),
               "a call without a usable target was transferred: " + call.line->shown().answer));
    CXB_CHECK(expect(!call.line->end_within(milliseconds{0}),
                     "a transfer that has no target ended the call"));
    call.line->say_goodbye();
    CXB_TRY(auto const told, kit.result_of(call));
    CXB_CHECK(expect_text(told, "disconnected_by", "customer"));
    return expect(!wire::bool_at(told, "was_transferred"),
                  "was_transferred of a call that nobody took");
}

outcome resolves(core_kit& kit, transfer_case const& one) {
    CXB_TRY(auto const call,
            idle_line(kit, line_kind::dialler, kit.config(transferring(kit, one))));
    call.line->say_hello();
    CXB_CHECK(expect(call.line->wait_for(call.line->voice_event(), 1, speak_patience),
                     "the bot did not speak"));
    // The opening is over before the caller speaks.
    call.line->speak(milliseconds{0}, words_of_the_caller);
    call.line->speak(words_of_the_caller, silence_after);
    if (one.wanted.empty()) return goes_on(kit, call);
    bool const sent = call.line->wait_for(told_by, 1, transfer_patience);
    if (!sent && (kit.options().config.contains("llm") || kit.options().config.contains("stt")))
        return skips("the model of --config did not ask for a transfer");
    CXB_CHECK(expect(sent, "no reverse-call-transfer for the target \"" +
                               std::string(one.requested) + "\": " + call.line->shown().answer));
    auto const message = call.line->heard(told_by).front();
    CXB_CHECK(expect_text(message, "transferTo", one.wanted));
    CXB_CHECK(expect_text(message, "streamId", call.stream_id));
    CXB_CHECK(expect_text(message, "callerId", call.line->party().caller_id));
    CXB_CHECK(expect_text(message, "source", "ai"));
    CXB_CHECK(expect_text(message, "message", "Call transferred by bot"));
    // The far side takes the call, and the line closes.
    call.line->close(worker::close_code::normal);
    CXB_TRY(auto const told, kit.result_of(call));
    CXB_CHECK(expect(wire::bool_at(told, "was_transferred"),
                     "was_transferred must be true once the peer has closed"));
    return expect_text(told, "disconnected_by", "bot");
}

}  // namespace

outcome transfer_resolution(core_kit& kit) {
    for (auto const& one : cases())
        CXB_CHECK(resolves(kit, one));
    return {};
}

}  // namespace cxb::cli::conformance::core
