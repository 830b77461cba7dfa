#pragma once
/// @file
/// The table of one wire type and the engines that work on it; part of `wire/field_table.hpp`,
/// which explains the whole and is what wire types include.
///
/// Reading is one pass over the text (spec 10 §1.2) and reports all faults together, at most 50
/// and then `{"", "more faults not shown"}`, each with a JSON Pointer and a reason. Errors:
/// `malformed` (400: no JSON, bad UTF-8, deeper than 32), `too_large` (413), `invalid` (422).
/// Thread-safety: tables are immutable after their first use; all functions may run in parallel.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/limits.hpp"
#include "cxb/base/result.hpp"
#include "cxb/wire/field_row.hpp"
#include "cxb/wire/json_fwd.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// What happens to members that no row names (spec 10 §1.2).
enum class unknown_rule : unsigned char {
    ignore,         ///< dropped; at the top level named in `parse_options::ignored`
    keep_in_place,  ///< kept in a raw_json member, written back beside the known ones
    collect         ///< kept in a raw_json member, written as one member (`ext`)
};

namespace detail {

/// Rows of another table that count as this one's.
struct merged_part {
    object_table const& (*table)() = nullptr;
    void* (*outer)(void*) = nullptr;
};

/// What `table<T>` says, without T.
struct table_spec {
    std::string_view name;                 ///< "": the struct's own
    std::string_view doc;                  ///< one sentence about the type
    std::span<field_row const> rows;       ///< own rows, without merged ones
    void const* owner = nullptr;           ///< mark of T
    void const* (*prototype)() = nullptr;  ///< an object as its initialisers make it
    unknown_rule unknown = unknown_rule::ignore;
    void* (*unknown_member)(void*) = nullptr;
    std::string_view unknown_name;  ///< collect: member they are written as
    std::size_t unknown_bytes = 0;  ///< kept ones together
    std::string_view dropped_prefix;
    std::string_view bare;  ///< member a scalar stands for
    void (*check)(void const*, fault_sink&) = nullptr;
    void (*after_read)(void*, fault_sink&) = nullptr;
    std::array<merged_part, 3> merged{};
    std::size_t merged_count = 0;
};

}  // namespace detail

/// The table of T, to be given to CXB_WIRE_TYPE or CXB_WIRE_PART.
template <class T>
class table {
  public:
    template <std::size_t N>
    constexpr table(std::string_view sentence, field_row const (&rows)[N]) : table(sentence) {
        static_assert(N <= 64, "required members are a bit set of 64");
        spec_.rows = rows;
    }
    /// Without rows of its own: what `merge` brings.
    constexpr explicit table(std::string_view sentence) {
        spec_.doc = sentence;
        spec_.owner = &detail::type_mark<T>;
        spec_.prototype = []() -> void const* {
            static T const made{};
            return &made;
        };
    }
    /// The name of the document type, where several structs in different namespaces have the same.
    constexpr table& name(std::string_view text) { return spec_.name = text, *this; }
    /// Rows of a base class, put before the own ones.
    template <class Base>
    constexpr table& merge() {
        static_assert(std::is_base_of_v<Base, T>);
        return merge_part<Base>(
            [](void* p) -> void* { return static_cast<Base*>(static_cast<T*>(p)); });
    }
    /// Rows of a member's type as members of this object, put before the own ones.
    template <auto Member>
    constexpr table& merge() {
        using part = typename detail::pointer_parts<decltype(Member)>::member;
        return merge_part<part>([](void* p) -> void* { return &(static_cast<T*>(p)->*Member); });
    }
    /// Unknown members are kept in this raw_json member; together at most `max_bytes`, else they
    /// are dropped with a warning.
    template <auto Member>
    constexpr table& keep_unknown(std::size_t max_bytes) {
        spec_.unknown = unknown_rule::keep_in_place;
        spec_.unknown_bytes = max_bytes;
        spec_.unknown_member = [](void* p) -> void* { return &(static_cast<T*>(p)->*Member); };
        return *this;
    }
    /// As keep_unknown, but written as one member `name`, which on input is taken apart again.
    template <auto Member>
    constexpr table& collect_unknown(std::string_view name, std::size_t max_bytes) {
        keep_unknown<Member>(max_bytes);
        spec_.unknown = unknown_rule::collect;
        spec_.unknown_name = name;
        return *this;
    }
    /// Unknown members that begin so are dropped silently whatever the rule.
    constexpr table& drop_prefix(std::string_view prefix) {
        return spec_.dropped_prefix = prefix, *this;
    }
    /// A text, number or boolean in place of the object stands for an object with this member.
    constexpr table& bare(std::string_view member) { return spec_.bare = member, *this; }
    /// `void f(T const&, fault_sink&)`: rules across members. Runs after reading and in validate,
    /// also when members have faults, so it must not trust bounds.
    template <auto Function>
    constexpr table& check() {
        spec_.check = [](void const* p, fault_sink& s) { Function(*static_cast<T const*>(p), s); };
        return *this;
    }
    /// `void f(T&, fault_sink&)`: fills members that follow from others. Runs after reading only,
    /// before the check.
    template <auto Function>
    constexpr table& after_read() {
        spec_.after_read = [](void* p, fault_sink& s) { Function(*static_cast<T*>(p), s); };
        return *this;
    }
    [[nodiscard]] constexpr detail::table_spec const& spec() const noexcept { return spec_; }

