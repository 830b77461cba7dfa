#pragma once
/// @file
/// Which stored fields of `cxb-api` are secrets (spec 20 §3.5): one row per collection. What stands
/// here is sealed when it is written, opened when it is read, and sealed anew by
/// `cxb-api rotate-secrets-key`.

#include <span>

#include "server/common/secrets/document_sealer.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::secret_collection const> secret_collections() noexcept;

}  // namespace cxb::api
