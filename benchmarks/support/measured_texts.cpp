#include "benchmarks/support/measured_texts.hpp"

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/result_body.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::bench {
namespace {

namespace rc = contract::runtime_config;

constexpr std::size_t result_sizes_kib[] = {10, 60, 300};

rc::runtime_config example_config() {
    return need(rc::parse_runtime_config(corpus_text("runtime_config/001_spec_example.json")));
}

// The example with another prompt, and its HTTP tools so many times more.
std::string grown_config(std::size_t prompt_bytes, int copies) {
    auto config = example_config();
    config.system_prompt = make_prompt_text(prompt_bytes);
    auto const tools = config.tools;
    for (int i = 0; i < copies; ++i)
        for (auto tool : tools) {
            if (!tool.http) continue;
            tool.function.name += "_" + std::to_string(i);
            config.tools.push_back(std::move(tool));
        }
    auto text = rc::serialize(config);
    (void)need(rc::parse_runtime_config(text));
    return text;
}

// The prompt takes up what the rest leaves; line breaks in it are two bytes of JSON, so it is a few
// bytes more.
std::string config_of(std::size_t bytes) {
    constexpr int copies = 3;
    auto const rest = grown_config(1, copies).size();
    return grown_config(bytes - rest, copies);
}

}  // namespace

std::vector<measured_text> const& result_texts() {
    static auto const texts = [] {
        std::vector<measured_text> made;
        for (auto const kib : result_sizes_kib)
            made.push_back({std::to_string(kib) + "k", make_result_body(kib * 1024)});
        return made;
    }();
    return texts;
}

std::vector<measured_text> const& config_texts() {
    static std::vector<measured_text> const texts{
        {"example", rc::serialize(example_config())},
        {"10k", config_of(10U * 1024U)},
        {"large", grown_config(24U * 1024U, 12)},
    };
    return texts;
}

}  // namespace cxb::bench