  private:
    template <class Part>
    constexpr table& merge_part(void* (*outer)(void*)) {
        spec_.merged.at(spec_.merged_count++) = {
            []() -> object_table const& { return wire_table(tag<Part>{}); }, outer};
        return *this;
    }
    detail::table_spec spec_;
};

/// A table made ready for use. Construction checks it and throws `std::logic_error` naming the
/// row: repeated name, row of another struct, no sentence, stated default that is not the member
/// initialiser, default out of its own bounds, more than 64 rows.
class object_table {
  public:
    template <class T>
    object_table(std::string_view name, table<T> const& built) : object_table(name, built.spec()) {}
    object_table(std::string_view name, detail::table_spec const& spec);
    object_table(object_table const&) = delete;
    object_table& operator=(object_table const&) = delete;

    /// Name of the struct, or what `table::name` says.
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] detail::table_spec const& spec() const noexcept { return spec_; }
    /// All rows, merged ones first, with all bounds settled.
    [[nodiscard]] std::span<field_row const> rows() const noexcept { return rows_; }
    /// Their names, in the same order; close together, because readers search them.
    [[nodiscard]] std::span<std::string_view const> names() const noexcept { return names_; }
    /// The same as data, in the same order.
    [[nodiscard]] std::span<field_info const> fields() const noexcept { return infos_; }
    /// Bit i: row i is required.
    [[nodiscard]] std::uint64_t required() const noexcept { return required_; }
    /// JSON text of row i's default, "" when it has none.
    [[nodiscard]] std::string_view default_json(std::size_t i) const noexcept {
        return infos_[i].default_json;
    }

  private:
    std::string_view name_;
    detail::table_spec spec_;
    std::vector<field_row> rows_;
    std::vector<std::string_view> names_;
    std::vector<field_info> infos_;
    std::uint64_t required_ = 0;
};

// The engines; objects are passed untyped. Use the typed forms below.
result<void> read_text(object_table const&, void* to, std::string_view text, parse_options const&);
result<void> read_value(object_table const&, void* to, json_view value, parse_options const&);
void write_text(object_table const&, void const* from, std::string& out);
[[nodiscard]] json_object write_object(object_table const&, void const* from);
[[nodiscard]] json_object write_object(object_table const&, void const* from,
                                       boost::json::storage_ptr memory);
[[nodiscard]] result<void> check_value(object_table const&, void const* value);
[[nodiscard]] std::string log_line(object_table const&, void const* value);
/// JSON Schema 2020-12 of the type, nested types under `$defs`.
[[nodiscard]] std::string schema_text(object_table const&);

/// Reads a T from JSON text or from a parsed value.
template <class T>
[[nodiscard]] result<T> read(std::string_view text, parse_options const& how = {}) {
    T out{};
    CXB_CHECK(read_text(wire_table(tag<T>{}), &out, text, how));
    return out;
}
template <class T>
[[nodiscard]] result<T> read(json_view value, parse_options const& how = {}) {
    T out{};
    CXB_CHECK(read_value(wire_table(tag<T>{}), &out, value, how));
    return out;
}
/// Appends compact JSON. An invalid value is a programming error (asserted in debug builds).
template <class T>
void write(T const& value, std::string& out) {
    write_text(wire_table(tag<T>{}), &value, out);
}
/// The same as a DOM, for stores. The caller includes `wire/json.hpp`.
template <class T>
[[nodiscard]] auto to_object(T const& value) {
    return write_object(wire_table(tag<T>{}), &value);
}
/// All parts in one memory resource (`boost::json::storage_ptr`): cheaper for large documents.
template <class T, class Memory>
[[nodiscard]] auto to_object(T const& value, Memory const& memory) {
    return write_object(wire_table(tag<T>{}), &value, memory);
}
/// The bounds and rules of the reader, for values built in code. Errors: `invalid`.
template <class T>
[[nodiscard]] result<void> check(T const& value) {
    return check_value(wire_table(tag<T>{}), &value);
}
/// JSON text fit for logs: personal members as `<personal:N bytes>`, secrets as `***`.
template <class T>
[[nodiscard]] std::string log_text(T const& value) {
    return log_line(wire_table(tag<T>{}), &value);
}

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
