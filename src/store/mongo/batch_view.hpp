#pragma once
/// @file
/// What a batch makes of the documents it meets: computed in memory, write after write, before
/// anything is stored. Both ways of committing start from it.

#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// A batch with its filters made, on the thread of the caller.
struct prepared_batch {
    std::vector<write> writes;
    std::vector<bson_document> filters;  ///< one per write; empty for inserts
    std::size_t bytes = 0;
};
[[nodiscard]] prepared_batch prepare_batch(batch writes);

/// One document a batch writes.
struct batch_target {
    collection const* in = nullptr;
    std::string id;
    std::optional<bson_document> before;  ///< as stored; nothing: it was not there
    std::optional<json_object> after;     ///< nothing: it is removed
    std::size_t write = 0;                ///< the last write that changed it
};

struct batch_plan {
    std::vector<batch_target> targets;  ///< in the order of their first write
    commit_outcome outcome;             ///< not applied: a condition is unmet
};

/// Reads what the writes need. Within a transaction through its session; else documents that
/// another batch holds are waited for. Errors: those of reads; throws as the port says.
[[nodiscard]] result<batch_plan> plan_batch(workplace& at, prepared_batch const& writes);

/// The outcome of a batch whose write `index` failed.
[[nodiscard]] commit_outcome failed_at(prepared_batch const& writes, std::size_t index,
                                       bool duplicate_key);

}  // namespace store::mongo
}  // namespace cxb::inline v1
