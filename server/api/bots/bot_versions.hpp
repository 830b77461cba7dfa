#pragma once
/// @file
/// What a bot was: one immutable `bot_versions` row for each accepted write, in its transaction
/// (spec 20 §5.2).
/// Thread-safety: free functions.

#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// The row for a bot as it will be stored. `paths`: what the write changed.
[[nodiscard]] wire::json_object version_row(wire::json_object const& bot, wire::json_array paths,
                                            std::string note, time_point now,
                                            random_source& random);

/// The document of one version, as it was stored. Errors: `not_found` `Version not found`.
store::async<wire::json_object> find_version(store::document_store& store, std::string bot_id,
                                             std::int64_t version);

}  // namespace cxb::api
