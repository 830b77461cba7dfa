#pragma once
/// @file
/// What surrounds a call's end: knowledge, agent desk, recording, post-call analysis
/// (spec 10 §3.6).

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// Search in the bot's knowledge bases. Strict with no hit: the bot answers `fallback_message`.
struct knowledge {
    bool enabled = false;
    std::vector<std::string> kb_ids;  ///< at most 20
    std::optional<std::string> search_url;
    int top_k = 5;                 ///< 1–10
    double score_threshold = 0.5;  ///< 0–1
    bool strict = false;           ///< no hit: say the fallback message
    std::string fallback_message;
    std::string trigger_instructions;
    milliseconds timeout_ms{2000};  ///< 200–10000
};

/// Hand-off to people. `timeout_seconds` mirrors the desk's setting, which decides.
struct agent_desk {
    bool enabled = false;
    std::optional<std::string> base_url;
    std::string queue = "default";  ///< `[A-Za-z0-9_-]{1,64}`
    std::string language;
    int priority = 5;  ///< 0–10
    std::string hold_message;
    std::optional<std::string> hold_audio_url;
    seconds timeout_seconds{120};  ///< 10–3600
};

/// Who keeps the audio: this host, an upload link, an S3 store, nobody.
enum class storage_kind { local, upload_url, s3, none };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::storage_kind> {
    using e = contract::runtime_config::storage_kind;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::local, "local"}, {e::upload_url, "upload_url"}, {e::s3, "s3"}, {e::none, "none"}};
};

namespace contract::runtime_config {

/// Where a finished recording goes. `upload_url`: one PUT with `upload_headers`, until
/// `expires_at`; so Cores hold no storage keys.
struct recording_storage {
    open_enum<storage_kind> kind;
    std::optional<secret> upload_url;
    std::map<std::string, std::string> upload_headers;  ///< secret
    std::optional<time_point> expires_at;
    std::optional<std::string> endpoint;
    std::string bucket = "recordings";
    std::optional<std::string> region;
    std::optional<secret> access_key;
    std::optional<secret> secret_key;
    std::optional<bool> secure;
};

/// `channels` 1 mixed, 2 = caller left, bot right. `key` is required when enabled.
struct recording {
    bool enabled = true;
    std::string format = "wav";  ///< the only one so far
    int channels = 2;
    std::string key;
    std::string announcement;  ///< spoken before recording starts
    recording_storage storage;
};

/// A provider-side cache for the post-call prompts.
struct post_call_cache {
    std::string name;
    seconds ttl_seconds{3600};
    int min_tokens = 1024;
};

/// One automatic disposition. Absent members are left out of the analysis.
struct auto_disposition {
    std::string DISPOSITION;
    std::optional<std::string> SUB_DISPOSITION;
    std::optional<std::string> CALLING_REMARKS;
};

/// What a call that is not analysed gets; absent ones fall back to `domain/auto_disposition.hpp`.
struct auto_dispositions {
    std::optional<auto_disposition> rnr;
    std::optional<auto_disposition> voicemail;
    std::optional<auto_disposition> timeout;
    std::optional<auto_disposition> error;
    std::optional<auto_disposition> no_customer_message;
};

CXB_WIRE_DECLARE_PART(knowledge);
CXB_WIRE_DECLARE_PART(agent_desk);
CXB_WIRE_DECLARE_PART(recording_storage);
CXB_WIRE_DECLARE_PART(recording);
CXB_WIRE_DECLARE_PART(post_call_cache);
CXB_WIRE_DECLARE_PART(auto_disposition);
CXB_WIRE_DECLARE_PART(auto_dispositions);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
