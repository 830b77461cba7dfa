#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "server/api/settings/settings_document.hpp"

namespace cxb::api {

using wire::field;
namespace patterns = wire::patterns;

namespace {

constexpr std::size_t word_bytes = 64;
constexpr std::size_t model_bytes = 128;
constexpr std::size_t prompt_bytes = 8000;
constexpr std::size_t prefix_bytes = 256;
constexpr double max_days = 36500;  // a century; 0 = for ever
constexpr std::string_view listen_words[] = {"customer", "agent", "both"};
constexpr std::string_view ranking_words[] = {"auto", "vector", "lexical", "hybrid"};
constexpr std::string_view amd_actions[] = {"teardown", "continue"};

bool is_bucket(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

// A host with an optional scheme and port, and nothing behind.
bool is_endpoint(std::string_view text) noexcept {
    if (text.empty()) return true;
    auto const scheme = text.find("://");
    auto const authority = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
    if (authority.find_first_of("/?#%") != std::string_view::npos) return false;
    domain::guard_policy const policy{
        .production = false, .mode = domain::guard_mode::operator_fleet, .allow = {}};
    auto const url =
        scheme == std::string_view::npos ? "http://" + std::string(text) : std::string(text);
    return domain::check_url(policy, url).has_value();
}

constexpr wire::text_pattern endpoint_pattern{
    "s3_endpoint",
    "^((https?://)?[^/?#%@ ]+)?$",
    "must be [http(s)://]host[:port], not link-local, or empty",
    0,
    255,
    &is_endpoint};
constexpr wire::text_pattern bucket_pattern{
    "s3_bucket", "^[A-Za-z0-9._-]*$", "must be letters, digits, . _ -", 0, 63, &is_bucket};

void check_overlap(knowledge_block const& block, wire::fault_sink& sink) {
    if (block.chunk_overlap_chars > block.chunk_size_chars / 2)
        sink.add("/chunk_overlap_chars", "must be at most half of chunk_size_chars");
}

}  // namespace

constexpr wire::field_row minio_rows[] = {
    field<&minio_block::endpoint>("endpoint").pattern(endpoint_pattern).doc("Host and port."),
    field<&minio_block::access_key>("access_key").secret().doc("Access key id."),
    field<&minio_block::secret_key>("secret_key").secret().doc("Secret access key."),
    field<&minio_block::bucket>("bucket").pattern(bucket_pattern).doc("Bucket of recordings."),
    field<&minio_block::secure>("secure").doc("https, where the endpoint names no scheme."),
    field<&minio_block::region>("region").max_bytes(word_bytes).doc("Empty: inferred."),
    field<&minio_block::public_endpoint>("public_endpoint")
        .pattern(endpoint_pattern)
        .doc("The endpoint as browsers reach it; empty: no presigned links."),
};
CXB_WIRE_PART(minio_block, wire::table<minio_block>("S3 store of recordings.", minio_rows)
                               .keep_unknown<&minio_block::unknown>(limits::ext_json))

constexpr wire::field_row assist_rows[] = {
    field<&agent_assist_block::enabled>("enabled").doc("Are suggestions made?"),
    field<&agent_assist_block::stt_provider>("stt_provider")
        .max_bytes(word_bytes)
        .doc("Speech to text; empty: the voice default."),
    field<&agent_assist_block::llm_provider>("llm_provider")
        .max_bytes(word_bytes)
        .doc("Language model's provider."),
    field<&agent_assist_block::llm_model>("llm_model").max_bytes(model_bytes).doc("Its model."),
    field<&agent_assist_block::system_prompt>("system_prompt")
        .max_bytes(prompt_bytes)
        .doc("Empty: the built-in text."),
    field<&agent_assist_block::suggestion_cooldown_seconds>("suggestion_cooldown_seconds")
        .range(1, 600)
        .doc("Least time between two suggestions."),
    field<&agent_assist_block::max_context_messages>("max_context_messages")
        .range(1, 100)
        .doc("Newest lines of the talk the model sees."),
    field<&agent_assist_block::listen_to>("listen_to").words(listen_words).doc("Whose words."),
    field<&agent_assist_block::publish_transcript>("publish_transcript")
        .doc("Is the talk shown as it runs?"),
};
CXB_WIRE_PART(agent_assist_block,
              wire::table<agent_assist_block>("Suggestions for people who take calls.", assist_rows)
                  .keep_unknown<&agent_assist_block::unknown>(limits::ext_json))

constexpr wire::field_row knowledge_rows[] = {
    field<&knowledge_block::vectordb_url>("vectordb_url")
        .alias("qdrant_url")
        .pattern(patterns::optional_url)
        .doc("Qdrant; empty: vectors.url of the process."),
    field<&knowledge_block::vectordb_api_key>("vectordb_api_key")
        .alias("qdrant_api_key")
        .secret()
        .doc("Its header api-key."),
    field<&knowledge_block::vectordb_collection>("vectordb_collection")
        .alias("qdrant_collection")
        .pattern(patterns::queue_name)
        .doc("Its collection."),
    field<&knowledge_block::embedding_model>("embedding_model")
        .max_bytes(model_bytes)
        .doc("Empty: no embeddings."),
    field<&knowledge_block::embedding_dimensions>("embedding_dimensions")
        .range(64, 4096)
        .doc("Length of a vector."),
    field<&knowledge_block::chunk_size_chars>("chunk_size_chars")
        .range(200, 8000)
        .doc("Length of a chunk."),
    field<&knowledge_block::chunk_overlap_chars>("chunk_overlap_chars")
        .range(0, 4000)
        .doc("What two neighbours share; at most half of the size."),
    field<&knowledge_block::max_upload_mb>("max_upload_mb").range(1, 100).doc("Largest file."),
    field<&knowledge_block::tenant_id>("tenant_id").bytes(1, word_bytes).doc("Whose bases."),
    field<&knowledge_block::embedding_provider>("embedding_provider")
        .max_bytes(word_bytes)
        .doc("Name in providers or api_keys; empty: found by the model."),
    field<&knowledge_block::ranking>("ranking").words(ranking_words).doc("How hits are ranked."),
    field<&knowledge_block::query_prefix>("query_prefix")
        .max_bytes(prefix_bytes)
        .doc("Put before a question that is embedded."),
    field<&knowledge_block::document_prefix>("document_prefix")
        .max_bytes(prefix_bytes)
        .doc("Put before a chunk that is embedded."),
};
CXB_WIRE_PART(knowledge_block, wire::table<knowledge_block>("Knowledge bases.", knowledge_rows)
                                   .keep_unknown<&knowledge_block::unknown>(limits::ext_json)
                                   .check<check_overlap>())

constexpr wire::field_row amd_rows[] = {
    field<&amd_block::enabled>("enabled").doc("Are answered calls screened?"),
    field<&amd_block::total_analysis_ms>("total_analysis_ms")
        .range(250, 5000)
        .doc("Longest screening; other values are clamped."),
    field<&amd_block::initial_silence_ms>("initial_silence_ms")
        .range(0, 60000)
        .doc("Silence this long from the start: a machine."),
    field<&amd_block::greeting_ms>("greeting_ms")
        .range(0, 60000)
        .doc("A greeting this long: a machine."),
    field<&amd_block::max_words>("max_words").range(1, 100).doc("More words: a machine."),
    field<&amd_block::beep_detection_enabled>("beep_detection_enabled").doc("Listen for a beep?"),
    field<&amd_block::action_on_machine>("action_on_machine")
        .words(amd_actions)
        .doc("teardown or continue."),
    field<&amd_block::action_on_unknown>("action_on_unknown")
        .words(amd_actions)
        .doc("teardown or continue."),
};
CXB_WIRE_PART(amd_block, wire::table<amd_block>("Answering-machine detection.", amd_rows)
                             .keep_unknown<&amd_block::unknown>(limits::ext_json))

constexpr wire::field_row dialler_rows[] = {
    field<&dialler_block::amd>("amd").doc("Answering-machine detection."),
};
CXB_WIRE_PART(dialler_block, wire::table<dialler_block>("The dialler.", dialler_rows)
                                 .keep_unknown<&dialler_block::unknown>(limits::ext_json))

constexpr wire::field_row voice_rows[] = {
    field<&voice_defaults_block::stt>("stt").doc("Speech to text; null: none."),
    field<&voice_defaults_block::llm>("llm").doc("Language model; null: none."),
    field<&voice_defaults_block::tts>("tts").doc("Text to speech; null: none."),
};
CXB_WIRE_PART(voice_defaults_block,
              wire::table<voice_defaults_block>("For bots without such a block.", voice_rows)
                  .keep_unknown<&voice_defaults_block::unknown>(limits::ext_json))

constexpr wire::field_row retention_rows[] = {
    field<&retention_block::calls_days>("calls_days").range(0, max_days).doc("Calls."),
    field<&retention_block::recordings_days>("recordings_days")
        .range(0, max_days)
        .doc("Recordings."),
    field<&retention_block::transcripts_days>("transcripts_days")
        .range(0, max_days)
        .doc("Transcripts of calls that are kept longer."),
    field<&retention_block::trace_days>("trace_days").range(0, max_days).doc("Traces of calls."),
};
CXB_WIRE_PART(retention_block,
              wire::table<retention_block>("Days things are kept; 0 = for ever.", retention_rows)
                  .keep_unknown<&retention_block::unknown>(limits::ext_json))

}  // namespace cxb::api
