#pragma once
/// @file
/// Names of recordings in the object store (spec 10 §4.1, 20 §8 step 13, 21 §4).
///
/// A key is `[A-Za-z0-9!_.*'()/-]{1,512}`, does not begin with `/` and has no `..` segment, so it
/// can never leave its store. Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

[[nodiscard]] bool is_recording_key(std::string_view key) noexcept;

/// Where a call's audio lies: `recording_key`, else the last path segment of `recording_url`
/// (query and fragment cut, percent-decoded). Empty when neither gives a good key.
[[nodiscard]] std::optional<std::string> recording_key_of(std::string_view recording_key,
                                                          std::string_view recording_url);

/// `{yyyy}/{mm}/{dd}/{session_id}.wav`, UTC day.
[[nodiscard]] std::string make_recording_key(std::string_view session_id, time_point at);

/// Ending after the last dot of the last segment, lower case; "" when there is none.
[[nodiscard]] std::string file_ending(std::string_view key);

/// wav `audio/wav`, mp3 `audio/mpeg`, ogg `audio/ogg`, m4a `audio/mp4`, else
/// `application/octet-stream`.
[[nodiscard]] std::string_view audio_content_type(std::string_view key);

/// `inline; filename="<name>.<ending of key>"`, or `attachment; …`. What a quoted header value must
/// not hold becomes `_`.
[[nodiscard]] std::string content_disposition(std::string_view name, std::string_view key,
                                              bool download);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
