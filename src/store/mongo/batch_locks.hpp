#pragma once
/// @file
/// Documents that a batch holds on a server without transactions, seen from outside that batch.
///
/// The protocol is told in commit_protocol.hpp. Here: what another operation does that meets such a
/// document, and recovery. No wall clock takes part: an observer counts the lease on its own steady
/// clock from the moment it first saw the batch, and only the change of one document, from
/// `preparing` to `committed` or `aborted`, decides.

#include <functional>
#include <map>
#include <mutex>

#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// What became of a batch, as its record says.
enum class batch_state {
    preparing,
    committed,
    aborted,
    gone,  ///< finished; a document it still seems to hold is held by a write that came too late
};

class batch_locks {
  public:
    explicit batch_locks(std::chrono::milliseconds lease) : lease_(lease) {}

    /// Waits until the batch holds nothing any more: helps it when it is committed, takes it back
    /// when it is aborted or has outlived its lease. `in` holds a document of the batch. Errors:
    /// `unavailable` when the operation's time is over.
    [[nodiscard]] result<void> wait_for(workplace& at, std::string_view in,
                                        std::string const& batch);
    /// One step of `wait_for`; true when the batch holds nothing any more.
    [[nodiscard]] result<bool> settle(workplace& at, std::string_view in, std::string const& batch);
    /// When the batch is committed: completes it. True when a reader is to look again.
    [[nodiscard]] result<bool> complete_if_committed(workplace& at, std::string_view in,
                                                     std::string const& batch);
    /// The batch of one document that matches and is held.
    [[nodiscard]] static result<std::optional<std::string>> holder_of(workplace& at,
                                                                      std::string_view in,
                                                                      bson_document const& where);
    /// A batch other than `own` that has hidden documents or changed keys in the collection.
    [[nodiscard]] static result<std::optional<std::string>> holder_of_keys(
        workplace& at, std::string_view in, std::string_view own = {});
    /// Waits for a batch that has hidden documents or changed keys in the collection. True: look
    /// again. One that cannot be taken back (a key it passed on is lost) is not waited for.
    [[nodiscard]] result<bool> wait_for_keys(workplace& at, std::string_view in);
    /// Settles the batches of all records and of all documents held in the collections, as far as
    /// possible without waiting.
    [[nodiscard]] result<void> sweep(workplace& at, std::vector<std::string> const& collections);

    /// Makes the writes of a committed record real and removes the record. May be repeated and run
    /// by several at once.
    [[nodiscard]] static result<void> roll_forward(workplace& at, bson_document const& record);
    /// Takes back what an aborted batch did in the collections of its record.
    [[nodiscard]] static result<void> roll_back(workplace& at, bson_document const& record);
    [[nodiscard]] static result<std::optional<bson_document>> record_of(workplace& at,
                                                                        std::string const& batch);
    /// From `preparing`; false when the state is another one meanwhile.
    [[nodiscard]] static result<bool> change_state(workplace& at, std::string const& batch,
                                                   bson_document const& members);
    [[nodiscard]] static batch_state state_of(bson_document const& record);

  private:
    [[nodiscard]] result<void> settle_or_leave(workplace& at, std::string_view in,
                                               std::string const& batch);
    [[nodiscard]] bool outlived(std::string const& batch);
    void forget(std::string const& batch);

    std::chrono::milliseconds const lease_;
    std::mutex mutex_;
    std::map<std::string, steady_time> seen_;  // guarded by mutex_
};

}  // namespace store::mongo
}  // namespace cxb::inline v1
