#include "cxb/domain/prompt_version.hpp"

#include "cxb/base/crypto.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

std::string short_hash(std::string_view text) {
    return sha256_hex(text).substr(0, 16);
}

void add_line(std::string& text, std::string_view line) {
    text.append(line).append("\n");
}

void add_sized(std::string& text, std::string_view part) {
    add_line(text, std::to_string(part.size()));
    text.append(part);
}

std::string with_refresh(std::string version, int count) {
    return count > 0 ? version.append("-r").append(std::to_string(count)) : version;
}

}  // namespace

std::string post_call_cache_version(std::string_view llm_provider, std::string_view llm_model,
                                    std::string_view analysis_prompt, std::string_view qc_prompt,
                                    int version_override) {
    std::string text = "pcv1\n";
    add_line(text, llm_provider);
    add_line(text, llm_model);
    add_sized(text, analysis_prompt);
    text.append("\n");
    add_sized(text, qc_prompt);
    return with_refresh(short_hash(text), version_override);
}

std::string static_prompt_version(std::string_view llm_provider, std::string_view llm_model,
                                  std::string_view static_prompt, wire::json_value const& tools,
                                  int version_override) {
    std::string text = "lpv1\n";
    add_line(text, llm_provider);
    add_line(text, llm_model);
    add_sized(text, static_prompt);
    text.append("\n").append(tools.is_null() ? "[]" : wire::to_text(tools));
    return with_refresh(short_hash(text), version_override);
}

std::string config_hash(wire::json_value const& content) {
    return short_hash(wire::to_canonical(content));
}

}  // namespace domain
}  // namespace cxb::inline v1
