#include "cxb/store/document_store.hpp"

#include <utility>

namespace cxb::inline v1 {
namespace store {

namespace {

write make(write_kind kind, collection const& into, filter where, update changes,
           std::string label) {
    write made;
    made.kind = kind;
    made.into = &into;
    made.where = std::move(where);
    made.changes = std::move(changes);
    made.label = std::move(label);
    return made;
}

}  // namespace

batch& batch::insert(collection const& into, json_object document, std::string label) {
    // Constructed, not assigned: a document in a memory resource of its own would be copied.
    writes_.push_back({.kind = write_kind::insert,
                       .into = &into,
                       .document = std::move(document),
                       .where = {},
                       .changes = {},
                       .label = std::move(label)});
    return *this;
}

batch& batch::update_one(collection const& into, filter where, update changes, std::string label) {
    writes_.push_back(
        make(write_kind::update, into, std::move(where), std::move(changes), std::move(label)));
    return *this;
}

batch& batch::upsert(collection const& into, filter where, update changes, std::string label) {
    writes_.push_back(
        make(write_kind::upsert, into, std::move(where), std::move(changes), std::move(label)));
    return *this;
}

batch& batch::remove_one(collection const& into, filter where, std::string label) {
    writes_.push_back(make(write_kind::remove, into, std::move(where), {}, std::move(label)));
    return *this;
}

batch& batch::update_if_any(collection const& into, filter where, update changes) {
    auto made = make(write_kind::update, into, std::move(where), std::move(changes), {});
    made.must_match = false;
    writes_.push_back(std::move(made));
    return *this;
}

}  // namespace store
}  // namespace cxb::inline v1
