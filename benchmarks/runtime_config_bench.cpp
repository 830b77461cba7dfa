// The runtime config: the request of a Core and the answer to it, the example of the contract
// corpus and a large bot, beside Boost.JSON alone on the same bytes.
// Names: <type>/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/raw_json_text.hpp"
#include "benchmarks/support/result_body.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::bench {
namespace {

namespace rc = contract::runtime_config;

std::string corpus_text(std::string const& name) {
    std::ifstream in(std::string(CXB_SOURCE_DIR) + "/tests/contract/corpus/v1/" + name);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.empty()) throw std::runtime_error("corpus document is missing: " + name);
    return text;
}

constexpr auto parse_config = [](std::string_view text) { return rc::parse_runtime_config(text); };
constexpr auto parse_request = [](std::string_view text) { return rc::parse_config_request(text); };

std::string example_config() {
    return rc::serialize(
        need(rc::parse_runtime_config(corpus_text("runtime_config/001_spec_example.json"))));
}

// A bot with a long prompt and many tools, as grown installations have them.
std::string large_config() {
    constexpr std::size_t prompt_bytes = 24U * 1024U;
    constexpr int copies = 12;
    auto config = need(rc::parse_runtime_config(example_config()));
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

// The usual form of the request: query parameters of a GET.
void read_query(benchmark::State& state, std::string_view text) {
    auto const query = rc::to_query(need(rc::parse_config_request(text))).to_text();
    measure(state, query.size(), [&] {
        auto const list = wire::query_list::parse(query);
        auto const value = rc::from_query(*list);
        benchmark::DoNotOptimize(&value);
    });
}

constexpr bench_row config_rows[] = {
    {"runtime_config/parse/cxb", &parse_case<parse_config>},
    {"runtime_config/parse/boost_monotonic", &parse_monotonic},
    {"runtime_config/parse/boost_default", &parse_default},
    {"runtime_config/serialize/cxb", &serialize_case<parse_config>},
    {"runtime_config/serialize/boost", &serialize_dom},
    {"runtime_config/validate/cxb", &validate_case<parse_config>},
    {"runtime_config/validate/boost_parse", &parse_monotonic},
};

constexpr bench_row request_rows[] = {
    {"config_request/parse/cxb", &parse_case<parse_request>},
    {"config_request/parse/boost_monotonic", &parse_monotonic},
    {"config_request/parse/boost_default", &parse_default},
    {"config_request/serialize/cxb", &serialize_case<parse_request>},
    {"config_request/serialize/boost", &serialize_dom},
    {"config_request/query/cxb", &read_query},
    {"config_request/query/boost_parse", &parse_monotonic},
};

void add(bench_row const& row, char const* size, std::string const& text) {
    benchmark::RegisterBenchmark((std::string(row.name) + '/' + size).c_str(),
                                 [&](benchmark::State& state) { row.run(state, text); })
        ->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] bool const registered = [] {
    static std::string const example = example_config();
    static std::string const large = large_config();
    static std::string const request = corpus_text("config_request/001_query_as_body.json");
    for (auto const& row : config_rows) {
        add(row, "example", example);
        add(row, "large", large);
    }
    for (auto const& row : request_rows)
        add(row, "example", request);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
