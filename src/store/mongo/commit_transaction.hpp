#pragma once
/// @file
/// Batches on a server with transactions (replica set, sharded cluster).
///
/// One transaction of the server: reads see one snapshot, the commit waits for the majority. When
/// the server asks for it (`TransientTransactionError`) the whole is done again; when the fate of
/// the commit is unknown, only the commit is. Both until the operation's time is over. A document
/// that only serves as a condition is written too, or two batches could each pass on a condition
/// that the other one ends.

#include "src/store/mongo/batch_view.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// Errors: `unavailable`: nothing was written; `deadline_exceeded`: the fate of the commit is
/// unknown; others as reads and writes have.
[[nodiscard]] result<commit_outcome> commit_in_transaction(workplace& at,
                                                           prepared_batch const& writes);

}  // namespace store::mongo
}  // namespace cxb::inline v1
