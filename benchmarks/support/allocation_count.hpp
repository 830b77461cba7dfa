#pragma once
/// @file
/// Counts the allocations of a measured loop. The program's `operator new` is replaced by one
/// that counts, in `allocation_count.cpp`; programs that do not link it are not touched.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>

namespace cxb::bench {

/// Allocations of this thread since it began.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// Runs `work` for the benchmark and reports bytes/s over `bytes` and allocations per run.
template <class Work>
void measure(benchmark::State& state, std::size_t bytes, Work const& work) {
    std::uint64_t const before = allocations();
    for (auto _ : state)
        work();
    auto const made = static_cast<double>(allocations() - before);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
    state.counters["allocations"] = made / static_cast<double>(state.iterations());
    state.counters["body_bytes"] = static_cast<double>(bytes);
}

}  // namespace cxb::bench
