#include "cxb/contract/call_results/telemetry.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

using wire::field;

constexpr wire::field_row latency_rows[] = {
    field<&latency::turns>("turns").doc("How many answers were measured."),
    field<&latency::stt_avg_ms>("stt_avg_ms").doc("Average of stt_ms."),
    field<&latency::rag_avg_ms>("rag_avg_ms").doc("Average of rag_ms."),
    field<&latency::tool_avg_ms>("tool_avg_ms").doc("Average of tool_ms."),
    field<&latency::llm_avg_ttfb_ms>("llm_avg_ttfb_ms").doc("Average of llm_ms."),
    field<&latency::tts_avg_ttfb_ms>("tts_avg_ttfb_ms").doc("Average of tts_ms."),
    field<&latency::total_avg_response_ms>("total_avg_response_ms").doc("Average of total_ms."),
    field<&latency::total_p95_response_ms>("total_p95_response_ms")
        .doc("95th percentile of total_ms by nearest rank."),
};

constexpr wire::field_row sample_rows[] = {
    field<&latency_sample::turn>("turn").required().doc("Number of the turn."),
    field<&latency_sample::at_seconds>("at_seconds").doc("When, from the answer of the call."),
    field<&latency_sample::stt_ms>("stt_ms").doc("Caller stopped speaking until text was used."),
    field<&latency_sample::rag_ms>("rag_ms").doc("Time spent in knowledge look-ups."),
    field<&latency_sample::tool_ms>("tool_ms").doc("Time spent in tools."),
    field<&latency_sample::llm_ms>("llm_ms").doc("Model request until its first piece."),
    field<&latency_sample::tts_ms>("tts_ms").doc("First sentence given until its first audio."),
    field<&latency_sample::total_ms>("total_ms")
        .doc("Caller stopped speaking until the first audio was sent."),
    field<&latency_sample::prompt_tokens>("prompt_tokens").doc("Tokens of the prompt."),
    field<&latency_sample::completion_tokens>("completion_tokens").doc("Tokens of the answer."),
    field<&latency_sample::tts_characters>("tts_characters").doc("Characters spoken."),
    field<&latency_sample::silence_ms>("silence_ms")
        .doc("Silence waited for before the caller counted as finished."),
    field<&latency_sample::interrupted>("interrupted").doc("The caller cut this answer."),
};

constexpr wire::field_row usage_rows[] = {
    field<&usage_entry::kind>("kind").required().doc("What the request was for."),
    field<&usage_entry::provider>("provider").doc("Provider word of the config."),
    field<&usage_entry::model>("model").doc("Model that answered."),
    field<&usage_entry::turn>("turn").doc("Number of the turn."),
    field<&usage_entry::requests>("requests").omit_default().doc("How many requests."),
    field<&usage_entry::prompt_tokens>("prompt_tokens")
        .doc("Tokens of the prompt, cache reads and writes included."),
    field<&usage_entry::completion_tokens>("completion_tokens").doc("Tokens of the answer."),
    field<&usage_entry::total_tokens>("total_tokens").doc("As the provider counts them."),
    field<&usage_entry::cache_read_input_tokens>("cache_read_input_tokens")
        .doc("Prompt tokens read from the cache."),
    field<&usage_entry::cache_creation_input_tokens>("cache_creation_input_tokens")
        .doc("Prompt tokens written to the cache."),
    field<&usage_entry::fresh_prompt_tokens>("fresh_prompt_tokens")
        .doc("Prompt tokens that took no part in caching."),
    field<&usage_entry::reasoning_tokens>("reasoning_tokens").doc("Hidden answer tokens."),
    field<&usage_entry::audio_seconds>("audio_seconds").doc("Audio heard or spoken."),
    field<&usage_entry::characters>("characters").doc("Characters spoken."),
    field<&usage_entry::cache_status>("cache_status").doc("What the prompt cache did."),
    field<&usage_entry::cache_enabled>("cache_enabled").doc("The request asked for caching."),
};

constexpr wire::field_row cache_rows[] = {
    field<&cache_summary::cache_read_input_tokens>("cache_read_input_tokens")
        .doc("Sum over the post-call requests."),
    field<&cache_summary::cache_creation_input_tokens>("cache_creation_input_tokens")
        .doc("Sum over the post-call requests."),
    field<&cache_summary::fresh_prompt_tokens>("fresh_prompt_tokens")
        .doc("Sum of given values, else of prompt minus reads minus writes."),
    field<&cache_summary::completion_tokens>("completion_tokens")
        .doc("Sum over the post-call requests."),
    field<&cache_summary::enabled>("enabled").doc("Some request used or asked for the cache."),
    field<&cache_summary::worked>("worked").doc("Something was read from the cache."),
    field<&cache_summary::statuses>("statuses")
        .max_items(limits::usage_entries)
        .doc("cache_status words in order."),
};

}  // namespace

CXB_WIRE_TYPE(latency, wire::table<latency>("How fast the bot answered.", latency_rows))
CXB_WIRE_TYPE(latency_sample, wire::table<latency_sample>("Times of one answer.", sample_rows))
CXB_WIRE_TYPE(usage_entry,
              wire::table<usage_entry>("What requests to a provider used.", usage_rows))
CXB_WIRE_TYPE(cache_summary,
              wire::table<cache_summary>("Prompt cache use after the call.", cache_rows))

}  // namespace contract::call_results
}  // namespace cxb::inline v1
