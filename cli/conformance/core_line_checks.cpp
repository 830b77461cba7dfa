#include <algorithm>
#include <regex>

#include "cli/conformance/core_check_functions.hpp"
#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/domain/time_zone.hpp"

namespace cxb::cli::conformance::core {

namespace media_ws = contract::media_ws;
namespace close_code = worker::close_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds speak_patience{10};
// Shorter than the 10 s after which a missing handshake message closes the line too.
constexpr seconds fault_patience{5};
constexpr milliseconds listen_for_early_words{700};
constexpr std::string_view voice = "reverse-media";

// More than a second of speech, however fast a voice speaks.
constexpr char const* long_opening =
    "Hello, this is the conformance kit. It wants to hear some seconds of speech, and so this "
    "opening is longer than any caller would like it to be.";

std::string description(placed_call const& call) {
    auto const shown = call.line->shown();
    return "said: " + shown.request_body + "; heard: " + shown.answer;
}

std::vector<std::string> events_of(placed_call const& call) {
    std::vector<std::string> out;
    for (auto const& one : call.line->heard())
        out.emplace_back(wire::text_at(one.frame, "event"));
    return out;
}

outcome expect_number(wire::json_object const& frame, std::string_view name, std::int64_t wanted) {
    auto const* const got = frame.if_contains(name);
    return expect(got != nullptr && got->is_int64() && got->get_int64() == wanted,
                  std::string(name) + ": expected " + std::to_string(wanted) + ", got " +
                      (got == nullptr ? "nothing" : wire::to_text(*got)));
}

outcome expect_ids(placed_call const& call, wire::json_object const& frame) {
    CXB_CHECK(expect_text(frame, "streamId", call.stream_id));
    return expect_text(frame, "callerId", call.line->party().caller_id);
}

// The clocks of Core and kit may differ; zones differ by hours.
outcome expect_zone(std::string_view timestamp, domain::time_zone const& zone) {
    static std::regex const form(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)");
    CXB_CHECK(expect(std::regex_match(timestamp.begin(), timestamp.end(), form),
                     "timestamp is not YYYY-MM-DD HH:MM:SS: " + std::string(timestamp)));
    auto const now = real_clock().now();
    auto const from = domain::format_local(zone.at(now - std::chrono::minutes{30}));
    auto const to = domain::format_local(zone.at(now + std::chrono::minutes{30}));
    return expect(from <= timestamp && timestamp <= to,
                  "timestamp " + std::string(timestamp) + " is not the time in " + zone.name() +
                      ", which is between " + from + " and " + to);
}

outcome expect_piece(placed_call const& call, wire::json_object const& piece, std::int64_t number,
                     domain::time_zone const& zone) {
    CXB_CHECK(expect_number(piece, "chunk", number));
    CXB_CHECK(expect_ids(call, piece));
    CXB_CHECK(expect_text(piece, "did", call.line->party().did));
    CXB_CHECK(expect_text(piece, "callDirection", "incoming"));
    CXB_CHECK(expect_number(piece, "chunk_durn_ms", 20));
    CXB_CHECK(expect_text(piece, "encoding", "LINEAR"));
    CXB_CHECK(expect_number(piece, "RevMediaQ", 0));
    CXB_CHECK(expect_text(piece, "source", "ai"));
    auto const pcm = media_ws::decode_audio(wire::text_at(piece, "payload"));
    CXB_CHECK(expect(pcm && pcm->size() == media_ws::frame_bytes,
                     "payload of chunk " + std::to_string(number) + " must be 320 bytes, got " +
                         (pcm ? std::to_string(pcm->size()) : std::string("no base64"))));
    return expect_zone(wire::text_at(piece, "timestamp"), zone);
}

// The raw words of the far party; a Core need not keep events.
void judge_raw_reason(core_kit& kit, wire::json_object const& told, std::string_view wanted) {
    auto const* const events = told.if_contains("events");
    if (events != nullptr && events->is_array())
        for (auto const& one : events->get_array())
            if (one.is_object() && wire::text_at(one.get_object(), "type") == "call_ended" &&
                wire::text_at(one.get_object(), "data.raw_reason") == wanted)
                return;
    kit.note("disconnectedBy is not kept in a call_ended event");
}

}  // namespace

