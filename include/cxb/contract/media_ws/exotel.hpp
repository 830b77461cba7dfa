#pragma once
/// @file
/// Messages of `WS /exotel/{bot_id}`, the media WebSocket of Exotel (spec 10 §9.2): JSON text
/// frames, told apart by their member `event`. *Inbound* is what Exotel sends to a Core,
/// *outbound* what a Core answers.
///
/// | struct             | event       | way     | when                                           |
/// |--------------------|-------------|---------|------------------------------------------------|
/// | connected_message  | `connected` | in      | before the start message, or not at all        |
/// | start_message      | `start`     | in      | first or second                                |
/// | media_message      | `media`     | in      | audio of the far party                         |
/// | dtmf_message       | `dtmf`      | in      | a key was pressed                              |
/// | mark_message       | `mark`      | in, out | out: a name for this place of the playback;    |
/// |                    |             |         | in: the playback has come there                |
/// | stop_message       | `stop`      | in      | the far party is gone                          |
/// | sent_media_message | `media`     | out     | the bot's voice                                |
/// | clear_message      | `clear`     | out     | on interruption                                |
///
/// Numbers of what comes in may be sent as text (`"8000"`), ids and texts as whole numbers; a
/// number that cannot be read counts as absent. Errors of the parsers: `too_large` for a frame over
/// 64 KiB (`exotel_sent_frame` for outbound ones), `malformed` for what is no JSON, `invalid` for
/// no object, no `event` or a message that breaks its bounds. An event that is not in the table is
/// no error: it gives an `unknown_message`.
/// Audio: `media_ws/audio.hpp`. Thread-safety: plain values, pure functions.

#include <optional>
#include <string>
#include <variant>

#include "cxb/contract/media_ws/unknown_message.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::media_ws::exotel {

/// The socket is open; all other members are ignored.
struct connected_message {
    static constexpr std::string_view event_name = "connected";
    std::string event{event_name};
    friend bool operator==(connected_message const&, connected_message const&) = default;
};
CXB_WIRE_DECLARE(connected_message);

/// What Exotel will send and wants to hear, in its own words.
struct audio_format {
    std::optional<std::string> encoding;
    std::optional<int> sample_rate;  ///< samples a second
    std::optional<int> bit_rate;
    friend bool operator==(audio_format const&, audio_format const&) = default;
};
CXB_WIRE_DECLARE_PART(audio_format);

/// The member `start` of the message of that name.
struct start_details {
    std::optional<std::string> stream_sid;
    std::optional<std::string> call_sid;
    std::optional<std::string> account_sid;
    std::optional<std::string> from;  ///< the far party; personal
    std::optional<std::string> to;    ///< our number
    /// Any object; personal. What is no object reads as `{}`.
    wire::raw_json custom_parameters = wire::raw_json::object();
    audio_format media_format;
    friend bool operator==(start_details const&, start_details const&) = default;
};
CXB_WIRE_DECLARE_PART(start_details);

/// The call begins.
struct start_message {
    static constexpr std::string_view event_name = "start";
    std::string event{event_name};
    std::optional<std::int64_t> sequence_number;
    std::optional<std::string> stream_sid;
    start_details start;
    friend bool operator==(start_message const&, start_message const&) = default;
};
CXB_WIRE_DECLARE(start_message);

/// The member `media` of an inbound message of that name.
struct media_details {
    std::optional<std::int64_t> chunk;
    std::optional<std::int64_t> timestamp;  ///< ms since the stream began
    std::string payload;                    ///< base64; `decode_audio` looks into it
    friend bool operator==(media_details const&, media_details const&) = default;
};
CXB_WIRE_DECLARE_PART(media_details);

/// Audio of the far party.
struct media_message {
    static constexpr std::string_view event_name = "media";
    std::string event{event_name};
    std::optional<std::int64_t> sequence_number;
    std::optional<std::string> stream_sid;
    media_details media;
    friend bool operator==(media_message const&, media_message const&) = default;
};
CXB_WIRE_DECLARE(media_message);

