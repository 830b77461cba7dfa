#include "cli/conformance/core_check_functions.hpp"
#include "cxb/contract/media_ws/audio.hpp"

namespace cxb::cli::conformance::core {

namespace media_ws = contract::media_ws;
namespace close_code = worker::close_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds speak_patience{10};
constexpr milliseconds words_of_the_caller{1200};
constexpr milliseconds silence_after{300};

// Long enough to be spoken over.
constexpr char const* long_opening =
    "Hello, this is the conformance kit. This opening goes on and on, for so long that whoever "
    "listens to it will want to say something about it before it has come to its end, and the "
    "caller of this check does say something, so that nobody ever hears these last words.";

outcome expect_voice(placed_call const& call) {
    CXB_CHECK(expect(call.line->wait_for("media", 1, speak_patience),
                     "the bot did not speak: " + call.line->shown().answer));
    auto const first = call.line->heard("media").front();
    CXB_CHECK(expect_text(first, "stream_sid", call.stream_id));
    auto const pcm = media_ws::decode_audio(wire::text_at(first, "media.payload"));
    CXB_CHECK(expect(pcm.has_value(), "media.payload is no base64"));
    auto const size = pcm->size();
    return expect(size % media_ws::frame_bytes == 0 && size >= media_ws::exotel_min_bytes &&
                      size <= media_ws::exotel_max_bytes,
                  "a message of " + std::to_string(size) +
                      " bytes of audio; it must be a multiple of 320 from 3,200 to 100,000");
}

bool has_event(wire::json_object const& told, std::string_view type) {
    auto const* const events = told.if_contains("events");
    if (events == nullptr || !events->is_array()) return false;
    for (auto const& one : events->get_array())
        if (one.is_object() && wire::text_at(one.get_object(), "type") == type) return true;
    return false;
}

outcome start_is_found(core_kit& kit, bool second) {
    CXB_TRY(auto const call, idle_line(kit, line_kind::exotel, kit.config()));
    if (second) call.line->say_connected();
    call.line->say_start({{"CUSTOMER", "Ravi"}});
    CXB_CHECK(expect_voice(call));
    call.line->say_goodbye();
    CXB_TRY(auto const asked, config_asked(kit, call));
    CXB_CHECK(expect(asked.caller_id == call.line->party().caller_id,
                     "caller_id must be from, got " + asked.caller_id));
    CXB_CHECK(expect(asked.stream_id == call.stream_id,
                     "stream_id must be stream_sid, got " + asked.stream_id));
    auto const variables = asked.connected_event.variables.to_object();
    CXB_CHECK(expect_text(variables, "call_sid", call.stream_id + "-call"));
    CXB_CHECK(expect_text(variables, "did", call.line->party().did));
    CXB_CHECK(expect_text(variables, "CUSTOMER", "Ravi"));
    return expect_told(kit, call, "customer");
}

}  // namespace

outcome exotel_start(core_kit& kit) {
    CXB_CHECK(start_is_found(kit, false));
    CXB_CHECK(start_is_found(kit, true));
    CXB_TRY(auto const call, idle_line(kit, line_kind::exotel, kit.config()));
    call.line->say_connected();
    call.line->say_connected();
    CXB_CHECK(expect_line_end(call, close_code::protocol_error));
    return expect(!kit.asked_for(call), "a line without start asked for a config");
}

outcome exotel_clear(core_kit& kit) {
    CXB_TRY(auto const call,
            idle_line(kit, line_kind::exotel,
                      kit.config({{"opening_message", long_opening},
                                  {"opening", wire::json_object{{"interruptible", true}}},
                                  {"min_words_interruption", 1}})));
    call.line->say_hello();
    CXB_CHECK(expect_voice(call));
    call.line->speak(words_of_the_caller, silence_after);
    bool const cleared = call.line->wait_for("clear", 1, seconds{2});
    call.line->say_goodbye();
    CXB_TRY(auto const told, kit.result_of(call));
    if (!cleared && kit.options().config.contains("stt") && !has_event(told, "interruption"))
        return skips("the recogniser of --config hears no words in the tone of the kit");
    CXB_CHECK(expect(
        cleared, "no clear came when the caller spoke over the bot: " + call.line->shown().answer));
    return expect_text(call.line->heard("clear").front(), "stream_sid", call.stream_id);
}

outcome exotel_customer_ends(core_kit& kit) {
    using leaving = void (*)(media_line&);
    constexpr leaving ways[] = {[](media_line& line) { line.say_goodbye("callended"); },
                                [](media_line& line) { line.close(close_code::normal); },
                                [](media_line& line) { line.drop(); }};
    for (auto const leave : ways) {
        CXB_TRY(auto const call, idle_line(kit, line_kind::exotel, kit.config()));
        call.line->say_hello();
        CXB_CHECK(expect_voice(call));
        leave(*call.line);
        CXB_CHECK(expect_told(kit, call, "customer"));
    }
    return {};
}

}  // namespace cxb::cli::conformance::core