result<placed_call> idle_line(core_kit& kit, line_kind kind, wire::json_object config) {
    CXB_CHECK(kit.wait_idle());
    auto call = kit.open_line(kind, std::move(config));
    if (call.line->status() == 404)
        return skips((kind == line_kind::dialler ? "/ws" : "/exotel") +
                     std::string(" is not served (404)"));
    CXB_CHECK(expect(call.line->status() == 101, "the upgrade was answered " +
                                                     std::to_string(call.line->status()) + ": " +
                                                     call.line->shown().answer));
    return call;
}

outcome expect_line_end(placed_call const& call, int code) {
    auto const end = call.line->end_within(fault_patience);
    CXB_CHECK(expect(end.has_value(), "the line is open, expected close " + std::to_string(code) +
                                          "; " + description(call)));
    return expect(end->code == code, "expected close " + std::to_string(code) + ", got " +
                                         std::to_string(end->code) + "; " + description(call));
}

outcome expect_told(core_kit& kit, placed_call const& call, std::string_view word) {
    CXB_TRY(auto const told, kit.result_of(call));
    auto const got = wire::text_at(told, "disconnected_by");
    return expect(got == word, "disconnected_by: expected " + std::string(word) + ", got " +
                                   std::string(got) + "; " + description(call));
}

outcome line_handshake(core_kit& kit) {
    CXB_TRY(auto const call, idle_line(kit, line_kind::dialler, kit.config()));
    auto& line = *call.line;
    line.say_connected({{"CUSTOMER", "Ravi"}, {"_campaign_session_id", "conformance-stranger"}});
    line.say_start();
    CXB_CHECK(expect(kit.plane().wait_until([&] { return kit.asked_for(call); }, speak_patience),
                     "no config was asked for after start; " + description(call)));
    CXB_CHECK(expect(!line.wait_for(voice, 1, listen_for_early_words),
                     "the bot spoke before answer; " + description(call)));
    line.say_answer();
    CXB_CHECK(expect(line.wait_for(voice, 1, speak_patience),
                     "the bot did not speak after answer; " + description(call)));
    line.say_goodbye();
    CXB_TRY(auto const asked, config_asked(kit, call));
    CXB_CHECK(expect(asked.caller_id == line.party().caller_id,
                     "caller_id must be callerId, got " + asked.caller_id));
    CXB_CHECK(expect(asked.stream_id == call.stream_id,
                     "stream_id must be that of start, got " + asked.stream_id));
    auto const& event = asked.connected_event;
    auto const variables = event.variables.to_object();
    CXB_CHECK(
        expect(wire::text_at(variables, "CUSTOMER") == "Ravi" && !variables.contains("event"),
               "connected_event must be connected without event: " + wire::to_text(variables)));
    CXB_CHECK(expect(!event.flags.campaign_session_id,
                     "a stranger's _campaign_session_id came through to the control plane"));
    return expect_told(kit, call, "customer");
}

outcome line_disorder(core_kit& kit) {
    using words = void (*)(media_line&);
    constexpr words connected = [](media_line& line) { line.say_connected(); };
    constexpr words start = [](media_line& line) { line.say_start(); };
    constexpr words answer = [](media_line& line) { line.say_answer(); };
    constexpr words media = [](media_line& line) { line.speak(media_ws::frame_time, {}); };
    std::vector<words> const wrong[] = {{start},
                                        {answer},
                                        {media},
                                        {connected, answer},
                                        {connected, connected},
                                        {connected, media},
                                        {connected, start, start}};
    for (auto const& order : wrong) {
        CXB_TRY(auto const call, idle_line(kit, line_kind::dialler, kit.config()));
        for (auto const say : order)
            say(*call.line);
        CXB_CHECK(expect_line_end(call, close_code::protocol_error));
    }
    return kit.wait_idle();
}

