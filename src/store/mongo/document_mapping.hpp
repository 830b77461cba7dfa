#pragma once
/// @file
/// JSON documents as BSON and back: the one place that knows the stored form.
///
/// | JSON                                   | BSON                                            |
/// |----------------------------------------|-------------------------------------------------|
/// | `_id`, 24 lower-case hex digits        | ObjectId; every other id is text                |
/// | declared timestamp that parses         | date                                            |
/// | whole number to 2^63 - 1, other number | int64, double                                   |
/// | whole number from 2^63                 | decimal128                                      |
/// | member name                            | the same, escaped where servers refuse it       |
///
/// Escapes: `%` is `%25`, `.` is `%2E`, a NUL is `%00`, a leading `$` is `%24`, the empty name is
/// `%`, and `_cxb` at the top is `%5Fcxb`.
///
/// A declared field holds natively a value of its kind, null, or nothing. A value of another kind,
/// a timestamp whose text the date does not give back, a list on the way to a declared field, and
/// null in a field of a unique key are kept aside in `_cxb.k`, by escaped path, as `{v: value,
/// i: place among the members}`. So native filters, sort orders and indexes see what the port
/// promises. `_cxb` is never shown.

#include "cxb/store/collection.hpp"
#include "cxb/store/query.hpp"
#include "src/store/mongo/mongo_driver.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// The member of the adapter: `k` values kept aside, `n` a counter, `c` the batch that holds the
/// document (commit_protocol.hpp).
inline constexpr std::string_view own_member = "_cxb";
/// Servers take 16 MiB; the rest is for the adapter's member and the command around it.
inline constexpr std::size_t max_document = 16 * 1024 * 1024 - 16 * 1024;
/// Servers take 100 levels; the rest is for the command around the document.
inline constexpr int max_depth = 90;

/// Errors: `too_large` (size, depth), `invalid` (a text that is no UTF-8).
[[nodiscard]] result<bson_document> to_bson(collection const& of, json_object const& document);
[[nodiscard]] json_object from_bson(bson_document const& document);
/// Without `_cxb`: what filters and orders see.
[[nodiscard]] bson_document without_own(bson_document const& document);
/// A single element, as a value.
[[nodiscard]] json_value value_of(bson_iter_t const& element);

/// The stored form of a dotted path or of one name.
[[nodiscard]] std::string escaped_name(std::string_view name, bool top);
[[nodiscard]] std::string escaped_path(std::string_view path);
/// The key below `_cxb.k` for a path.
[[nodiscard]] std::string kept_key(std::string_view path);

/// Adds `_id` in its stored form under a key.
void add_id(bson_document& to, std::string_view key, std::string_view id);
[[nodiscard]] bool is_object_id(std::string_view id) noexcept;
/// Is it a timestamp that a date gives back letter by letter?
[[nodiscard]] bool is_canonical_timestamp(std::string_view text);

/// The parts of setting a value at a path: native members to set and to unset, values to keep
/// aside and to forget. `place` of values kept aside is unknown, so they return as last members.
struct stored_value {
    bson_document set;     ///< escaped path -> value
    bson_document unset;   ///< escaped path -> ""
    bson_document kept;    ///< `_cxb.k.…` -> entry
    bson_document forget;  ///< `_cxb.k.…` -> ""
};
/// `path` is not below a declared field. Errors: as `to_bson`.
[[nodiscard]] result<stored_value> store_at(collection const& of, std::string_view path,
                                            json_value const& value);
/// What removing a path forgets.
void forget_below(collection const& of, std::string_view path, bson_document& forget);

/// Adds the members of names that are not there yet.
void add_missing(bson_document& to, bson_document const& from);

/// Relation of a path to the declared fields.
enum class path_role { free, above_declared, declared, below_declared };
[[nodiscard]] path_role role_of(collection const& of, std::string_view path);

}  // namespace store::mongo
}  // namespace cxb::inline v1
