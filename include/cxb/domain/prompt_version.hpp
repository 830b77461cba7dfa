#pragma once
/// @file
/// Short hashes that name a version of a prompt or of a whole configuration, so that caches and
/// reports know when it changed (spec 20 §5.2, §8 step 13, §10).
///
/// All are the first 16 hex digits of a SHA-256; `-r{n}` follows when a refresh count n > 0.
/// Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Version of the two post-call prompts, raw templates; "" for a missing one.
/// google, gemini-2.5-flash, `Summarise.`, `Score it.` → `bb3ea005c29470d7`.
[[nodiscard]] std::string post_call_cache_version(std::string_view llm_provider,
                                                  std::string_view llm_model,
                                                  std::string_view analysis_prompt,
                                                  std::string_view qc_prompt,
                                                  int version_override = 0);

/// Version of a static system prompt with its tools (null counts as `[]`).
/// google, gemini-2.5-flash, `You are Asha.`, `[]` → `10dffe6735a30912`.
[[nodiscard]] std::string static_prompt_version(std::string_view llm_provider,
                                                std::string_view llm_model,
                                                std::string_view static_prompt,
                                                wire::json_value const& tools,
                                                int version_override = 0);

/// Of any document, whatever the order of its members (RFC 8785 form): `config_version`.
[[nodiscard]] std::string config_hash(wire::json_value const& content);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