outcome line_voice(core_kit& kit) {
    constexpr std::size_t pieces = 51;
    constexpr milliseconds slack{300};  // 100 ms ahead, and what a network does
    auto const zone = domain::time_zone_or_utc("Asia/Kolkata");
    CXB_TRY(auto const call,
            idle_line(kit, line_kind::dialler,
                      kit.config({{"timezone", zone.name()}, {"opening_message", long_opening}})));
    call.line->say_hello();
    CXB_CHECK(expect(call.line->wait_for(voice, pieces, speak_patience),
                     "expected a second of reverse-media; " + description(call)));
    auto const heard = call.line->heard();
    call.line->say_goodbye();
    for (std::size_t i = 0; i < pieces; ++i) {
        CXB_CHECK(expect_text(heard[i].frame, "event", voice));
        CXB_CHECK(expect_piece(call, heard[i].frame, static_cast<std::int64_t>(i) + 1, zone));
    }
    auto const took = std::chrono::duration_cast<milliseconds>(heard[pieces - 1].at - heard[0].at);
    CXB_CHECK(expect(took + slack >= (pieces - 1) * media_ws::frame_time,
                     "a second of speech was sent in " + std::to_string(took.count()) +
                         " ms; audio is sent at most 100 ms before it is needed"));
    return expect_told(kit, call, "customer");
}

// The bot has nobody to talk to, and ends the call by the rules of re-engagement.
outcome line_bot_ends(core_kit& kit) {
    wire::json_object const gives_up{
        {"enabled", true}, {"timeout_seconds", 2}, {"max_attempts", 0}};
    CXB_TRY(auto const call,
            idle_line(kit, line_kind::dialler, kit.config({{"re_engagement", gives_up}})));
    call.line->say_hello();
    auto const end = call.line->end_within(kit.options().call_patience);
    CXB_CHECK(expect(end && end->code == close_code::normal,
                     "the bot must end the call by close 1000; " + description(call)));
    auto const events = events_of(call);
    auto const many = events.size();
    CXB_CHECK(expect(many >= 2 && events[many - 2] == "reverse-media-stop" &&
                         events[many - 1] == "reverse-hangup-call",
                     "the last messages must be reverse-media-stop and reverse-hangup-call; " +
                         description(call)));
    auto const heard = call.line->heard();
    CXB_CHECK(expect_ids(call, heard[many - 2].frame));
    auto const& farewell = heard[many - 1].frame;
    CXB_CHECK(expect_ids(call, farewell));
    CXB_CHECK(expect_text(farewell, "source", "ai"));
    CXB_CHECK(expect_text(farewell, "message", "Call ended by bot"));
    CXB_TRY(auto const told, kit.result_of(call));
    auto const word = wire::text_at(told, "disconnected_by");
    return expect(word != "customer" && word != "error",
                  "the bot ended the call, told was " + std::string(word));
}

outcome line_customer_ends(core_kit& kit) {
    using leaving = void (*)(media_line&);
    constexpr leaving ways[] = {[](media_line& line) { line.say_goodbye("far"); },
                                [](media_line& line) { line.close(close_code::normal); },
                                [](media_line& line) { line.drop(); }};
    for (auto const leave : ways) {
        CXB_TRY(auto const call, idle_line(kit, line_kind::dialler, kit.config()));
        call.line->say_hello();
        CXB_CHECK(expect(call.line->wait_for(voice, 1, speak_patience),
                         "the bot did not speak; " + description(call)));
        // What a Core does not know or cannot read costs no call.
        call.line->say({{"event", "of-a-later-version"}, {"x", 1}});
        call.line->say({{"event", "media"}, {"payload", "not base64!"}});
        leave(*call.line);
        CXB_CHECK(expect_told(kit, call, "customer"));
        if (leave != ways[0]) continue;
        CXB_TRY(auto const told, kit.result_of(call));
        judge_raw_reason(kit, told, "far");
    }
    return {};
}

}  // namespace cxb::cli::conformance::core
