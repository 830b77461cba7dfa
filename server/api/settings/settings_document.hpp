#pragma once
/// @file
/// The system settings as one typed document (spec 20 §4). Each block is a struct with ONE field
/// table; reader, writer, bounds, masking, JSON Schema, OpenAPI and the rows of `/settings` follow
/// from the tables (`settings_blocks.hpp`). Members a table does not name are kept in `unknown`:
/// a newer version or another service of the same store may have written them.

#include <map>
#include <string>
#include <vector>

#include "cxb/base/nullable.hpp"
#include "cxb/contract/runtime_config/speech.hpp"

namespace cxb::api {

/// An endpoint that speaks OpenAI's protocol. Its key is `api_keys.<name>`.
struct provider_entry {
    std::string kind;  ///< `openai_compatible`
    std::string base_url;
    std::string chat_model;
    std::string embedding_model;
};

/// Where recordings of Cores that upload to S3 lie (spec 21 §4). Usable when endpoint, both keys
/// and bucket are set.
struct minio_block {
    std::string endpoint = "localhost:9000";  ///< `[http(s)://]host[:port]`
    secret access_key;
    secret secret_key;
    std::string bucket = "recordings";
    bool secure = false;          ///< https, unless the endpoint names a scheme
    std::string region;           ///< "" = from the endpoint, else us-east-1
    std::string public_endpoint;  ///< as `endpoint`, reached by browsers; "" = no presigned links
    wire::raw_json unknown = wire::raw_json::object();
};

/// Suggestions for people who take calls.
struct agent_assist_block {
    bool enabled = false;
    std::string stt_provider;
    std::string llm_provider = "openai";
    std::string llm_model = "gpt-4.1-mini";
    std::string system_prompt;
    seconds suggestion_cooldown_seconds{15};
    int max_context_messages = 20;
    std::string listen_to = "customer";
    bool publish_transcript = true;
    wire::raw_json unknown = wire::raw_json::object();
};

/// Knowledge bases; `vectordb_*` are read under `qdrant_*` too.
struct knowledge_block {
    std::string vectordb_url;
    secret vectordb_api_key;
    std::string vectordb_collection = "cxb_knowledge_chunks";
    std::string embedding_model = "gemini-embedding-001";
    int embedding_dimensions = 768;
    int chunk_size_chars = 1200;
    int chunk_overlap_chars = 180;
    int max_upload_mb = 20;
    std::string tenant_id = "default";
    std::string embedding_provider;
    std::string ranking = "auto";
    std::string query_prefix;
    std::string document_prefix;
    wire::raw_json unknown = wire::raw_json::object();
};

/// Answering-machine detection of the dialler.
struct amd_block {
    bool enabled = false;
    milliseconds total_analysis_ms{2000};  ///< clamped, never refused
    milliseconds initial_silence_ms{2000};
    milliseconds greeting_ms{2000};
    int max_words = 4;
    bool beep_detection_enabled = true;
    std::string action_on_machine = "teardown";
    std::string action_on_unknown = "continue";
    wire::raw_json unknown = wire::raw_json::object();
};
struct dialler_block {
    amd_block amd;
    wire::raw_json unknown = wire::raw_json::object();
};

/// What a bot without such a block takes (spec 20 §8 step 13).
struct voice_defaults_block {
    std::optional<contract::runtime_config::stt_settings> stt;
    std::optional<contract::runtime_config::llm_settings> llm;
    std::optional<contract::runtime_config::tts_settings> tts;
    wire::raw_json unknown = wire::raw_json::object();
};

/// Days after which things are removed; 0 = kept for ever.
struct retention_block {
    int calls_days = 0;
    int recordings_days = 0;
    int transcripts_days = 0;
    int trace_days = 30;
    wire::raw_json unknown = wire::raw_json::object();
};

/// The document without its `_id`.
struct settings_document {
    std::map<std::string, std::string> api_keys;          ///< provider to secret
    wire::raw_json providers = wire::raw_json::object();  ///< name to `provider_entry`
    minio_block minio;
    agent_assist_block agent_assist;
    knowledge_block knowledge;
    dialler_block dialler;
    std::string display_timezone = "UTC";    ///< IANA
    std::vector<std::string> cxbcore_fleet;  ///< base URLs without `/` at the end
    voice_defaults_block voice_defaults;
    retention_block retention;
    std::int64_t version = 1;
    nullable<std::string> updated_at = null;
    nullable<std::string> updated_by = null;
    wire::raw_json unknown = wire::raw_json::object();
};

CXB_WIRE_DECLARE(provider_entry);
CXB_WIRE_DECLARE_PART(minio_block);
CXB_WIRE_DECLARE_PART(agent_assist_block);
CXB_WIRE_DECLARE_PART(knowledge_block);
CXB_WIRE_DECLARE_PART(amd_block);
CXB_WIRE_DECLARE_PART(dialler_block);
CXB_WIRE_DECLARE_PART(voice_defaults_block);
CXB_WIRE_DECLARE_PART(retention_block);
CXB_WIRE_DECLARE(settings_document);

/// `[a-z0-9_]{1,40}`
[[nodiscard]] bool is_provider_name(std::string_view name) noexcept;

}  // namespace cxb::api
