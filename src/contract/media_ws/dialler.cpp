#include "cxb/contract/media_ws/dialler.hpp"

#include <algorithm>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/wire/json.hpp"
#include "src/contract/media_ws/message_kinds.hpp"
#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws::dialler {
namespace {

using wire::field;

constexpr std::size_t payload_bytes = limits::ws_text_frame;
constexpr std::size_t bytes_per_ms = frame_bytes / 20;

constexpr bool is_local_time(std::string_view text) noexcept {
    constexpr std::string_view form = "0000-00-00 00:00:00";
    return std::ranges::equal(text, form, [](char c, char wanted) {
        return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
    });
}
constexpr wire::text_pattern local_time{"local_time",
                                        "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
                                        "must be YYYY-MM-DD HH:MM:SS",
                                        19,
                                        19,
                                        is_local_time};

std::string joined(connected_message const& message) {
    wire::json_object own;
    if (message.callerId) own["callerId"] = *message.callerId;
    if (message.did) own["did"] = *message.did;
    if (message.callDirection) own["callDirection"] = message.callDirection->text();
    if (message.streamId) own["streamId"] = *message.streamId;
    return joined_variables(own, message.others);
}

void check_connected(connected_message const& message, wire::fault_sink& sink) {
    runtime_config::check_variables(joined(message), "", sink);
}

void check_reverse_media(reverse_media_message const& message, wire::fault_sink& sink) {
    auto const pcm = decode_audio(message.payload);
    if (!pcm) return sink.add("/payload", "must be base64 of whole samples");
    auto const wanted = bytes_per_ms * static_cast<std::size_t>(message.chunk_durn_ms.count());
    if (pcm->size() != wanted)
        sink.add("/payload", "must hold " + std::to_string(wanted) + " bytes of audio");
}

constexpr wire::field_row connected_rows[] = {
    event_row<connected_message>(),
    field<&connected_message::callerId>("callerId").or_integer().personal().doc("The far party."),
    field<&connected_message::did>("did").or_integer().doc("Our number."),
    field<&connected_message::callDirection>("callDirection").doc("Who called whom."),
    field<&connected_message::streamId>("streamId").or_integer().doc("Key for a later CDR."),
};
constexpr wire::field_row format_rows[] = {
    field<&audio_format::encoding>("encoding").doc("LINEAR: 16 bits, little-endian."),
    field<&audio_format::sampleRate>("sampleRate").doc("Samples a second."),
    field<&audio_format::channels>("channels").doc("1: mono."),
};
constexpr wire::field_row start_rows[] = {
    event_row<start_message>(),
    field<&start_message::streamId>("streamId").or_integer().doc("Key for a later CDR."),
    field<&start_message::mediaFormat>("mediaFormat").doc("Audio of both directions."),
};
constexpr wire::field_row answer_rows[] = {
    event_row<answer_message>(),
};
constexpr wire::field_row media_rows[] = {
    event_row<media_message>(),
    field<&media_message::payload>("payload")
        .required()
        .max_bytes(payload_bytes)
        .personal()
        .doc("Audio as base64."),
};
constexpr wire::field_row hangup_rows[] = {
    event_row<hangup_call_message>(),
    field<&hangup_call_message::disconnectedBy>("disconnectedBy")
        .doc("Who ended it, as the peer says."),
};
constexpr wire::field_row reverse_media_rows[] = {
    event_row<reverse_media_message>(),
    field<&reverse_media_message::chunk>("chunk").required().min(1).doc("Counts up from 1."),
    field<&reverse_media_message::did>("did").or_integer().doc("Our number."),
    field<&reverse_media_message::payload>("payload")
        .required()
        .max_bytes(payload_bytes)
        .personal()
        .doc("Audio as base64: 320 bytes for 20 ms."),
    field<&reverse_media_message::timestamp>("timestamp")
        .required()
        .pattern(local_time)
        .doc("When it was made, in the bot's zone."),
    field<&reverse_media_message::streamId>("streamId").or_integer().doc("The stream."),
    field<&reverse_media_message::callerId>("callerId")
        .or_integer()
        .personal()
        .doc("The far party."),
    field<&reverse_media_message::chunk_durn_ms>("chunk_durn_ms").range(1, 1000).doc("Its length."),
    field<&reverse_media_message::callDirection>("callDirection").doc("Who called whom."),
    field<&reverse_media_message::encoding>("encoding").doc("LINEAR: 16 bits, little-endian."),
    field<&reverse_media_message::RevMediaQ>("RevMediaQ").doc("0; kept for the dialler."),
    field<&reverse_media_message::source>("source").doc("ai: a bot speaks."),
};
constexpr wire::field_row stop_rows[] = {
    event_row<reverse_media_stop_message>(),
    field<&reverse_media_stop_message::callerId>("callerId")
        .or_integer()
        .personal()
        .doc("The far party."),
    field<&reverse_media_stop_message::streamId>("streamId").or_integer().doc("The stream."),
};
constexpr wire::field_row reverse_hangup_rows[] = {
    event_row<reverse_hangup_call_message>(),
    field<&reverse_hangup_call_message::streamId>("streamId").or_integer().doc("The stream."),
    field<&reverse_hangup_call_message::callerId>("callerId")
        .or_integer()
        .personal()
        .doc("Far party."),
    field<&reverse_hangup_call_message::source>("source").doc("ai: a bot hangs up."),
    field<&reverse_hangup_call_message::message>("message").doc("For people who read logs."),
};
constexpr wire::field_row transfer_rows[] = {
    event_row<reverse_call_transfer_message>(),
    field<&reverse_call_transfer_message::streamId>("streamId").or_integer().doc("The stream."),
    field<&reverse_call_transfer_message::callerId>("callerId")
        .or_integer()
        .personal()
        .doc("Far party."),
    field<&reverse_call_transfer_message::transferTo>("transferTo")
        .required()
        .or_integer()
        .bytes(1, limits::text)
        .doc("Extension, number or SIP address."),
    field<&reverse_call_transfer_message::source>("source").doc("ai: a bot transfers."),
    field<&reverse_call_transfer_message::message>("message").doc("For people who read logs."),
};

}  // namespace

