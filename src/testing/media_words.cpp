#include "src/testing/media_words.hpp"

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/contract/media_ws/exotel.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace media_ws = contract::media_ws;
namespace dialler = contract::media_ws::dialler;
namespace exotel = contract::media_ws::exotel;

namespace {

constexpr char const* account = "account-1";
constexpr int bits_a_second = media_ws::sample_rate * 16;
constexpr std::chrono::milliseconds key_time{100};

}  // namespace

std::string media_words::connected() {
    if (!is_dialler()) return exotel::serialize(exotel::connected_message{});
    dialler::connected_message out;
    out.callerId = caller_.caller_id;
    out.did = caller_.did;
    out.callDirection = caller_.direction;
    out.streamId = caller_.stream_id;
    out.others = wire::raw_json::from_object(caller_.variables);
    return dialler::serialize(out);
}

std::string media_words::start() {
    if (is_dialler()) {
        dialler::start_message out;
        out.streamId = caller_.stream_id;
        return dialler::serialize(out);
    }
    exotel::start_message out;
    out.sequence_number = ++sequence_;
    out.stream_sid = caller_.stream_id;
    out.start.stream_sid = caller_.stream_id;
    out.start.call_sid = call_sid();
    out.start.account_sid = account;
    out.start.from = caller_.caller_id;
    out.start.to = caller_.did;
    out.start.custom_parameters = wire::raw_json::from_object(caller_.variables);
    out.start.media_format.encoding = "base64";
    out.start.media_format.sample_rate = media_ws::sample_rate;
    out.start.media_format.bit_rate = bits_a_second;
    return exotel::serialize(out);
}

std::string media_words::answer() const {
    return is_dialler() ? dialler::serialize(dialler::answer_message{}) : std::string();
}

std::string media_words::audio(std::string_view pcm) {
    if (is_dialler()) {
        dialler::media_message out;
        out.payload = media_ws::encode_audio(pcm);
        return dialler::serialize(out);
    }
    exotel::media_message out;
    out.sequence_number = ++sequence_;
    out.stream_sid = caller_.stream_id;
    out.media.chunk = ++chunk_;
    out.media.timestamp = spoken_.count();
    out.media.payload = media_ws::encode_audio(pcm);
    spoken_ += media_ws::duration_of(pcm.size());
    return exotel::serialize(out);
}

std::string media_words::key(char digit) {
    if (is_dialler()) return {};
    exotel::dtmf_message out;
    out.sequence_number = ++sequence_;
    out.stream_sid = caller_.stream_id;
    out.dtmf.digit = std::string(1, digit);
    out.dtmf.duration = key_time;
    return exotel::serialize(out);
}

std::string media_words::goodbye(std::string const& reason) {
    if (is_dialler()) {
        dialler::hangup_call_message out;
        out.disconnectedBy = reason;
        return dialler::serialize(out);
    }
    exotel::stop_message out;
    out.sequence_number = ++sequence_;
    out.stream_sid = caller_.stream_id;
    out.stop.call_sid = call_sid();
    out.stop.account_sid = account;
    out.stop.reason = reason;
    return exotel::serialize(out);
}

// Its playback takes no time, so the place that a mark names is reached at once.
std::string media_words::reply(std::string_view event, wire::json_object const& message) {
    if (is_dialler() || event != exotel::mark_message::event_name) return {};
    exotel::mark_message out;
    out.sequence_number = ++sequence_;
    out.stream_sid = caller_.stream_id;
    out.mark.name = std::string(wire::text_at(message, "mark.name"));
    return exotel::serialize(out);
}

std::string_view media_words::voice_event() const noexcept {
    return is_dialler() ? dialler::reverse_media_message::event_name
                        : exotel::sent_media_message::event_name;
}

std::string_view media_words::payload_of(wire::json_object const& message) const noexcept {
    if (wire::text_at(message, "event") != voice_event()) return {};
    return wire::text_at(message, is_dialler() ? "payload" : "media.payload");
}

result<void> media_words::judge(std::string_view text) const {
    if (is_dialler()) {
        CXB_TRY([[maybe_unused]] auto const read, dialler::parse_outbound_message(text));
    } else {
        CXB_TRY([[maybe_unused]] auto const read, exotel::parse_outbound_message(text));
    }
    return {};
}

}  // namespace testing
}  // namespace cxb::inline v1
