#include "cxb/contract/media_ws/exotel.hpp"

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/wire/json.hpp"
#include "src/contract/media_ws/message_kinds.hpp"
#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws::exotel {
namespace {

using wire::field;

std::string joined(start_details const& start) {
    wire::json_object own;
    if (start.call_sid) own["call_sid"] = *start.call_sid;
    if (start.to) own["did"] = *start.to;
    return joined_variables(own, start.custom_parameters);
}

void check_start(start_details const& start, wire::fault_sink& sink) {
    runtime_config::check_variables(joined(start), "/custom_parameters", sink);
}

void check_sent(sent_audio const& audio, wire::fault_sink& sink) {
    auto const pcm = decode_audio(audio.payload);
    if (!pcm) return sink.add("/payload", "must be base64 of whole samples");
    if (pcm->size() % frame_bytes != 0)
        return sink.add("/payload", "must hold a multiple of 320 bytes of audio");
    if (pcm->size() < exotel_min_bytes || pcm->size() > exotel_max_bytes)
        sink.add("/payload", "must hold 3200 to 100000 bytes of audio");
}

// Members that all messages of a stream have.
template <class T>
constexpr wire::field_row sequence_row() {
    return field<&T::sequence_number>("sequence_number")
        .from_text()
        .lenient()
        .doc("Counts the messages of the stream.");
}
template <class T>
constexpr wire::field_row stream_row() {
    return field<&T::stream_sid>("stream_sid").or_integer().doc("The stream.");
}

constexpr wire::field_row connected_rows[] = {
    event_row<connected_message>(),
};
constexpr wire::field_row format_rows[] = {
    field<&audio_format::encoding>("encoding").doc("The peer's word for the coding."),
    field<&audio_format::sample_rate>("sample_rate").from_text().lenient().doc("Samples a second."),
    field<&audio_format::bit_rate>("bit_rate").from_text().lenient().doc("As the peer counts."),
};
constexpr wire::field_row details_rows[] = {
    field<&start_details::stream_sid>("stream_sid").or_integer().doc("The stream."),
    field<&start_details::call_sid>("call_sid").or_integer().doc("The call at Exotel."),
    field<&start_details::account_sid>("account_sid").or_integer().doc("The account at Exotel."),
    field<&start_details::from>("from").or_integer().personal().doc("The far party."),
    field<&start_details::to>("to").or_integer().doc("Our number."),
    field<&start_details::custom_parameters>("custom_parameters")
        .object()
        .max_bytes(limits::connected_event)
        .lenient()
        .personal()
        .doc("Call variables."),
    field<&start_details::media_format>("media_format").doc("Audio of both directions."),
};
constexpr wire::field_row start_rows[] = {
    event_row<start_message>(),
    sequence_row<start_message>(),
    stream_row<start_message>(),
    field<&start_message::start>("start").required().doc("Who is on the line."),
};
constexpr wire::field_row media_part_rows[] = {
    field<&media_details::chunk>("chunk").from_text().lenient().doc("Counts the pieces."),
    field<&media_details::timestamp>("timestamp")
        .from_text()
        .lenient()
        .doc("Milliseconds since the stream began."),
    field<&media_details::payload>("payload")
        .required()
        .max_bytes(limits::ws_text_frame)
        .personal()
        .doc("Audio as base64."),
};
constexpr wire::field_row media_rows[] = {
    event_row<media_message>(),
    sequence_row<media_message>(),
    stream_row<media_message>(),
    field<&media_message::media>("media").required().doc("The audio."),
};
constexpr wire::field_row dtmf_part_rows[] = {
    field<&dtmf_details::digit>("digit").required().or_integer().bytes(1, 8).personal().doc(
        "The key."),
    field<&dtmf_details::duration>("duration").from_text().lenient().doc("Milliseconds."),
};
constexpr wire::field_row dtmf_rows[] = {
    event_row<dtmf_message>(),
    sequence_row<dtmf_message>(),
    stream_row<dtmf_message>(),
    field<&dtmf_message::dtmf>("dtmf").required().doc("The key."),
};
constexpr wire::field_row mark_part_rows[] = {
    field<&mark_details::name>("name").or_integer().doc("Name of the place."),
};
constexpr wire::field_row mark_rows[] = {
    event_row<mark_message>(),
    sequence_row<mark_message>(),
    stream_row<mark_message>(),
    field<&mark_message::mark>("mark").doc("The place."),
};
constexpr wire::field_row stop_part_rows[] = {
    field<&stop_details::call_sid>("call_sid").or_integer().doc("The call at Exotel."),
    field<&stop_details::account_sid>("account_sid").or_integer().doc("The account at Exotel."),
    field<&stop_details::reason>("reason").doc("Why, as the peer says."),
};
constexpr wire::field_row stop_rows[] = {
    event_row<stop_message>(),
    sequence_row<stop_message>(),
    stream_row<stop_message>(),
    field<&stop_message::stop>("stop").doc("The call that ended."),
};
constexpr wire::field_row sent_part_rows[] = {
    field<&sent_audio::payload>("payload")
        .required()
        .max_bytes(exotel_sent_frame)
        .personal()
        .doc("Audio as base64: 3,200 to 100,000 bytes, a multiple of 320."),
};
constexpr wire::field_row sent_rows[] = {
    event_row<sent_media_message>(),
    field<&sent_media_message::stream_sid>("stream_sid").or_integer().doc("The stream."),
    field<&sent_media_message::media>("media").required().doc("The audio."),
};
constexpr wire::field_row clear_rows[] = {
    event_row<clear_message>(),
    field<&clear_message::stream_sid>("stream_sid").or_integer().doc("The stream."),
};

}  // namespace

