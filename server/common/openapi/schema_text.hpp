#pragma once
/// @file
/// JSON Schemas of answers that no field table describes, written short and declared once.
///
/// ```cpp
/// std::string_view job_schema() {
///     static std::string const text = object_schema("job",
///         "id string, state =queued/running/done, run_at time, done_at? time|null, tries @try[]",
///         {{"try", R"({"type":"object"})"}});
///     return text;
/// }
/// constexpr schema_fn jobs = &page_schema<&job_schema>;
/// ```
/// A member is `name type`; commas stand between members; a `?` after the name: it may be absent.
///
/// | type                                              | means                                  |
/// |---------------------------------------------------|----------------------------------------|
/// | string, integer, number, boolean, object, null    | JSON's                                 |
/// | time                                              | RFC 3339 text                          |
/// | any                                               | whatever                               |
/// | `=a/b`                                            | one of these words                     |
/// | `@part`                                           | the schema of `parts` with this name   |
/// | `t[]`                                             | a list of t                            |
/// | `t\|u`                                            | t or u; `t\|u[]` is t or a list of u   |
///
/// Other members are always allowed: the wire grows. Parts hold no `$ref`; bases and the items of
/// pages and lists may. A text that is not of this form is a programming error (`std::logic_error`
/// at the first use; a test builds all of them).
/// Thread-safety: pure functions; the templates make their text once.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/common/http/route.hpp"

namespace cxb::server {

using schema_parts = std::initializer_list<std::pair<std::string_view, std::string_view>>;

[[nodiscard]] std::string object_schema(std::string_view title, std::string_view members,
                                        schema_parts parts = {});
/// `base` and further members. The type `known` leaves a member of the base as it is and makes it
/// one that is always there.
[[nodiscard]] std::string extended_schema(std::string_view base, std::string_view title,
                                          std::string_view members, schema_parts parts = {});
/// `base` with nothing required.
[[nodiscard]] std::string optional_schema(std::string_view base, std::string_view title);
/// `{items, total, page?, limit, next?, total_capped?}` of spec 20 §3.7.
[[nodiscard]] std::string page_schema_text(std::string_view item);
[[nodiscard]] std::string list_schema_text(std::string_view item);

template <schema_fn Item>
std::string_view page_schema() {
    static std::string const text = page_schema_text(Item());
    return text;
}
template <schema_fn Item>
std::string_view list_schema() {
    static std::string const text = list_schema_text(Item());
    return text;
}

/// `{"status":"deleted"}`
[[nodiscard]] std::string_view deleted_schema();
inline constexpr std::string_view deleted_example = R"({"status":"deleted"})";
/// `{"status":"ok"}`
[[nodiscard]] std::string_view done_schema();
inline constexpr std::string_view done_example = R"({"status":"ok"})";

}  // namespace cxb::server
