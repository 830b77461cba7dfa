#pragma once
/// @file
/// How the prompt of a call is put together, for workers that use a provider's prompt cache
/// (spec 10 §3.2). Workers that do not simply use `runtime_config::system_prompt`.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// `legacy`: one rendered prompt. `direct`: static part (cacheable) and dynamic part.
enum class prompt_mode { legacy, direct };
/// How long the provider is asked to keep a cached prompt.
enum class cache_retention { in_memory, one_day };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::prompt_mode> {
    using e = contract::runtime_config::prompt_mode;
    static constexpr std::pair<e, std::string_view> words[] = {{e::legacy, "legacy"},
                                                               {e::direct, "direct"}};
};
template <>
struct enum_words<contract::runtime_config::cache_retention> {
    using e = contract::runtime_config::cache_retention;
    static constexpr std::pair<e, std::string_view> words[] = {{e::in_memory, "in_memory"},
                                                               {e::one_day, "24h"}};
};

namespace contract::runtime_config {

/// | field                     | absent means | note                                              |
/// |---------------------------|--------------|---------------------------------------------------|
/// | mode                      | legacy       | live cache only with `direct` and `cache_enabled` |
/// | cache_enabled             | false        | context = static + dynamic, tools in the cache    |
/// | static_system_prompt      | ""           | unrendered, equal for all calls of a bot version  |
/// | dynamic_runtime_prompt    | ""           | rendered, personal                                |
/// | static_version            | ""           | 16 hex; names the static part and the tools       |
/// | prompt_cache_key          | ""           | alias `openai_prompt_cache_key`, both written     |
/// | prompt_cache_retention    | provider's   | alias `openai_prompt_cache_retention`, likewise   |
/// | cached_content_name       | ""           | provider's cache object, google only              |
/// | cached_content_expires_at | unknown      | when that object goes                             |
/// | recreate_url              | none         | POST it when the cache object is gone             |
struct prompt_parts {
    open_enum<prompt_mode> mode;
    bool cache_enabled = false;
    std::string static_system_prompt;
    std::string dynamic_runtime_prompt;
    std::string static_version;
    std::string prompt_cache_key;
    std::optional<open_enum<cache_retention>> prompt_cache_retention;
    std::string cached_content_name;
    std::optional<time_point> cached_content_expires_at;
    std::optional<std::string> recreate_url;
};

CXB_WIRE_DECLARE_PART(prompt_parts);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
