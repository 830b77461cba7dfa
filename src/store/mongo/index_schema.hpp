#pragma once
/// @file
/// Makes the indexes of a collection what its declaration says, and the stored form of its
/// documents what document_mapping.hpp says.
///
/// Several processes may do so at once. The last declaration wins: a process of an older version
/// that starts while newer ones run takes their declarations back, until one of them starts again.

#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// Creates and drops indexes (those named `cxb:…` are ours), and rewrites documents when the
/// declared fields or unique keys are others than last time. Errors: `conflict` when stored
/// documents break a new unique key. Throws `std::logic_error` for a declaration that cannot be.
/// True: batches may hold documents of the collection, now or from a time when the server had no
/// transactions.
[[nodiscard]] result<bool> ensure_collection(workplace& at, collection const& what);

/// Throws `std::logic_error` for a declaration that cannot be.
void check_declaration(collection const& what);

/// The fields of the unique index that a server's message names, joined by commas.
[[nodiscard]] std::string unique_fields_named_in(collection const& in, std::string_view message);

}  // namespace store::mongo
}  // namespace cxb::inline v1
