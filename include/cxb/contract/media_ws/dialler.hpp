#pragma once
/// @file
/// Messages of `WS /ws/{bot_id}`, the media WebSocket of diallers (spec 10 §9.1): JSON text frames,
/// told apart by their member `event`. *Inbound* is what the dialler sends to a Core, *outbound*
/// what a Core answers.
///
/// | struct                        | event                   | way | when                         |
/// |-------------------------------|-------------------------|-----|------------------------------|
/// | connected_message             | `connected`             | in  | first                        |
/// | start_message                 | `start`                 | in  | second                       |
/// | answer_message                | `answer`                | in  | third; the bot may speak     |
/// | media_message                 | `media`                 | in  | audio of the far party       |
/// | hangup_call_message           | `hangup-call`           | in  | the far party is gone        |
/// | reverse_media_message         | `reverse-media`         | out | 20 ms of the bot's voice     |
/// | reverse_media_stop_message    | `reverse-media-stop`    | out | interruption, before hang-up |
/// | reverse_hangup_call_message   | `reverse-hangup-call`   | out | the bot ends the call        |
/// | reverse_call_transfer_message | `reverse-call-transfer` | out | the bot hands the call over  |
///
/// Ids and numbers of the peer (`callerId`, `did`, `streamId`) may also come as whole numbers and
/// then read as their digits. Errors of the parsers: `too_large` for a frame over 64 KiB,
/// `malformed` for what is no JSON, `invalid` for no object, no `event` or a message that breaks
/// its bounds. An event that is not in the table is no error: it gives an `unknown_message`.
/// Audio: `media_ws/audio.hpp`. Thread-safety: plain values, pure functions.

#include <optional>
#include <string>
#include <variant>

#include "cxb/base/open_enum.hpp"
#include "cxb/contract/media_ws/unknown_message.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::media_ws::dialler {

/// Who called whom, in the dialler's words.
enum class direction { incoming, outgoing };

}  // namespace contract::media_ws::dialler

template <>
struct enum_words<contract::media_ws::dialler::direction> {
    using e = contract::media_ws::dialler::direction;
    static constexpr std::pair<e, std::string_view> words[] = {{e::incoming, "incoming"},
                                                               {e::outgoing, "outgoing"}};
};

