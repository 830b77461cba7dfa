#include "src/worker/dialler_protocol.hpp"

#include "cxb/contract/media_ws/audio.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace dialler = contract::media_ws::dialler;
namespace media_ws = contract::media_ws;
using contract::call_results::call_direction;

dialler_protocol::dialler_protocol(media_limits limits)
    : media_protocol(limits, media_ws::frame_bytes) {}

void dialler_protocol::take(std::string_view text) {
    auto const message = dialler::parse_inbound_message(text);
    if (!message) return skip();
    std::visit([this](auto const& one) { on(one); }, *message);
}

void dialler_protocol::on(dialler::connected_message const& message) {
    if (at() != stage::first) return fault("connected out of order");
    who_ = message;
    enter(stage::second, limits().handshake);
}

void dialler_protocol::on(dialler::start_message const& message) {
    if (at() != stage::second) return fault("start out of order");
    if (!dialler::is_supported(message.mediaFormat)) return fault("media format not supported");
    media_party party;
    party.stream_id = message.streamId ? *message.streamId : who_.streamId.value_or("");
    party.caller_id = who_.callerId.value_or("");
    party.did = who_.did.value_or("");
    bool const outgoing =
        who_.callDirection && who_.callDirection->is(dialler::direction::outgoing);
    party.direction = outgoing ? call_direction::outbound : call_direction::inbound;
    party.variables = dialler::call_variables(who_).to_object();
    enter(stage::answer, limits().answer);
    start(std::move(party));
}

void dialler_protocol::on(dialler::answer_message const&) {
    if (at() != stage::answer) return fault("answer out of order");
    answer();
}

void dialler_protocol::on(dialler::media_message const& message) {
    if (at() == stage::first || at() == stage::second) return fault("media out of order");
    hear(message.payload);
}

void dialler_protocol::on(dialler::hangup_call_message const& message) {
    leave("customer", message.disconnectedBy.value_or(""));
}

void dialler_protocol::on(media_ws::unknown_message const&) {
    skip();
}

void dialler_protocol::send_audio(std::string const& pcm) {
    dialler::reverse_media_message out;
    out.chunk = ++chunks_;
    out.did = party().did;
    out.payload = media_ws::encode_audio(pcm);
    out.timestamp = timestamp();
    out.streamId = party().stream_id;
    out.callerId = party().caller_id;
    out.chunk_durn_ms = media_ws::frame_time;
    out.callDirection = who_.callDirection.value_or(dialler::direction::incoming);
    tell(media_send{dialler::serialize(out)});
}

void dialler_protocol::send_clear() {
    dialler::reverse_media_stop_message out;
    out.callerId = party().caller_id;
    out.streamId = party().stream_id;
    tell(media_send{dialler::serialize(out)});
}

void dialler_protocol::send_farewell() {
    send_clear();
    dialler::reverse_hangup_call_message out;
    out.streamId = party().stream_id;
    out.callerId = party().caller_id;
    tell(media_send{dialler::serialize(out)});
}

bool dialler_protocol::send_transfer(std::string const& to) {
    dialler::reverse_call_transfer_message out;
    out.streamId = party().stream_id;
    out.callerId = party().caller_id;
    out.transferTo = to;
    tell(media_send{dialler::serialize(out)});
    return true;
}

}  // namespace worker
}  // namespace cxb::inline v1
