#pragma once
/// @file
/// Reading, writing and checking of a contract as cases for the tables of the benchmarks. `Parse`
/// is its parser as a function object; `serialize` and `validate` are found beside its type.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "benchmarks/support/allocation_count.hpp"
#include "cxb/base/result.hpp"

namespace cxb::bench {

template <class T>
T need(result<T> value) {
    if (!value) throw std::runtime_error("document is not valid");
    return *std::move(value);
}

/// Before measuring: that both sides do the same work. A figure of something else is worse than
/// none.
inline void require(bool holds, char const* what) {
    if (!holds) throw std::runtime_error(what);
}

/// A document of the golden corpus, `<type>/<file>`.
inline std::string corpus_text(std::string const& name) {
    std::ifstream in(std::string(CXB_SOURCE_DIR) + "/tests/contract/corpus/v1/" + name);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.empty()) throw std::runtime_error("corpus document is missing: " + name);
    return text;
}

template <auto Parse>
void parse_case(benchmark::State& state, std::string_view text) {
    (void)need(Parse(text));
    measure(state, text.size(), [&] {
        auto const value = Parse(text);
        benchmark::DoNotOptimize(&value);
    });
}

/// A copy of the typed value: what it allocates is its members' own storage, so what parsing
/// allocates more is the parser's.
template <auto Parse>
void copy_case(benchmark::State& state, std::string_view text) {
    auto const value = need(Parse(text));
    measure(state, text.size(), [&] {
        auto const copy = value;
        benchmark::DoNotOptimize(&copy);
    });
}

template <auto Parse>
void serialize_case(benchmark::State& state, std::string_view text) {
    auto const value = need(Parse(text));
    measure(state, text.size(), [&] {
        auto const written = serialize(value);
        benchmark::DoNotOptimize(written.data());
    });
}

template <auto Parse>
void validate_case(benchmark::State& state, std::string_view text) {
    auto const value = need(Parse(text));
    measure(state, text.size(), [&] {
        auto const judged = validate(value);
        benchmark::DoNotOptimize(&judged);
    });
}

struct bench_row {
    char const* name;
    void (*run)(benchmark::State&, std::string_view);
};

/// Registers `<row>/<size>`. Row and text must outlive the run.
inline void add_row(bench_row const& row, std::string const& size, std::string const& text) {
    benchmark::RegisterBenchmark((std::string(row.name) + '/' + size).c_str(),
                                 [&row, &text](benchmark::State& state) { row.run(state, text); })
        ->Unit(benchmark::kMicrosecond);
}

}  // namespace cxb::bench
