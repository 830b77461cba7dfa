#pragma once
/// @file
/// Batches on a server without transactions: a protocol over changes of single documents, which
/// every server makes atomically (ARCHITECTURE.md draws it).
///
/// 1. Plan: read what the writes need and compute every document the batch leaves.
/// 2. `record`: a document in `_cxb_commits`: `{_id, state: "preparing", in: [collections]}`.
/// 3. `lock`: each document that exists gets `_cxb.c = {id: batch}`, in the order of collection and
///    id, and only if nobody holds it. It must still be what was planned with, else all is taken
///    back and planned anew.
/// 4. `place`: each new document is inserted hidden, `_cxb.c = {id, new: true}`, and each document
///    whose unique key changes gets its former and its coming key, `_cxb.c = {id, was: {…}}`
///    (batch_places.hpp); so the server decides every unique key.
/// 5. `decide`: one update of the record, from `preparing` to `committed`, with the documents to
///    come in it. This is the commit: before it everything is taken back, after it everything is
///    completed, by whoever comes by.
/// 6. `apply`: new documents are shown, then changed ones replaced and removed ones removed; the
///    record is removed. Only now the batch is acknowledged.
///
/// Whoever meets a document that is held (batch_locks.hpp) completes a committed batch, takes back
/// an aborted one, and waits for one that prepares; when its lease is over, by the steady clock of
/// the observer, it moves the record from `preparing` to `aborted`. Owner and observer race for one
/// document, so there is one winner; an owner that loses plans anew. Writes that arrive late find
/// no document with their batch's mark, or leave a mark without a record, which counts as aborted.
///
/// Readers see a document as it was until step 6, and never one of a batch that is not committed.
/// A reader that meets a committed batch completes it and reads again. Between the documents of one
/// list, of `count` and of `group` a batch may be half visible while step 6 runs, as it may be in
/// a list of a replica set that is read in several portions.
///
/// One limit: a key that passes from one document of a batch to another is free for a moment. If
/// somebody else takes it then, the batch is taken back except for the document that had the key,
/// which stays held until the other one leaves it; its writers get `unavailable`.

#include "src/store/mongo/batch_locks.hpp"
#include "src/store/mongo/batch_view.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// Called before each step with its name: `record`, `lock`, `place`, `decide`, `apply`, `done`.
/// Tests throw from it, which leaves everything as a killed process would.
using step_hook = std::function<void(std::string_view)>;

/// Errors: `unavailable`: nothing was written; `deadline_exceeded`: it may have been committed;
/// `too_large`: the changed documents together are over 15 MiB; others as reads and writes have.
[[nodiscard]] result<commit_outcome> commit_by_protocol(workplace& at, prepared_batch const& writes,
                                                        step_hook const& on_step);

}  // namespace store::mongo
}  // namespace cxb::inline v1
