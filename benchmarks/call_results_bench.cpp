// Call results of 10, 60 and 300 KB: reading, writing and checking beside Boost.JSON alone, and
// what the control plane does with a body before it is merged (`read_result`).
// Names: call_results/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/measured_texts.hpp"
#include "benchmarks/support/raw_json_text.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/domain/result_payload.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::bench {
namespace {

namespace cr = contract::call_results;

constexpr auto parse_results = [](std::string_view text) { return cr::parse_call_results(text); };

void ingest_cxb(benchmark::State& state, std::string_view text) {
    measure(state, text.size(), [&] {
        auto const read = domain::read_result(text);
        benchmark::DoNotOptimize(&read);
    });
}

void canonical_cxb(benchmark::State& state, std::string_view text) {
    auto const value = boost::json::parse(text);
    measure(state, text.size(), [&] {
        auto const written = wire::to_canonical(value);
        benchmark::DoNotOptimize(written.data());
    });
}

constexpr bench_row rows[] = {
    {"call_results/parse/cxb", &parse_case<parse_results>},
    {"call_results/parse/copy", &copy_case<parse_results>},
    {"call_results/parse/boost_monotonic", &parse_monotonic},
    {"call_results/parse/boost_default", &parse_default},
    {"call_results/serialize/cxb", &serialize_case<parse_results>},
    {"call_results/serialize/boost", &serialize_dom},
    {"call_results/validate/cxb", &validate_case<parse_results>},
    {"call_results/validate/boost_parse", &parse_monotonic},
    {"call_results/ingest/cxb", &ingest_cxb},
    {"call_results/ingest/boost_parse", &parse_monotonic},
    {"call_results/canonical/cxb", &canonical_cxb},
    {"call_results/canonical/boost", &serialize_dom},
};

[[maybe_unused]] bool const registered = [] {
    for (auto const& [size, text] : result_texts())
        for (auto const& row : rows)
            add_row(row, size, text);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
