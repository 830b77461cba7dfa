#pragma once
/// @file
/// The yardstick: Boost.JSON alone on the same bytes, with a monotonic resource over a reused
/// buffer (what a careful program does) and with the default one.

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/support/allocation_count.hpp"

namespace cxb::bench {

inline void parse_monotonic(benchmark::State& state, std::string_view text) {
    std::vector<unsigned char> buffer(text.size() * 16);
    measure(state, text.size(), [&] {
        boost::json::monotonic_resource memory(buffer.data(), buffer.size());
        auto const value = boost::json::parse(text, &memory);
        benchmark::DoNotOptimize(&value);
    });
}

inline void parse_default(benchmark::State& state, std::string_view text) {
    measure(state, text.size(), [&] {
        auto const value = boost::json::parse(text);
        benchmark::DoNotOptimize(&value);
    });
}

inline void serialize_dom(benchmark::State& state, std::string_view text) {
    auto const value = boost::json::parse(text);
    measure(state, text.size(), [&] {
        auto const written = boost::json::serialize(value);
        benchmark::DoNotOptimize(written.data());
    });
}

}  // namespace cxb::bench