/// The member `dtmf` of the message of that name.
struct dtmf_details {
    std::string digit;                                  ///< `0`–`9`, `*`, `#`
    std::optional<std::chrono::milliseconds> duration;  ///< how long it was pressed
    friend bool operator==(dtmf_details const&, dtmf_details const&) = default;
};
CXB_WIRE_DECLARE_PART(dtmf_details);

/// A key was pressed.
struct dtmf_message {
    static constexpr std::string_view event_name = "dtmf";
    std::string event{event_name};
    std::optional<std::int64_t> sequence_number;
    std::optional<std::string> stream_sid;
    dtmf_details dtmf;
    friend bool operator==(dtmf_message const&, dtmf_message const&) = default;
};
CXB_WIRE_DECLARE(dtmf_message);

/// The member `mark` of the message of that name.
struct mark_details {
    std::string name;
    friend bool operator==(mark_details const&, mark_details const&) = default;
};
CXB_WIRE_DECLARE_PART(mark_details);

/// A place of the playback: sent with it, and sent back when it has been played.
struct mark_message {
    static constexpr std::string_view event_name = "mark";
    std::string event{event_name};
    std::optional<std::int64_t> sequence_number;
    std::optional<std::string> stream_sid;
    mark_details mark;
    friend bool operator==(mark_message const&, mark_message const&) = default;
};
CXB_WIRE_DECLARE(mark_message);

/// The member `stop` of the message of that name.
struct stop_details {
    std::optional<std::string> call_sid;
    std::optional<std::string> account_sid;
    std::optional<std::string> reason;
    friend bool operator==(stop_details const&, stop_details const&) = default;
};
CXB_WIRE_DECLARE_PART(stop_details);

/// The far party is gone.
struct stop_message {
    static constexpr std::string_view event_name = "stop";
    std::string event{event_name};
    std::optional<std::int64_t> sequence_number;
    std::optional<std::string> stream_sid;
    stop_details stop;
    friend bool operator==(stop_message const&, stop_message const&) = default;
};
CXB_WIRE_DECLARE(stop_message);

/// The member `media` of an outbound message of that name: a multiple of 320 bytes of audio,
/// 3,200 to 100,000 together, as base64.
struct sent_audio {
    std::string payload;
    friend bool operator==(sent_audio const&, sent_audio const&) = default;
};
CXB_WIRE_DECLARE_PART(sent_audio);

/// The bot's voice.
struct sent_media_message {
    static constexpr std::string_view event_name = "media";
    std::string event{event_name};
    std::string stream_sid;
    sent_audio media;
    friend bool operator==(sent_media_message const&, sent_media_message const&) = default;
};
CXB_WIRE_DECLARE(sent_media_message);

/// Whatever is still to be played is thrown away.
struct clear_message {
    static constexpr std::string_view event_name = "clear";
    std::string event{event_name};
    std::string stream_sid;
    friend bool operator==(clear_message const&, clear_message const&) = default;
};
CXB_WIRE_DECLARE(clear_message);

using inbound_message = std::variant<connected_message, start_message, media_message, dtmf_message,
                                     mark_message, stop_message, unknown_message>;
using outbound_message =
    std::variant<sent_media_message, clear_message, mark_message, unknown_message>;

/// One text frame. Without `max_bytes` of the options an inbound one may have 64 KiB, an outbound
/// one 160 KiB.
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

/// Key for a later CDR: `stream_sid` of the message, else of its details; "" = none.
[[nodiscard]] std::string stream_id(start_message const& message);

/// The connected_event of the call (spec 10 §3.1): `call_sid`, `did` (= to) and all custom
/// parameters, without the reserved ones, which nobody outside may set. A custom parameter of the
/// same name replaces ours.
[[nodiscard]] wire::raw_json call_variables(start_message const& message);

}  // namespace contract::media_ws::exotel
}  // namespace cxb::inline v1
CXB_EXPORT_END
