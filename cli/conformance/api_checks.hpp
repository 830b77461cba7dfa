#pragma once
// The checks A01-A30 of spec 10 §13 as one table.

#include "cli/conformance/api_kit.hpp"

namespace cxb::cli::conformance {

[[nodiscard]] std::span<check_of<api_kit> const> api_checks() noexcept;

}  // namespace cxb::cli::conformance
