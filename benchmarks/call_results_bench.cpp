// Call results of 10, 60 and 300 KB: reading, writing and checking beside Boost.JSON alone, and
// what the control plane does with a body before it is merged (`read_result`).
// Names: call_results/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/raw_json_text.hpp"
#include "benchmarks/support/result_body.hpp"
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
    {"parse/cxb", &parse_case<parse_results>},  {"parse/boost_monotonic", &parse_monotonic},
    {"parse/boost_default", &parse_default},    {"serialize/cxb", &serialize_case<parse_results>},
    {"serialize/boost", &serialize_dom},        {"validate/cxb", &validate_case<parse_results>},
    {"validate/boost_parse", &parse_monotonic}, {"ingest/cxb", &ingest_cxb},
    {"ingest/boost_parse", &parse_monotonic},   {"canonical/cxb", &canonical_cxb},
    {"canonical/boost", &serialize_dom},
};

constexpr std::size_t sizes_kib[] = {10, 60, 300};

[[maybe_unused]] bool const registered = [] {
    static std::vector<std::string> texts;
    texts.reserve(std::size(sizes_kib));
    for (auto const kib : sizes_kib) {
        auto const& text = texts.emplace_back(make_result_body(kib * 1024));
        for (auto const& row : rows) {
            auto const name =
                std::string("call_results/") + row.name + '/' + std::to_string(kib) + "k";
            benchmark::RegisterBenchmark(name.c_str(), [&row, &text](benchmark::State& state) {
                row.run(state, text);
            })->Unit(benchmark::kMicrosecond);
        }
    }
    return true;
}();

}  // namespace
}  // namespace cxb::bench
