// The runtime config: the request of a Core and the answer to it, from the example of the contract
// corpus to a large bot, beside Boost.JSON alone on the same bytes.
// Names: <type>/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/measured_texts.hpp"
#include "benchmarks/support/raw_json_text.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::bench {
namespace {

namespace rc = contract::runtime_config;

constexpr auto parse_config = [](std::string_view text) { return rc::parse_runtime_config(text); };
constexpr auto parse_request = [](std::string_view text) { return rc::parse_config_request(text); };

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
    {"runtime_config/parse/copy", &copy_case<parse_config>},
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

[[maybe_unused]] bool const registered = [] {
    for (auto const& [size, text] : config_texts())
        for (auto const& row : config_rows)
            add_row(row, size, text);
    static std::string const request = corpus_text("config_request/001_query_as_body.json");
    for (auto const& row : request_rows)
        add_row(row, "example", request);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
