#pragma once
/// @file
/// Playing a recording: which key a call has, and the headers of its answer (spec 21 §4).

#include <optional>
#include <string>

#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"
#include "server/api/recordings/recording_source.hpp"

namespace cxb::api {

/// Key of the recording of a stored call; empty without one, and when it was redacted or
/// its recording's time is over.
[[nodiscard]] std::optional<std::string> recording_of(wire::json_object const& call);

/// 200, 206 or 416 for what was found under `key`.
[[nodiscard]] wire::http_response play_answer(found_recording found, std::string_view key,
                                              wire::json_object const& call, play_ask const& ask);

}  // namespace cxb::api
