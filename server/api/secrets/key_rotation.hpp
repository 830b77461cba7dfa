#pragma once
/// @file
/// `cxb-api rotate-secrets-key` (spec 20 §3.5): seals every stored secret with `secrets.key`, those
/// that are plain and those of `secrets.key_previous`.
///
/// Row by row, each one write that is bound to the row's `version` and does not raise it: running
/// processes notice nothing, a row they change meanwhile is looked at again. So it may be killed at
/// any moment and repeated; what is sealed already is only counted.

#include <string>
#include <vector>

#include "server/api/audit/audit_trail.hpp"
#include "server/common/secrets/document_sealer.hpp"

namespace cxb::api {

/// What was found in one collection.
struct rotated_collection {
    std::string name;
    std::size_t rows = 0;             ///< looked at
    std::size_t changed = 0;          ///< rows written
    std::size_t secrets = 0;          ///< sealed anew
    std::size_t current = 0;          ///< were of this key already
    std::vector<std::string> faults;  ///< secrets that no key opens; their rows are left alone
};

/// `store` is the one without sealing. One audit row `secrets.rotate_key` with the ids of the keys
/// is written first. Errors: those of the store; `invalid` without `secrets.key`.
[[nodiscard]] store::async<std::vector<rotated_collection>> rotate_secrets(
    store::document_store& store, server::document_sealer const& sealer, audit_trail& audit);

}  // namespace cxb::api
