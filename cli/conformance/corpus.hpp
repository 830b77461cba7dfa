#pragma once
// Documents of the golden corpus that the kit sends (spec 10 §1.4). The text is made at configure
// time from tests/contract/corpus.

#include <span>
#include <string_view>
#include <utility>

namespace cxb::cli::conformance {

/// Name and text of every call result that must be accepted for ever.
[[nodiscard]] std::span<std::pair<std::string_view, std::string_view> const>
corpus_results() noexcept;

}  // namespace cxb::cli::conformance
