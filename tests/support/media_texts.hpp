#pragma once
// What the far side of a media WebSocket says, written down by hand: the double says it by our own
// tables.

#include <string>
#include <string_view>

#include "cxb/base/encoding.hpp"

namespace cxb_test {

// What a dialler sends first, second and third.
inline constexpr char const* dialler_hello[] = {
    R"({"event":"connected","callerId":"+919876543210","did":"+9111","callDirection":"outgoing",)"
    R"("streamId":"st-0","CUSTOMER":"Ravi","_campaign_session_id":"not-yours"})",
    R"({"event":"start","streamId":"st-1","mediaFormat":{"encoding":"LINEAR","sampleRate":8000,)"
    R"("channels":1}})",
    R"({"event":"answer"})"};
inline constexpr char const* exotel_hello =
    R"({"event":"start","sequence_number":"1","stream_sid":"ss","start":{"stream_sid":"ss",)"
    R"("call_sid":"cs","account_sid":"as","from":"0987","to":"0111",)"
    R"("custom_parameters":{"plan":"gold","_skip_prefetch":true},)"
    R"("media_format":{"encoding":"base64","sample_rate":"8000","bit_rate":"128kbps"}}})";

inline std::string dialler_audio(std::string_view pcm) {
    return R"({"event":"media","payload":")" + cxb::to_base64(pcm) + R"("})";
}
inline std::string exotel_audio(std::string_view pcm) {
    return R"({"event":"media","stream_sid":"ss","media":{"chunk":"2","timestamp":"20",)"
           R"("payload":")" +
           cxb::to_base64(pcm) + R"("}})";
}

}  // namespace cxb_test
