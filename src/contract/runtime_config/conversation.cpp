#include "cxb/contract/runtime_config/conversation.hpp"

#include "cxb/contract/runtime_config/prompt_parts.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;
constexpr std::size_t prompt_bytes = 256 * limits::kib;
constexpr std::size_t phrase_count = 200;

constexpr wire::field_row prompt_rows[] = {
    field<&prompt_parts::mode>("mode").doc("legacy: one rendered prompt; direct: two parts."),
    field<&prompt_parts::cache_enabled>("cache_enabled").doc("Live prompt cache, direct only."),
    field<&prompt_parts::static_system_prompt>("static_system_prompt")
        .max_bytes(prompt_bytes)
        .doc("Unrendered part, equal for all calls of a bot version."),
    field<&prompt_parts::dynamic_runtime_prompt>("dynamic_runtime_prompt")
        .max_bytes(prompt_bytes)
        .personal()
        .doc("Rendered part of this call."),
    field<&prompt_parts::static_version>("static_version").doc("16 hex naming the static part."),
    field<&prompt_parts::prompt_cache_key>("prompt_cache_key")
        .alias("openai_prompt_cache_key")
        .write_aliases()
        .doc("Hint by which a provider finds its cached prompt."),
    field<&prompt_parts::prompt_cache_retention>("prompt_cache_retention")
        .alias("openai_prompt_cache_retention")
        .write_aliases()
        .doc("How long the provider is asked to keep it: in_memory or 24h."),
    field<&prompt_parts::cached_content_name>("cached_content_name")
        .doc("Provider's cache object."),
    field<&prompt_parts::cached_content_expires_at>("cached_content_expires_at")
        .doc("When that object goes."),
    field<&prompt_parts::recreate_url>("recreate_url")
        .pattern(patterns::url)
        .doc("POST here when the cache object is gone."),
};
CXB_WIRE_PART(prompt_parts,
              wire::table<prompt_parts>("How the prompt is put together.", prompt_rows))

constexpr wire::field_row opening_rows[] = {
    field<&opening::delay_ms>("delay_ms").range(0, 5000).doc("Wait between answer and opening."),
    field<&opening::interruptible>("interruptible")
        .doc("False: only high-intent phrases cut the opening."),
};
CXB_WIRE_PART(opening, wire::table<opening>("The first utterance.", opening_rows))

constexpr wire::field_row re_engagement_rows[] = {
    field<&re_engagement::enabled>("enabled").doc("Speak up when the caller is silent."),
    field<&re_engagement::timeout_seconds>("timeout_seconds")
        .range(2, 120)
        .doc("Silence before each attempt."),
    field<&re_engagement::max_attempts>("max_attempts")
        .range(0, 10)
        .doc("After the last one more timeout ends the call as RNR."),
    field<&re_engagement::messages>("messages")
        .max_items(10)
        .doc("What is said at each attempt; empty: the model words it."),
    field<&re_engagement::end_message>("end_message").doc("Spoken before that end."),
};
CXB_WIRE_PART(re_engagement, wire::table<re_engagement>("What happens when the caller is silent.",
                                                        re_engagement_rows))

constexpr wire::field_row interruption_rows[] = {
    field<&interruption::enabled>("enabled").doc("May the caller cut the bot's speech?"),
    field<&interruption::backchannels>("backchannels")
        .max_items(phrase_count)
        .doc("Words that do not interrupt."),
    field<&interruption::high_intent_phrases>("high_intent_phrases")
        .max_items(phrase_count)
        .doc("Phrases that always interrupt."),
};
CXB_WIRE_PART(interruption,
              wire::table<interruption>("What cuts the bot's speech.", interruption_rows))

constexpr wire::field_row vad_rows[] = {
    field<&vad::confidence>("confidence").range(0, 1).doc("Least confidence of a voice frame."),
    field<&vad::start_secs>("start_secs").range(0, 5).doc("Voice this long starts speech."),
    field<&vad::stop_secs>("stop_secs").range(0, 5).doc("Silence this long stops speech."),
    field<&vad::min_volume>("min_volume").range(0, 1).doc("Least volume of a voice frame."),
    field<&vad::provider>("provider").bytes(1, 64).doc("Detector; absent: the Core's default."),
};
CXB_WIRE_PART(vad, wire::table<vad>("Voice activity detection.", vad_rows))

constexpr wire::field_row turn_rows[] = {
    field<&turn::strategy>("strategy").doc("Who decides that a turn has ended."),
    field<&turn::end_silence_ms>("end_silence_ms").range(100, 5000).doc("Silence ending a turn."),
    field<&turn::max_wait_ms>("max_wait_ms")
        .range(500, 15000)
        .doc("Longest wait for a final text after speech stopped."),
    field<&turn::interim_transcripts>("interim_transcripts")
        .doc("Does the recogniser give interim texts?"),
};
CXB_WIRE_PART(turn, wire::table<turn>("When the caller's turn ends.", turn_rows))

constexpr wire::field_row voicemail_rows[] = {
    field<&voicemail::detection_enabled>("detection_enabled").doc("Look for answering machines."),
    field<&voicemail::max_detection_seconds>("max_detection_seconds")
        .range(5, 60)
        .doc("Only during the first seconds of the call."),
};
CXB_WIRE_PART(voicemail, wire::table<voicemail>("Answering machines.", voicemail_rows))

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
