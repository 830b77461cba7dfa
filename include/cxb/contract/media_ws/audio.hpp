#pragma once
/// @file
/// The audio of both media WebSockets (spec 10 §9): LINEAR16 (little-endian), 8 kHz, mono, as
/// standard base64 in a text frame.
///
/// | constant           | value   | meaning                                                     |
/// |--------------------|---------|-------------------------------------------------------------|
/// | sample_rate        | 8000    | samples a second                                            |
/// | frame_time         | 20 ms   | audio of one `reverse-media` message                        |
/// | frame_bytes        | 320     | the same as bytes; Exotel wants multiples of it             |
/// | exotel_min_bytes   | 3,200   | least audio of one Exotel message, 200 ms                   |
/// | exotel_max_bytes   | 100,000 | most audio of one Exotel message                            |
/// | exotel_sent_frame  | 160 KiB | a text frame to Exotel; frames that come in are ≤ 64 KiB    |
///
/// Thread-safety: constants and pure functions.

#include <chrono>
#include <string>
#include <string_view>

#include "cxb/base/limits.hpp"
#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::media_ws {

inline constexpr int sample_rate = 8000;
inline constexpr std::chrono::milliseconds frame_time{20};
inline constexpr std::size_t frame_bytes = 320;
inline constexpr std::size_t exotel_min_bytes = 3'200;
inline constexpr std::size_t exotel_max_bytes = 100'000;
inline constexpr std::size_t exotel_sent_frame = 160 * limits::kib;

/// `payload` of a message. `pcm` may be of any length.
[[nodiscard]] std::string encode_audio(std::string_view pcm);

/// The samples of a `payload`. Errors: `invalid` for what is not base64 or ends within a sample;
/// the message is then counted and skipped.
[[nodiscard]] result<std::string> decode_audio(std::string_view payload);

/// How long that audio lasts.
[[nodiscard]] constexpr std::chrono::milliseconds duration_of(std::size_t pcm_bytes) noexcept {
    return std::chrono::milliseconds{pcm_bytes * 1000 / (2 * std::size_t{sample_rate})};
}

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
CXB_EXPORT_END
