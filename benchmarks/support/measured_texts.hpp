#pragma once
/// @file
/// The documents whose reading and writing is measured, with the size part of their benchmarks'
/// names. Each is made once, the same bytes in every run and on every machine.

#include <string>
#include <vector>

namespace cxb::bench {

struct measured_text {
    std::string size;  ///< as in the name of a benchmark: `60k`, `large`
    std::string text;
};

/// Call results of exactly 10, 60 and 300 KiB: `10k`, `60k`, `300k`.
[[nodiscard]] std::vector<measured_text> const& result_texts();

/// Runtime configs: `example` of the contract corpus (4 KB); `10k`, with a longer prompt and more
/// tools; `large` (33 KB), with a long prompt and many tools, as grown installations have them.
[[nodiscard]] std::vector<measured_text> const& config_texts();

}  // namespace cxb::bench
