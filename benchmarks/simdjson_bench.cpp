// The same documents read by simdjson; only built where it is installed.
// Names: <type>/parse/simdjson/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/measured_texts.hpp"

namespace cxb::bench {
namespace {

// Its DOM, with a parser that is kept. It wants 64 readable bytes behind the document, which a body
// from the network does not have, so the copy that makes them (into a buffer the parser keeps) is
// part of the time, as it would be for a user.
void parse_simdjson(benchmark::State& state, std::string_view text) {
    simdjson::dom::parser parser;
    constexpr bool copy_with_padding = true;
    require(parser.parse(text.data(), text.size(), copy_with_padding).error() == simdjson::SUCCESS,
            "simdjson refuses the document");
    measure(state, text.size(), [&] {
        auto const document = parser.parse(text.data(), text.size(), copy_with_padding);
        benchmark::DoNotOptimize(&document);
    });
}

constexpr bench_row results_row{"call_results/parse/simdjson", &parse_simdjson};
constexpr bench_row config_row{"runtime_config/parse/simdjson", &parse_simdjson};

[[maybe_unused]] bool const registered = [] {
    for (auto const& [size, text] : result_texts())
        add_row(results_row, size, text);
    for (auto const& [size, text] : config_texts())
        add_row(config_row, size, text);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
