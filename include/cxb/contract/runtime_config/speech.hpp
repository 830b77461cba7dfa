#pragma once
/// @file
/// Provider blocks: speech to text, language model, text to speech (spec 10 §3.3).
///
/// `provider` is an open word; what `extra` may hold for each known provider stands in the table
/// of spec 10 §3.3. Unknown keys of `extra` are passed to the adapter. `fallback` is a whole block
/// without a fallback of its own and takes over after two failures in a row. An empty `model`
/// means the adapter's default. `api_key` is a secret and never reaches logs or `pipeline_config`.

#include <optional>
#include <string>

#include "cxb/base/secret.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// Speech to text without its fallback. `language` is a BCP 47 tag or a word of the provider.
struct stt_block {
    std::string provider;
    secret api_key;
    std::optional<std::string> base_url;
    std::string model;
    std::string language = "en";
    wire::raw_json extra = wire::raw_json::object();
};
/// Speech to text as a config has it.
struct stt_settings : stt_block {
    std::optional<stt_block> fallback;
};

/// Language model without its fallback. `max_tokens` bounds one answer.
struct llm_block {
    std::string provider;
    secret api_key;
    std::optional<std::string> base_url;
    std::string model;         ///< required
    double temperature = 0.7;  ///< 0–2
    int max_tokens = 256;      ///< 1–32768
    wire::raw_json extra = wire::raw_json::object();
};
/// Language model as a config has it.
struct llm_settings : llm_block {
    std::optional<llm_block> fallback;
};

/// Text to speech without its fallback. `speed` 1 is normal; `cache_enabled` lets the Core keep
/// spoken audio on disk.
struct tts_block {
    std::string provider;
    secret api_key;
    std::optional<std::string> base_url;
    std::string voice_id;  ///< alias `voice`
    std::string model;
    std::string language;
    double speed = 1.0;  ///< 0.25–4
    bool cache_enabled = true;
    wire::raw_json extra = wire::raw_json::object();
};
/// Text to speech as a config has it.
struct tts_settings : tts_block {
    std::optional<tts_block> fallback;
};

CXB_WIRE_DECLARE_PART(stt_block);
CXB_WIRE_DECLARE_PART(stt_settings);
CXB_WIRE_DECLARE_PART(llm_block);
CXB_WIRE_DECLARE_PART(llm_settings);
CXB_WIRE_DECLARE_PART(tts_block);
CXB_WIRE_DECLARE_PART(tts_settings);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
