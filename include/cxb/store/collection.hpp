#pragma once
/// @file
/// A collection declared once as data: name, indexed fields, unique keys, partial indexes.
///
/// From the declaration the SQLite adapter makes its columns and indexes and the MongoDB adapter
/// its indexes and native types; the reference page lists the same rows (spec 20 §11, 21 §12). A
/// filter or sort on a field that is not declared is a programming error, so no query scans.
///
/// ```cpp
/// inline constexpr store::field_decl call_fields[] = {
///     {"session_id", field_type::text}, {"created_at", field_type::timestamp}};
/// inline constexpr std::string_view by_session[] = {"session_id"};
/// inline constexpr store::index_decl call_indexes[] = {{by_session, true}};
/// inline constexpr store::collection calls{"calls", call_fields, call_indexes};
/// ```
/// Every document has a text member `_id` (unique, declared implicitly). Objects of this header
/// are constexpr data with static lifetime.

#include <span>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// How a declared field is compared and stored natively. Values of another JSON kind are kept in
/// the document but are invisible to filters, like an absent field.
enum class field_type {
    text,
    integer,
    real,
    boolean,
    timestamp,  ///< wire text (`base/clock.hpp`), a native date where the engine has one
};

struct field_decl {
    std::string_view name;  ///< dotted path inside the document
    field_type type = field_type::text;
};

/// `unique` indexes skip documents in which one of the fields is absent or null. With
/// `where_field` set the index covers only documents whose field equals `where_text` (partial).
/// `sparse`: the first field is absent in most documents, and filters only ask for values of it;
/// an engine may leave those documents out.
struct index_decl {
    std::span<std::string_view const> fields;
    bool unique = false;
    std::string_view where_field{};
    std::string_view where_text{};
    bool sparse = false;
};

struct collection {
    std::string_view name;
    std::span<field_decl const> fields;
    std::span<index_decl const> indexes;

    [[nodiscard]] constexpr field_decl const* find(std::string_view field) const noexcept {
        for (auto const& declared : fields)
            if (declared.name == field) return &declared;
        return nullptr;
    }
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
