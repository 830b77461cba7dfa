#pragma once
/// @file
/// How the documents of a batch wait for its decision, so that the server decides unique keys.
///
/// A document whose unique key changes holds its former and its coming key at once: the field
/// becomes a list of both, which a unique index enters once for each. So nobody can take either,
/// whatever becomes of the batch. Only a key that passes from one document of the batch to another
/// must be let go in between. The former members stay in the mark, all others as they are.

#include "src/store/mongo/batch_view.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// One write of the step `place`.
struct batch_place {
    std::size_t target = 0;  ///< place in the plan
    bool is_new = false;
    bson_document form;  ///< the hidden document, or the operators of an update
};

/// In the order in which they are to be made: what lets go of keys, then what takes them. Targets
/// that need nothing before the decision are left out. `after`: one per target, in stored form.
[[nodiscard]] std::vector<batch_place> places_of(batch_plan const& plan,
                                                 std::vector<bson_document> const& after,
                                                 std::string const& batch);

/// A held document as it is until its batch is committed.
[[nodiscard]] bson_document shown_form(bson_document const& held);
/// The operators that give a held document its former members back; empty: it has them.
[[nodiscard]] bson_document former_members(bson_document const& held);

}  // namespace store::mongo
}  // namespace cxb::inline v1
