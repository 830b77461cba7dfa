#pragma once
/// @file
/// Bodies for measurements: call results of a wanted size and a large runtime config, made from a
/// realistic conversation, the same bytes in every run and on every machine.

#include <cstddef>
#include <string>

namespace cxb::bench {

/// Ids in generated bodies. `load_client` puts fresh ones of the same length in their place.
inline constexpr char session_marker[] = "00000000-0000-7000-8000-00000000beef";
inline constexpr char result_marker[] = "00000000-0000-7000-8000-00000000cafe";
inline constexpr char bot_marker[] = "65f000000000000000000001";

/// A call result of exactly `bytes` bytes of compact JSON (at least 4 KiB): a conversation with
/// its events, latencies and usage; turns are added until the size is reached, the summary of
/// the analysis takes up the rest. Valid by `parse_call_results`.
[[nodiscard]] std::string make_result_body(std::size_t bytes);

/// Sentences of a conversation, `bytes` long, in Latin script with some Devanagari.
[[nodiscard]] std::string make_prompt_text(std::size_t bytes);

}  // namespace cxb::bench