CXB_WIRE_PART(audio_format, wire::table<audio_format>("Form of the audio.", format_rows)
                                .name("exotel_audio_format"))
CXB_WIRE_PART(start_details,
              wire::table<start_details>("Who is on the line.", details_rows).check<check_start>())
CXB_WIRE_PART(media_details, wire::table<media_details>("A piece of audio.", media_part_rows))
CXB_WIRE_PART(dtmf_details, wire::table<dtmf_details>("A key.", dtmf_part_rows))
CXB_WIRE_PART(mark_details, wire::table<mark_details>("A place.", mark_part_rows))
CXB_WIRE_PART(stop_details, wire::table<stop_details>("The end of a call.", stop_part_rows))
CXB_WIRE_PART(sent_audio,
              wire::table<sent_audio>("A piece of audio.", sent_part_rows).check<check_sent>())
CXB_WIRE_TYPE(connected_message, wire::table<connected_message>("It is open.", connected_rows)
                                     .name("exotel_connected"))
CXB_WIRE_TYPE(start_message,
              wire::table<start_message>("The call begins.", start_rows).name("exotel_start"))
CXB_WIRE_TYPE(media_message, wire::table<media_message>("Audio of the far party.", media_rows)
                                 .name("exotel_media"))
CXB_WIRE_TYPE(dtmf_message,
              wire::table<dtmf_message>("A key was pressed.", dtmf_rows).name("exotel_dtmf"))
CXB_WIRE_TYPE(mark_message,
              wire::table<mark_message>("A place of the playback.", mark_rows).name("exotel_mark"))
CXB_WIRE_TYPE(stop_message,
              wire::table<stop_message>("The far party is gone.", stop_rows).name("exotel_stop"))
CXB_WIRE_TYPE(sent_media_message, wire::table<sent_media_message>("The bot's voice.", sent_rows)
                                      .name("exotel_sent_media"))
CXB_WIRE_TYPE(clear_message, wire::table<clear_message>("Playback is thrown away.", clear_rows)
                                 .name("exotel_clear"))

result<inbound_message> parse_inbound_message(std::string_view frame, wire::parse_options options) {
    return read_message<inbound_message>(frame, options, limits::ws_text_frame);
}
result<inbound_message> parse_inbound_message(wire::json_view value, wire::parse_options options) {
    return read_message<inbound_message>(value, options);
}
result<outbound_message> parse_outbound_message(std::string_view frame,
                                                wire::parse_options options) {
    return read_message<outbound_message>(frame, options, exotel_sent_frame);
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
    static std::string const text = message_schema<inbound_message>::text("exotel_inbound");
    return text;
}
std::string_view outbound_message_schema() {
    static std::string const text = message_schema<outbound_message>::text("exotel_outbound");
    return text;
}

std::string stream_id(start_message const& message) {
    auto const& sid = message.stream_sid ? message.stream_sid : message.start.stream_sid;
    return sid.value_or("");
}

wire::raw_json call_variables(start_message const& message) {
    return trusted_variables(joined(message.start));
}

}  // namespace contract::media_ws::exotel
}  // namespace cxb::inline v1
