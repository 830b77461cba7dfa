#pragma once
/// @file
/// How fast a call answered and what it used (spec 10 §4.4). Never money: members named `cost*`,
/// `price*` or `amount*` are not known here and so are dropped on reading.
///
/// The numbers of `latency` are made from the samples by `domain/latency_summary.hpp`, those of
/// `cache_summary` from the usage entries by `domain/cache_summary.hpp`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/contract/call_results/words.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

/// Members are named like their types, so the types are written through this alias.
namespace parts = contract::call_results;

/// Averages over the samples that have the value, one decimal; p95 by nearest rank. Absent: no
/// sample has the value.
///
/// | field                                        | average of                                    |
/// |----------------------------------------------|-----------------------------------------------|
/// | turns                                        | number of samples                             |
/// | stt_avg_ms, rag_avg_ms, tool_avg_ms          | stt_ms, rag_ms, tool_ms                       |
/// | llm_avg_ttfb_ms, tts_avg_ttfb_ms             | llm_ms, tts_ms                                |
/// | total_avg_response_ms, total_p95_response_ms | total_ms                                      |
struct latency {
    std::optional<int> turns;
    std::optional<real_milliseconds> stt_avg_ms;
    std::optional<real_milliseconds> rag_avg_ms;
    std::optional<real_milliseconds> tool_avg_ms;
    std::optional<real_milliseconds> llm_avg_ttfb_ms;
    std::optional<real_milliseconds> tts_avg_ttfb_ms;
    std::optional<real_milliseconds> total_avg_response_ms;
    std::optional<real_milliseconds> total_p95_response_ms;
    friend bool operator==(latency const&, latency const&) = default;
};
CXB_WIRE_DECLARE(latency);

/// One answer of the bot.
///
/// | field             | absent means | from, to                                               |
/// |-------------------|--------------|--------------------------------------------------------|
/// | turn              | required     |                                                        |
/// | at_seconds        | unknown      | s from answer of the call                              |
/// | stt_ms            | unknown      | caller stopped speaking, text used                     |
/// | rag_ms, tool_ms   | unknown      | sums of look-ups and tools of the turn                 |
/// | llm_ms            | unknown      | request, first piece of the last round                 |
/// | tts_ms            | unknown      | first sentence given, first audio                      |
/// | total_ms          | unknown      | caller stopped speaking, first audio sent              |
/// | silence_ms        | unknown      | caller silent, until known: heard delay = this + total_ms |
/// | prompt_tokens, completion_tokens, tts_characters | unknown | counts                        |
/// | interrupted       | unknown      | the caller cut this answer                             |
struct latency_sample {
    int turn = 0;
    std::optional<real_seconds> at_seconds;
    std::optional<real_milliseconds> stt_ms;
    std::optional<real_milliseconds> rag_ms;
    std::optional<real_milliseconds> tool_ms;
    std::optional<real_milliseconds> llm_ms;
    std::optional<real_milliseconds> tts_ms;
    std::optional<real_milliseconds> total_ms;
    std::optional<std::int64_t> prompt_tokens;
    std::optional<std::int64_t> completion_tokens;
    std::optional<std::int64_t> tts_characters;
    std::optional<real_milliseconds> silence_ms;
    std::optional<bool> interrupted;
    friend bool operator==(latency_sample const&, latency_sample const&) = default;
};
CXB_WIRE_DECLARE(latency_sample);

/// What one or more requests to a provider used. `prompt_tokens` is gross: cache reads and writes
/// are part of it.
struct usage_entry {
    open_enum<usage_kind> kind;
    std::optional<std::string> provider;
    std::optional<std::string> model;
    std::optional<int> turn;
    std::int64_t requests = 1;
    std::optional<std::int64_t> prompt_tokens;
    std::optional<std::int64_t> completion_tokens;
    std::optional<std::int64_t> total_tokens;
    std::optional<std::int64_t> cache_read_input_tokens;
    std::optional<std::int64_t> cache_creation_input_tokens;
    std::optional<std::int64_t> fresh_prompt_tokens;
    std::optional<std::int64_t> reasoning_tokens;
    std::optional<real_seconds> audio_seconds;
    std::optional<std::int64_t> characters;
    std::optional<open_enum<parts::cache_status>> cache_status;
    std::optional<bool> cache_enabled;
    friend bool operator==(usage_entry const&, usage_entry const&) = default;
};
CXB_WIRE_DECLARE(usage_entry);

/// Prompt cache use of the post-call requests.
struct cache_summary {
    std::int64_t cache_read_input_tokens = 0;
    std::int64_t cache_creation_input_tokens = 0;
    std::int64_t fresh_prompt_tokens = 0;
    std::int64_t completion_tokens = 0;
    bool enabled = false;
    bool worked = false;                ///< something was read from the cache
    std::vector<std::string> statuses;  ///< `cache_status` words in order
    friend bool operator==(cache_summary const&, cache_summary const&) = default;
};
CXB_WIRE_DECLARE(cache_summary);

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