CXB_WIRE_PART(audio_format, wire::table<audio_format>("Form of the audio.", format_rows))
CXB_WIRE_TYPE(connected_message,
              wire::table<connected_message>("Who is on the line.", connected_rows)
                  .name("dialler_connected")
                  .keep_unknown<&connected_message::others>(limits::connected_event)
                  .check<check_connected>())
CXB_WIRE_TYPE(start_message, wire::table<start_message>("The media stream begins.", start_rows)
                                 .name("dialler_start"))
CXB_WIRE_TYPE(answer_message, wire::table<answer_message>("The far party picked up.", answer_rows)
                                  .name("dialler_answer"))
CXB_WIRE_TYPE(media_message, wire::table<media_message>("Audio of the far party.", media_rows)
                                 .name("dialler_media"))
CXB_WIRE_TYPE(hangup_call_message,
              wire::table<hangup_call_message>("The far party is gone.", hangup_rows)
                  .name("dialler_hangup_call"))
CXB_WIRE_TYPE(reverse_media_message,
              wire::table<reverse_media_message>("A piece of the bot's voice.", reverse_media_rows)
                  .name("dialler_reverse_media")
                  .check<check_reverse_media>())
CXB_WIRE_TYPE(reverse_media_stop_message,
              wire::table<reverse_media_stop_message>("Playback is thrown away.", stop_rows)
                  .name("dialler_reverse_media_stop"))
CXB_WIRE_TYPE(reverse_hangup_call_message,
              wire::table<reverse_hangup_call_message>("The bot ends the call.",
                                                       reverse_hangup_rows)
                  .name("dialler_reverse_hangup_call"))
CXB_WIRE_TYPE(reverse_call_transfer_message,
              wire::table<reverse_call_transfer_message>("The bot hands the call over.",
                                                         transfer_rows)
                  .name("dialler_reverse_call_transfer"))

result<inbound_message> parse_inbound_message(std::string_view frame, wire::parse_options options) {
    return read_message<inbound_message>(frame, options, limits::ws_text_frame);
}
result<inbound_message> parse_inbound_message(wire::json_view value, wire::parse_options options) {
    return read_message<inbound_message>(value, options);
}
result<outbound_message> parse_outbound_message(std::string_view frame,
                                                wire::parse_options options) {
    return read_message<outbound_message>(frame, options, limits::ws_text_frame);
}
result<outbound_message> parse_outbound_message(wire::json_view value,
                                                wire::parse_options options) {
    return read_message<outbound_message>(value, options);
}

std::string serialize(inbound_message const& value) {
    std::string out;
    write_message(value, out);
    return out;
}
std::string serialize(outbound_message const& value) {
    std::string out;
    write_message(value, out);
    return out;
}
void serialize_to(inbound_message const& value, std::string& out) {
    write_message(value, out);
}
void serialize_to(outbound_message const& value, std::string& out) {
    write_message(value, out);
}
result<void> validate(inbound_message const& value) {
    return check_message(value);
}
result<void> validate(outbound_message const& value) {
    return check_message(value);
}
std::string_view inbound_message_schema() {
    static std::string const text = message_schema<inbound_message>::text("dialler_inbound");
    return text;
}
std::string_view outbound_message_schema() {
    static std::string const text = message_schema<outbound_message>::text("dialler_outbound");
    return text;
}

wire::raw_json call_variables(connected_message const& message) {
    return trusted_variables(joined(message));
}

bool is_supported(audio_format const& format) noexcept {
    return format == audio_format{};
}

}  // namespace contract::media_ws::dialler
}  // namespace cxb::inline v1
