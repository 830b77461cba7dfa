#pragma once
/// @file
/// Writes of single documents. Filters are made beforehand, on the thread of the caller.
///
/// On a server without transactions every write leaves documents alone that a batch holds and waits
/// for that batch (batch_locks.hpp).

#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

struct prepared_change {
    collection const* in;
    filter wanted;  ///< for the document an upsert makes
    bson_document where;
    bson_document sort;
    update changes;
    bool upsert = false;
};

[[nodiscard]] prepared_change prepare_change(collection const& in, filter where, update changes,
                                             std::vector<sort_key> const& sort, bool upsert);

struct change_outcome {
    bool matched = false;
    bool differs = false;
    json_object after;
};
/// Reads the first match, changes it in memory and writes back what differs, if that is as it was.
[[nodiscard]] result<change_outcome> change_by_reading(workplace& at, prepared_change const& change,
                                                       bson_document const& where);

/// A taken key as an error of the port: names the fields.
[[nodiscard]] error duplicate_error(collection const& in, command_fault const& fault);

/// The document has its `_id`. Errors: `conflict`.
[[nodiscard]] result<void> insert_document(workplace& at, collection const& into,
                                           json_object const& document);
/// False when nothing matched. `after`, when given, receives the document after the change.
[[nodiscard]] result<bool> change_first(workplace& at, prepared_change const& change,
                                        json_object* after = nullptr);
/// One document after the other, each atomically.
[[nodiscard]] result<std::int64_t> change_all(workplace& at, prepared_change const& change);
[[nodiscard]] result<std::int64_t> remove_documents(workplace& at, collection const& from,
                                                    bson_document const& where, std::size_t limit);

}  // namespace store::mongo
}  // namespace cxb::inline v1
