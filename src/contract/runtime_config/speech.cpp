#include "cxb/contract/runtime_config/speech.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;
constexpr std::size_t key_bytes = 8192;  // a service account is a whole JSON document
constexpr std::size_t extra_bytes = 64 * limits::kib;

constexpr wire::field_row stt_rows[] = {
    field<&stt_block::provider>("provider").required().bytes(1, 64).doc("Open word."),
    field<&stt_block::api_key>("api_key").max_bytes(key_bytes).secret().doc("Provider's key."),
    field<&stt_block::base_url>("base_url").pattern(patterns::url).doc("Other endpoint."),
    field<&stt_block::model>("model").doc("Empty: the adapter's default."),
    field<&stt_block::language>("language").max_bytes(35).doc("BCP 47 tag or provider's word."),
    field<&stt_block::extra>("extra").object().max_bytes(extra_bytes).doc("Adapter options."),
};
CXB_WIRE_PART(stt_block, wire::table<stt_block>("Speech to text.", stt_rows))

constexpr wire::field_row stt_settings_rows[] = {
    field<&stt_settings::fallback>("fallback").doc("Used after two failures in a row."),
};
CXB_WIRE_PART(stt_settings,
              wire::table<stt_settings>("Speech to text, with its fallback.", stt_settings_rows)
                  .merge<stt_block>())

constexpr wire::field_row llm_rows[] = {
    field<&llm_block::provider>("provider").required().bytes(1, 64).doc("Open word."),
    field<&llm_block::api_key>("api_key").max_bytes(key_bytes).secret().doc("Provider's key."),
    field<&llm_block::base_url>("base_url").pattern(patterns::url).doc("Other endpoint."),
    field<&llm_block::model>("model").required().doc("Empty: the adapter's default."),
    field<&llm_block::temperature>("temperature").range(0, 2).doc("Sampling temperature."),
    field<&llm_block::max_tokens>("max_tokens").range(1, 32768).doc("Longest answer."),
    field<&llm_block::extra>("extra").object().max_bytes(extra_bytes).doc("Adapter options."),
};
CXB_WIRE_PART(llm_block, wire::table<llm_block>("Language model.", llm_rows))

constexpr wire::field_row llm_settings_rows[] = {
    field<&llm_settings::fallback>("fallback").doc("Used after two failures in a row."),
};
CXB_WIRE_PART(llm_settings,
              wire::table<llm_settings>("Language model, with its fallback.", llm_settings_rows)
                  .merge<llm_block>())

constexpr wire::field_row tts_rows[] = {
    field<&tts_block::provider>("provider").required().bytes(1, 64).doc("Open word."),
    field<&tts_block::api_key>("api_key").max_bytes(key_bytes).secret().doc("Provider's key."),
    field<&tts_block::base_url>("base_url").pattern(patterns::url).doc("Other endpoint."),
    field<&tts_block::voice_id>("voice_id").alias("voice").doc("Provider's voice."),
    field<&tts_block::model>("model").doc("Empty: the adapter's default."),
    field<&tts_block::language>("language").max_bytes(35).doc("BCP 47 tag or provider's word."),
    field<&tts_block::speed>("speed").range(0.25, 4).doc("1 = normal."),
    field<&tts_block::cache_enabled>("cache_enabled").doc("May spoken audio be kept on disk?"),
    field<&tts_block::extra>("extra").object().max_bytes(extra_bytes).doc("Adapter options."),
};
CXB_WIRE_PART(tts_block, wire::table<tts_block>("Text to speech.", tts_rows))

constexpr wire::field_row tts_settings_rows[] = {
    field<&tts_settings::fallback>("fallback").doc("Used after two failures in a row."),
};
CXB_WIRE_PART(tts_settings,
              wire::table<tts_settings>("Text to speech, with its fallback.", tts_settings_rows)
                  .merge<tts_block>())

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
