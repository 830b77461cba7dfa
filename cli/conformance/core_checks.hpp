#pragma once
// The checks C01-C34 of spec 10 §13 that need no WebSocket, as one table.

#include "cli/conformance/core_kit.hpp"

namespace cxb::cli::conformance {

[[nodiscard]] std::span<check_of<core_kit> const> core_checks() noexcept;

}  // namespace cxb::cli::conformance
