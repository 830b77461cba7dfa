#pragma once
/// @file
/// What stored documents of older versions need before this one serves them (spec 20 §1 "Start").
/// Names stay for ever; a row is added, never changed or removed.

#include <span>

#include "server/common/migrations/migration_runner.hpp"

namespace cxb::api {

/// In the order in which they are carried out.
[[nodiscard]] std::span<server::migration const> api_migrations() noexcept;

}  // namespace cxb::api
