#include "src/worker/exotel_protocol.hpp"

#include "cxb/contract/media_ws/audio.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace exotel = contract::media_ws::exotel;
namespace media_ws = contract::media_ws;

exotel_protocol::exotel_protocol(media_limits limits)
    : media_protocol(limits, media_ws::exotel_min_bytes) {}

// One deadline for both messages in which the start is looked for.
void exotel_protocol::take(std::string_view text) {
    auto const message = exotel::parse_inbound_message(text);
    if (at() != stage::first && at() != stage::second) return message ? live(*message) : skip();
    if (message && std::holds_alternative<exotel::start_message>(*message))
        return begin_call(std::get<exotel::start_message>(*message));
    if (message && std::holds_alternative<exotel::stop_message>(*message)) return live(*message);
    if (at() == stage::second) return fault("no start in the first two messages");
    go_on(stage::second);
}

void exotel_protocol::begin_call(exotel::start_message const& message) {
    auto const& format = message.start.media_format;
    if (format.sample_rate && *format.sample_rate != media_ws::sample_rate)
        return fault("media format not supported");
    media_party party;
    party.stream_id = exotel::stream_id(message);
    party.caller_id = message.start.from.value_or("");
    party.did = message.start.to.value_or("");
    party.variables = exotel::call_variables(message).to_object();
    start(std::move(party));
    answer();
}

void exotel_protocol::live(exotel::inbound_message const& message) {
    if (auto const* audio = std::get_if<exotel::media_message>(&message)) {
        hear(audio->media.payload);
    } else if (auto const* key = std::get_if<exotel::dtmf_message>(&message)) {
        if (key->dtmf.digit.size() == 1) return tell(media_key{key->dtmf.digit.front()});
        skip();
    } else if (auto const* stop = std::get_if<exotel::stop_message>(&message)) {
        leave("customer", stop->stop.reason.value_or(""));
    } else if (!std::holds_alternative<exotel::mark_message>(message)) {
        skip();
    }
}

void exotel_protocol::send_audio(std::string const& pcm) {
    exotel::sent_media_message out;
    out.stream_sid = party().stream_id;
    out.media.payload = media_ws::encode_audio(pcm);
    tell(media_send{exotel::serialize(out)});
}

void exotel_protocol::send_clear() {
    exotel::clear_message out;
    out.stream_sid = party().stream_id;
    tell(media_send{exotel::serialize(out)});
}

}  // namespace worker
}  // namespace cxb::inline v1
