#pragma once
/// @file
/// How a document comes into being, the same for every engine.

#include "cxb/store/query.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store::engine {

/// Throws `std::logic_error` when `_id` is no text.
[[nodiscard]] std::string id_of(json_object const& document);

/// Makes an `_id` when there is none; throws as `id_of`.
void complete_id(json_object& document);

/// The document an upsert inserts: the equalities of its filter, then its changes. Throws
/// `std::logic_error` when the changes name another `_id` than the filter.
[[nodiscard]] json_object upserted_document(filter const& where, update const& changes);

/// Applies changes to an existing document. Throws `std::logic_error` when they change `_id`.
void apply_changes(json_object& document, update const& changes);

/// Rough size, for the bounds of queues.
[[nodiscard]] std::size_t size_of(json_value const& value);
[[nodiscard]] std::size_t size_of(update const& changes);

}  // namespace store::engine
}  // namespace cxb::inline v1
CXB_EXPORT_END
