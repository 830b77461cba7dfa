#pragma once
/// @file
/// The blocks of the settings document as data (spec 20 §4): one row per `PUT /settings/...`.
/// Routes, audit actions, masking, request schemas and the command `cxb settings` follow from these
/// rows and from the field tables of `settings_document.hpp`; nothing of a block stands elsewhere.
///
/// Thread-safety: constants and pure functions.

#include <string>
#include <string_view>

#include "cxb/domain/masking.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "server/api/audit/audit_trail.hpp"

namespace cxb::api {

/// | member  | meaning                                                                     |
/// |---------|-----------------------------------------------------------------------------|
/// | name    | audit action `settings.<name>`                                              |
/// | pattern | of its PUT route                                                            |
/// | member  | of the document                                                             |
/// | whole   | true: the body is this member's value; false: the body holds the member     |
/// | summary, description, example | of the route, for its readers; example: a body        |
struct settings_block {
    std::string_view name;
    std::string_view pattern;
    std::string_view member;
    bool whole = true;
    std::string_view summary;
    std::string_view description;
    std::string_view example;
};

inline constexpr settings_block settings_blocks[] = {
    {"api_keys", "/api/v1/settings/api-keys", "api_keys", true,
     "Provider keys; a mask keeps the stored key, an empty text or null removes it",
     "Sets the keys that are sent, one per provider; others stay. A mask keeps the stored key, an "
     "empty text or null removes it.",
     R"({"openai":"sk-1234567890abcd"})"},
    {"providers", "/api/v1/settings/providers", "providers", true,
     "Providers that speak OpenAI's protocol; null removes one",
     "Sets the providers that are sent, each as a whole; null removes one. Its key stands under "
     "its name in `api_keys`.",
     R"({"local":{"kind":"openai_compatible","base_url":"https://llm.example.com/v1",
"chat_model":"qwen3"}})"},
    {"minio", "/api/v1/settings/minio", "minio", true, "S3 store of recordings",
     "Changes the members that are sent. The store counts when endpoint, both keys and bucket are "
     "set.",
     R"({"endpoint":"https://s3.example.com","access_key":"AKIAEXAMPLE",
"secret_key":"example-secret","bucket":"recordings","secure":true})"},
    {"agent_assist", "/api/v1/settings/agent-assist", "agent_assist", true,
     "Suggestions for people who take calls", "Changes the members that are sent.",
     R"({"enabled":true,"listen_to":"both"})"},
    {"knowledge", "/api/v1/settings/knowledge", "knowledge", true, "Knowledge bases",
     "Changes the members that are sent.",
     R"({"embedding_model":"gemini-embedding-001","max_upload_mb":20})"},
    {"dialler", "/api/v1/settings/dialler", "dialler", true, "The dialler",
     "Changes the members that are sent.", R"({"amd":{"enabled":true,"total_analysis_ms":2500}})"},
    {"timezone", "/api/v1/settings/timezone", "display_timezone", false,
     "Time zone in which people see times", "Sets the zone; one that nobody knows is refused.",
     R"({"display_timezone":"Asia/Kolkata"})"},
    {"fleet", "/api/v1/settings/fleet", "cxbcore_fleet", false, "Base URLs of the worker hosts",
     "Replaces the list. Slashes at the end are cut; the answer has the list under both of its "
     "names.",
     R"({"cxbcore_fleet":["https://worker-1.example.com","https://worker-2.example.com"]})"},
    {"voice_defaults", "/api/v1/settings/voice-defaults", "voice_defaults", true,
     "For bots without such a block",
     "Sets the blocks that are sent, each as a whole; null removes one.",
     R"({"llm":{"provider":"openai","model":"gpt-4.1-mini"}})"},
    {"retention", "/api/v1/settings/retention", "retention", true, "How long things are kept",
     "Changes the members that are sent. 0: for ever.",
     R"({"calls_days":365,"recordings_days":90})"},
};

/// Is the text at this path of the settings document a secret? By the field tables.
[[nodiscard]] bool settings_secrets(domain::member_path path) noexcept;

/// Makes a stored document readable by its table: a fleet list under its second name is taken over,
/// numbers that are clamped rather than refused are brought within their bounds.
void tidy_settings(wire::json_object& document);

/// Merges `sent`, the body of the block's PUT, into `document` as it is stored (which may have
/// members of other versions). The body may also be the block under its own name. Members that are
/// objects merge; masks keep the stored secret; aliases count as their names.
/// Errors: `invalid`, all faults together, pointers into the body; the document is then unchanged.
[[nodiscard]] result<void> merge_block(wire::json_object& document, settings_block const& block,
                                       wire::json_object const& sent,
                                       domain::guard_policy const& guard);

/// What differs, leaf by leaf, with dotted paths; secrets as `(secret)`.
[[nodiscard]] std::vector<audit_change> settings_changes(wire::json_object const& before,
                                                         wire::json_object const& after);

/// JSON Schema of the body of the block's PUT.
[[nodiscard]] std::string body_schema_of(settings_block const& block);

}  // namespace cxb::api