namespace contract::media_ws::dialler {

/// Who is on the line. All members but `event` are call variables (`call_variables`); those that
/// are not named here are in `others`. Absent: the dialler does not know.
struct connected_message {
    static constexpr std::string_view event_name = "connected";
    std::string event{event_name};
    std::optional<std::string> callerId;  ///< the far party; personal
    std::optional<std::string> did;       ///< our number
    std::optional<open_enum<direction>> callDirection;
    std::optional<std::string> streamId;
    wire::raw_json others = wire::raw_json::object();
    friend bool operator==(connected_message const&, connected_message const&) = default;
};
CXB_WIRE_DECLARE(connected_message);

/// What the dialler will send and wants to hear.
struct audio_format {
    std::string encoding = "LINEAR";
    int sampleRate = 8000;  ///< samples a second
    int channels = 1;
    friend bool operator==(audio_format const&, audio_format const&) = default;
};
CXB_WIRE_DECLARE_PART(audio_format);

/// The media stream begins. A `streamId` here replaces that of `connected`.
struct start_message {
    static constexpr std::string_view event_name = "start";
    std::string event{event_name};
    std::optional<std::string> streamId;
    audio_format mediaFormat;
    friend bool operator==(start_message const&, start_message const&) = default;
};
CXB_WIRE_DECLARE(start_message);

/// The far party picked up.
struct answer_message {
    static constexpr std::string_view event_name = "answer";
    std::string event{event_name};
    friend bool operator==(answer_message const&, answer_message const&) = default;
};
CXB_WIRE_DECLARE(answer_message);

/// Audio. `payload` is not looked into: `decode_audio` does.
struct media_message {
    static constexpr std::string_view event_name = "media";
    std::string event{event_name};
    std::string payload;  ///< base64
    friend bool operator==(media_message const&, media_message const&) = default;
};
CXB_WIRE_DECLARE(media_message);

/// The far party hung up. `disconnectedBy` goes into the call_ended event.
struct hangup_call_message {
    static constexpr std::string_view event_name = "hangup-call";
    std::string event{event_name};
    std::optional<std::string> disconnectedBy;
    friend bool operator==(hangup_call_message const&, hangup_call_message const&) = default;
};
CXB_WIRE_DECLARE(hangup_call_message);

/// A piece of the bot's voice.
///
/// | field         | bounds | note                                                              |
/// |---------------|--------|-------------------------------------------------------------------|
/// | chunk         | ≥ 1    | counts up from 1 over the whole call                              |
/// | payload       | base64 | 16 bytes for each millisecond of `chunk_durn_ms`: 320 for 20 ms   |
/// | timestamp     |        | `YYYY-MM-DD HH:MM:SS` in the bot's zone (`domain::format_local`)  |
/// | chunk_durn_ms | 1–1000 |                                                                   |
/// | others        |        | as `connected` and `start` had them                               |
struct reverse_media_message {
    static constexpr std::string_view event_name = "reverse-media";
    std::string event{event_name};
    std::int64_t chunk = 1;
    std::string did;
    std::string payload;
    std::string timestamp;
    std::string streamId;
    std::string callerId;  ///< personal
    std::chrono::milliseconds chunk_durn_ms{20};
    open_enum<direction> callDirection;
    std::string encoding = "LINEAR";
    int RevMediaQ = 0;
    std::string source = "ai";
    friend bool operator==(reverse_media_message const&, reverse_media_message const&) = default;
};
CXB_WIRE_DECLARE(reverse_media_message);

/// Whatever is still to be played is thrown away.
struct reverse_media_stop_message {
    static constexpr std::string_view event_name = "reverse-media-stop";
    std::string event{event_name};
    std::string callerId;  ///< personal
    std::string streamId;
    friend bool operator==(reverse_media_stop_message const&,
                           reverse_media_stop_message const&) = default;
};
CXB_WIRE_DECLARE(reverse_media_stop_message);

/// The bot ends the call.
struct reverse_hangup_call_message {
    static constexpr std::string_view event_name = "reverse-hangup-call";
    std::string event{event_name};
    std::string streamId;
    std::string callerId;  ///< personal
    std::string source = "ai";
    std::string message = "Call ended by bot";
    friend bool operator==(reverse_hangup_call_message const&,
                           reverse_hangup_call_message const&) = default;
};
CXB_WIRE_DECLARE(reverse_hangup_call_message);

/// The bot hands the call over to `transferTo`, an extension, number or SIP address.
struct reverse_call_transfer_message {
    static constexpr std::string_view event_name = "reverse-call-transfer";
    std::string event{event_name};
    std::string streamId;
    std::string callerId;  ///< personal
    std::string transferTo;
    std::string source = "ai";
    std::string message = "Call transferred by bot";
    friend bool operator==(reverse_call_transfer_message const&,
                           reverse_call_transfer_message const&) = default;
};
CXB_WIRE_DECLARE(reverse_call_transfer_message);

using inbound_message = std::variant<connected_message, start_message, answer_message,
                                     media_message, hangup_call_message, unknown_message>;
using outbound_message =
    std::variant<reverse_media_message, reverse_media_stop_message, reverse_hangup_call_message,
                 reverse_call_transfer_message, unknown_message>;

/// One text frame. Without `max_bytes` of the options it may have 64 KiB.
[[nodiscard]] result<inbound_message> parse_inbound_message(std::string_view frame,
                                                            wire::parse_options options = {});
[[nodiscard]] result<inbound_message> parse_inbound_message(wire::json_view value,
                                                            wire::parse_options options = {});
[[nodiscard]] result<outbound_message> parse_outbound_message(std::string_view frame,
                                                              wire::parse_options options = {});
[[nodiscard]] result<outbound_message> parse_outbound_message(wire::json_view value,
                                                              wire::parse_options options = {});

[[nodiscard]] std::string serialize(inbound_message const& value);
[[nodiscard]] std::string serialize(outbound_message const& value);
void serialize_to(inbound_message const& value, std::string& out);
void serialize_to(outbound_message const& value, std::string& out);
[[nodiscard]] result<void> validate(inbound_message const& value);
[[nodiscard]] result<void> validate(outbound_message const& value);
/// Any of the messages: references to the schemas of the single ones.
[[nodiscard]] std::string_view inbound_message_schema();
[[nodiscard]] std::string_view outbound_message_schema();

/// The connected_event of the call (spec 10 §3.1): all members of the message but `event`, without
/// the reserved ones, which nobody outside may set.
[[nodiscard]] wire::raw_json call_variables(connected_message const& message);

/// LINEAR, 8 kHz, one channel: the only form we speak.
[[nodiscard]] bool is_supported(audio_format const& format) noexcept;

}  // namespace contract::media_ws::dialler
}  // namespace cxb::inline v1
CXB_EXPORT_END
