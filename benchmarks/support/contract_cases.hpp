#pragma once
/// @file
/// Reading, writing and checking of a contract as cases for the tables of the benchmarks. `Parse`
/// is its parser as a function object; `serialize` and `validate` are found beside its type.

#include <stdexcept>
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

template <auto Parse>
void parse_case(benchmark::State& state, std::string_view text) {
    (void)need(Parse(text));
    measure(state, text.size(), [&] {
        auto const value = Parse(text);
        benchmark::DoNotOptimize(&value);
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

}  // namespace cxb::bench
