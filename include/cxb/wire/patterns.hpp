#pragma once
/// @file
/// Named rules for texts: a predicate for the reader, the same rule as a regular expression for
/// the JSON Schema, and the sentence a fault gives. A row names one: `.pattern(patterns::uuid)`.
///
/// | name            | accepts                                                 | bytes  |
/// |-----------------|---------------------------------------------------------|--------|
/// | url             | absolute http or https, with host, without user info    | 1–2048 |
/// | optional_url    | "" or a url                                             | 0–2048 |
/// | session_id      | any text without control characters                     | 1–128  |
/// | uuid            | 8-4-4-4-12 hex digits                                   | 36     |
/// | hex24           | 24 hex digits                                           | 24     |
/// | recording_key   | `[A-Za-z0-9!_.*'()/-]`, no leading `/`, no `..` segment | 1–512  |
/// | recording_token | `[A-Za-z0-9_-]`                                         | 16–128 |
/// | tool_name       | `[A-Za-z0-9_-]`                                         | 1–64   |
/// | call_id         | `[A-Za-z0-9._:-]`                                       | 1–128  |
/// | json_pointer    | "" or an RFC 6901 pointer                               | 0–1024 |
/// | phone_number    | `+`? and 3–20 digits                                    | 3–21   |
/// | extension       | `[0-9A-Za-z*#_.-]`                                      | 1–32   |
/// | queue_name      | `[A-Za-z0-9_-]`                                         | 1–64   |
/// | clock_time      | `HH:MM`, 00:00–23:59, and 24:00                         | 5      |
/// | email           | one `@`, a dot after it, no blanks                      | 3–254  |
/// | no_control      | any text without control characters                     | 0–1024 |
///
/// Thread-safety: constants and pure functions.

#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// One named rule. `match` is called only with texts within the byte bounds.
struct text_pattern {
    std::string_view id;
    std::string_view regex;   ///< ECMA 262, anchored
    std::string_view reason;  ///< of the fault: "must be ..."
    std::size_t min_bytes;
    std::size_t max_bytes;
    bool (*match)(std::string_view) noexcept;
};

namespace patterns {

extern text_pattern const url;
extern text_pattern const optional_url;
extern text_pattern const session_id;
extern text_pattern const uuid;
extern text_pattern const hex24;
extern text_pattern const recording_key;
extern text_pattern const recording_token;
extern text_pattern const tool_name;
extern text_pattern const call_id;
extern text_pattern const json_pointer;
extern text_pattern const phone_number;
extern text_pattern const extension;
extern text_pattern const queue_name;
extern text_pattern const clock_time;
extern text_pattern const email;
extern text_pattern const no_control;

}  // namespace patterns

/// The whole rule: byte bounds and predicate.
[[nodiscard]] inline bool matches(text_pattern const& rule, std::string_view text) noexcept {
    return text.size() >= rule.min_bytes && text.size() <= rule.max_bytes && rule.match(text);
}

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
