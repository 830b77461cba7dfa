#pragma once
/// @file
/// Filters, updates and sort orders: the common part of MongoDB and SQLite as plain data.
///
/// ```cpp
/// filter due = all_of({eq("state", "queued"), lte("run_at", json_value(now_text))});
/// update claim = update{}.set("state", "running").inc("fence", 1).unset("last_error");
/// ```
/// Comparisons follow the declared field type; timestamps are given as wire text. Absent and null
/// are the same to filters. Thread-safety: value types.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

using wire::json_object;
using wire::json_value;

/// The document's identity field.
inline constexpr std::string_view id_field = "_id";

enum class compare { eq, ne, lt, lte, gt, gte, in, exists, missing, prefix };

/// `field` is a declared field or `_id`. `in` takes an array; `exists`/`missing` ignore the value;
/// `prefix` takes a text and is served by an index.
struct condition {
    std::string field;
    compare op = compare::eq;
    json_value value;
};

/// All of `all` and, when `any` is not empty, at least one of `any`. The empty filter matches all.
struct filter {
    std::vector<condition> all;
    std::vector<filter> any;
};

[[nodiscard]] condition eq(std::string_view field, json_value value);
[[nodiscard]] condition ne(std::string_view field, json_value value);
[[nodiscard]] condition lt(std::string_view field, json_value value);
[[nodiscard]] condition lte(std::string_view field, json_value value);
[[nodiscard]] condition gt(std::string_view field, json_value value);
[[nodiscard]] condition gte(std::string_view field, json_value value);
[[nodiscard]] condition in(std::string_view field, wire::json_array values);
[[nodiscard]] condition exists(std::string_view field);
[[nodiscard]] condition missing(std::string_view field);
[[nodiscard]] condition starts_with(std::string_view field, std::string_view prefix);
[[nodiscard]] filter all_of(std::vector<condition> conditions);
[[nodiscard]] filter any_of(std::vector<filter> branches);
/// `_id` equals.
[[nodiscard]] filter by_id(std::string_view id);

/// One change of a document. Paths are dotted and may name undeclared members.
struct change {
    enum class kind { set, unset, inc, push, set_on_insert };
    kind what = kind::set;
    std::string path;
    json_value value;
    std::size_t keep_newest = 0;  ///< push: cut the list to its newest entries; 0 = all
};

/// Changes applied in order, atomically for one document. Steps of a path that are absent, or no
/// objects, become objects; a number or list that is none counts as absent. `_id` never changes:
/// an update that would is a programming error.
class update {
  public:
    update& set(std::string_view path, json_value value);
    update& unset(std::string_view path);
    /// Adds to a number; an absent one counts as 0.
    update& inc(std::string_view path, std::int64_t by);
    /// Appends to a list; an absent one counts as empty.
    update& push(std::string_view path, json_value value, std::size_t keep_newest = 0);
    /// Only when an upsert inserts.
    update& set_on_insert(std::string_view path, json_value value);
    [[nodiscard]] std::vector<change> const& changes() const noexcept { return changes_; }
    [[nodiscard]] bool empty() const noexcept { return changes_.empty(); }
    /// Applies the changes to a document in memory (adapters without native operators, fakes).
    void apply(json_object& document, bool inserted) const;

  private:
    std::vector<change> changes_;
};

struct sort_key {
    std::string field;
    bool descending = false;
};

/// `after` is the opaque cursor a former page returned; with it no row is met twice or missed
/// while others are written; `skip` is then ignored. `_id` is the silent last sort key, in the
/// direction of the key before it. Absent and null values come first, descending last. `limit` 0
/// gives all. `_id` is always given back.
struct find_options {
    std::vector<sort_key> sort;
    std::size_t limit = 50;
    std::size_t skip = 0;
    std::string after;
    std::vector<std::string> only;  ///< top-level members to give back; empty = whole documents
};

/// Does a document in memory satisfy the filter? (fakes, checkers)
[[nodiscard]] bool matches(filter const& wanted, json_object const& document);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
