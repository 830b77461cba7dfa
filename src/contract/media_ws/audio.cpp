#include "cxb/contract/media_ws/audio.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws {

std::string encode_audio(std::string_view pcm) {
    return to_base64(pcm);
}

result<std::string> decode_audio(std::string_view payload) {
    auto pcm = from_base64(payload);
    if (!pcm) return error{errc::invalid, "payload is not base64"};
    if (pcm->size() % 2 != 0) return error{errc::invalid, "payload ends within a sample"};
    return *std::move(pcm);
}

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
