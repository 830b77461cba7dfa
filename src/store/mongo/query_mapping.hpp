#pragma once
/// @file
/// Filters, orders and changes of the port as BSON. They rely on the stored form that
/// document_mapping.hpp describes. All throw `std::logic_error` for undeclared fields.

#include <optional>

#include "src/store/mongo/document_mapping.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

[[nodiscard]] bson_document filter_document(collection const& of, filter const& wanted);
/// Both filters hold.
[[nodiscard]] bson_document both(bson_document const& left, bson_document const& right);
[[nodiscard]] bson_document id_filter(std::string_view id);

[[nodiscard]] bson_document sort_document(collection const& of, std::vector<sort_key> const& sort);
/// What comes after a position in a complete order. Texts come before ObjectIds in `_id`.
[[nodiscard]] bson_document after_filter(collection const& of, std::vector<sort_key> const& order,
                                         std::vector<json_value> const& position);

/// The field's kind; text for `_id`.
[[nodiscard]] field_type type_of(collection const& of, std::string_view field);

/// Changes as native operators. Nothing when the operators mean something else than the port: then
/// the document is read, changed in memory and written back. Errors: as `to_bson`.
[[nodiscard]] result<std::optional<bson_document>> native_update(collection const& of,
                                                                 update const& changes);

}  // namespace store::mongo
}  // namespace cxb::inline v1
