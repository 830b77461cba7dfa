#pragma once
/// @file
/// All document types by name: what `cxb contract check --type T` and `cxb contract schema T`
/// offer, what is installed as `share/cxb/schema/v1/<name>.json`, and what the contract tests run
/// over. A new document type gets one line in `src/contract/registry.cpp`.
///
/// ```cpp
/// if (auto const* type = contract::find_document_type("call_results")) {
///     auto checked = type->normalise(text, {.max_bytes = type->max_bytes});
///     if (!checked) report(checked.error().faults());
/// }
/// ```
/// Thread-safety: constants; all functions may run in parallel.

#include <span>
#include <string>
#include <string_view>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract {

/// | field     | meaning                                                                        |
/// |-----------|--------------------------------------------------------------------------------|
/// | name      | type name, also the name of its folder among the contract cases                |
/// | contract  | folder of its header under `contract/`                                         |
/// | max_bytes | limit of the body that carries it (spec 10 §1.3)                               |
/// | table     | its field table: `fields()` are its columns                                    |
/// | schema    | JSON Schema 2020-12, lives as long as the program                              |
/// | normalise | parse and serialize; errors as `parse_x`: `malformed`, `too_large`, `invalid`  |
struct document_type {
    std::string_view name;
    std::string_view contract;
    std::size_t max_bytes;
    wire::object_table const& (*table)();
    std::string_view (*schema)();
    result<std::string> (*normalise)(std::string_view text, wire::parse_options how);
};

/// Sorted by contract and name.
[[nodiscard]] std::span<document_type const> document_types() noexcept;

/// Null when there is no type of that name.
[[nodiscard]] document_type const* find_document_type(std::string_view name) noexcept;

}  // namespace contract
}  // namespace cxb::inline v1
CXB_EXPORT_END
