#pragma once
/// @file
/// What is listed inside a call result: who said what, what happened, what the customer wants
/// (spec 10 §4.2).
///
/// Unknown members of transcript and event items are kept in place (`unknown`, ≤ 16 KiB an item).
/// Moments `*_seconds` count from the answer of the call. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/contract/call_results/words.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

/// One utterance; the order of the list is the order of speaking.
///
/// | field       | absent means | bounds   | note                                                |
/// |-------------|--------------|----------|-----------------------------------------------------|
/// | role        | required     | open     | `bot` is read as assistant, `caller` as user       |
/// | content     | required     | ≤ 16 KiB | alias `text`; personal; of an interrupted one what  |
/// |             |              |          | was played                                          |
/// | timestamp   | unknown      |          | moment of the first word                            |
/// | start_seconds, end_seconds | unknown | s from answer |                                      |
/// | turn        | unknown      |          | 0 = opening                                         |
/// | interrupted | false        |          |                                                     |
/// | language    | unknown      |          | as the recogniser said                              |
/// | confidence  | unknown      |          |                                                     |
struct transcript_item {
    open_enum<speaker> role;
    std::string content;
    std::optional<time_point> timestamp;
    std::optional<real_seconds> start_seconds;
    std::optional<real_seconds> end_seconds;
    std::optional<int> turn;
    bool interrupted = false;
    std::optional<std::string> language;
    std::optional<double> confidence;
    wire::raw_json unknown = wire::raw_json::object();
    friend bool operator==(transcript_item const&, transcript_item const&) = default;
};
CXB_WIRE_DECLARE(transcript_item);

/// One event. What `data` holds for each type stands in the table of spec 10 §4.2; writers cut it
/// to 16 KiB with `cut_event_data`.
///
/// | field       | absent means | note                                                          |
/// |-------------|--------------|---------------------------------------------------------------|
/// | type        | required     | open word                                                     |
/// | id          | none         |                                                               |
/// | timestamp   | unknown      |                                                               |
/// | at_seconds  | unknown      | s from answer                                                 |
/// | turn        | unknown      |                                                               |
/// | name        | none         | tool of a tool event; stt, llm, tts, … of a service_error     |
/// | status      | none         | ok or error of a custom_tool_result                           |
/// | duration_ms | unknown      |                                                               |
/// | data        | none         | any JSON, ≤ 16 KiB                                            |
struct event_item {
    std::optional<std::string> id;
    open_enum<event_type> type;
    std::optional<time_point> timestamp;
    std::optional<real_seconds> at_seconds;
    std::optional<int> turn;
    std::optional<std::string> name;
    std::optional<std::string> status;
    std::optional<real_milliseconds> duration_ms;
    std::optional<wire::raw_json> data;
    wire::raw_json unknown = wire::raw_json::object();
    friend bool operator==(event_item const&, event_item const&) = default;
};
CXB_WIRE_DECLARE(event_item);

/// What the customer wants. On input a bare string stands for an intent of that name.
struct intent {
    std::string name;
    std::optional<double> confidence;  ///< 0–1
    std::optional<int> turn;
    std::optional<real_seconds> at_seconds;
    friend bool operator==(intent const&, intent const&) = default;
};
CXB_WIRE_DECLARE(intent);

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
