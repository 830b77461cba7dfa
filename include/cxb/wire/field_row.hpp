#pragma once
/// @file
/// One row of a field table: `field<&x::member>("name")` and what may be said about it. The whole
/// picture, with an example, stands in `wire/field_table.hpp`; the C++ types a member may have
/// in `wire/member_types.hpp`.

#include <array>
#include <limits>
#include <span>
#include <string_view>

#include "cxb/wire/field_info.hpp"
#include "cxb/wire/member_types.hpp"
#include "cxb/wire/parse_options.hpp"
#include "cxb/wire/patterns.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

namespace detail {

/// "Not said": the engine then takes the bound of the type or of the pattern.
inline constexpr std::size_t unsaid = std::numeric_limits<std::size_t>::max();

template <class T>
inline constexpr char type_mark = 0;  ///< its address stands for T

/// Class and type of a pointer to member.
template <class>
struct pointer_parts;
template <class C, class M>
struct pointer_parts<M C::*> {
    using owner = C;
    using member = M;
};

/// What the engines of `src/wire` read; set through `field_row`, documented there.
struct row_data {
    std::string_view name;             ///< on the wire
    void const* owner = nullptr;       ///< mark of the struct the member belongs to
    void* (*access)(void*) = nullptr;  ///< object to member
    void* (*outer)(void*) = nullptr;   ///< merged rows: table's object to the row's owner
    member_ops const* ops = nullptr;   ///< functions of the member's type
    bool required = false;
    bool null_kept = false;
    bool as_seconds = false;   ///< wire unit is the second, with decimals
    bool object_only = false;  ///< raw: must be an object
    bool from_text = false;
    bool or_integer = false;
    bool lenient = false;
    bool tolerant = false;
    bool omit_default = false;
    bool write_aliases = false;
    sensitivity_kind sensitivity = sensitivity_kind::plain;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::size_t min_bytes = unsaid;
    std::size_t max_bytes = unsaid;
    std::size_t min_items = 0;
    std::size_t max_items = 0;
    text_pattern const* pattern = nullptr;
    std::span<std::string_view const> words;  ///< the only texts, if any
    std::array<std::string_view, 4> aliases{};
    std::size_t alias_count = 0;
    std::string_view default_text;  ///< stated default, checked at first use
    std::string_view since = "1.0";
    std::string_view deprecated_since;
    std::string_view writer;
    std::string_view reader;
    std::string_view doc;
    void (*custom_read)(void*, std::string_view, fault_sink&) = nullptr;
    void (*custom_write)(void const*, std::string&) = nullptr;
};

}  // namespace detail

/// A row. Every function returns the row, so that one row is one line of source.
class field_row {
  public:
    constexpr explicit field_row(detail::row_data data) : data_(data) {}

    /// Absence and null are faults. Without it: optional for `std::optional` and `nullable`, else
    /// the member initialiser of the struct is the default.
    constexpr field_row& required() { return data_.required = true, *this; }
    /// States the default as JSON text. Not needed: the member initialiser is the default; a text
    /// that differs from it is a programming error found at first use.
    constexpr field_row& def(std::string_view json) { return data_.default_text = json, *this; }

    /// Bounds of a number (of each item of a list), in wire units.
    constexpr field_row& range(double low, double high) { return min(low).max(high); }
    constexpr field_row& min(double low) { return data_.min = low, *this; }
    constexpr field_row& max(double high) { return data_.max = high, *this; }
    /// Bounds of a text, of each text item, of map values, of raw JSON text.
    constexpr field_row& bytes(std::size_t low, std::size_t high) {
        return data_.min_bytes = low, max_bytes(high);
    }
    constexpr field_row& max_bytes(std::size_t high) { return data_.max_bytes = high, *this; }
    /// Bounds of a list or map.
    constexpr field_row& items(std::size_t low, std::size_t high) {
        return data_.min_items = low, max_items(high);
    }
    constexpr field_row& max_items(std::size_t high) { return data_.max_items = high, *this; }
    /// A rule of `wire/patterns.hpp`; brings its byte bounds along.
    constexpr field_row& pattern(text_pattern const& rule) { return data_.pattern = &rule, *this; }
    /// The only texts a `std::string` member may have; `list` must be static.
    constexpr field_row& words(std::span<std::string_view const> list) {
        return data_.words = list, *this;
    }

    constexpr field_row& personal() { return sensitive(sensitivity_kind::personal); }
    constexpr field_row& secret() { return sensitive(sensitivity_kind::secret); }
    /// Another name accepted on input (at most 4); the canonical name wins.
    constexpr field_row& alias(std::string_view other) {
        return data_.aliases.at(data_.alias_count++) = other, *this;
    }
    /// Writers send the value under its aliases too.
    constexpr field_row& write_aliases() { return data_.write_aliases = true, *this; }
    constexpr field_row& since(std::string_view version) { return data_.since = version, *this; }
    constexpr field_row& deprecated(std::string_view version) {
        return data_.deprecated_since = version, *this;
    }
    constexpr field_row& writer(std::string_view who) { return data_.writer = who, *this; }
    constexpr field_row& reader(std::string_view who) { return data_.reader = who, *this; }
    /// One sentence. Every row needs one.
    constexpr field_row& doc(std::string_view sentence) { return data_.doc = sentence, *this; }

    /// Integral duration written as a number of seconds with decimals (`0.2` = 200 ms).
    constexpr field_row& as_seconds() { return data_.as_seconds = true, *this; }
    /// Raw JSON that must be an object.
    constexpr field_row& object() { return data_.object_only = true, *this; }
    /// Null is a value of its own for a `raw_json` member (nullable members always keep it).
    constexpr field_row& null_kept() { return data_.null_kept = true, *this; }
    /// Also reads text for what is no text (spec 10 §3.1): booleans from `true`, `1`, integers and
    /// numbers from digits, objects and lists of `raw_json` from JSON text; and booleans from 1, 0.
    constexpr field_row& from_text() { return data_.from_text = true, *this; }
    /// Text that may also come as a whole number, which then reads as its digits (ids of peers).
    constexpr field_row& or_integer() { return data_.or_integer = true, *this; }
    /// A value that cannot be read counts as absent, without a fault.
    constexpr field_row& lenient() { return data_.lenient = true, *this; }
    /// With `parse_options::tolerant_items` bad elements are dropped with a warning.
    constexpr field_row& tolerant() { return data_.tolerant = true, *this; }
    /// Writers leave the member out while it equals its default.
    constexpr field_row& omit_default() { return data_.omit_default = true, *this; }

    /// For the engines.
    [[nodiscard]] constexpr detail::row_data const& data() const noexcept { return data_; }
    [[nodiscard]] constexpr detail::row_data& data() noexcept { return data_; }

  private:
    constexpr field_row& sensitive(sensitivity_kind kind) {
        return data_.sensitivity = kind, *this;
    }
    detail::row_data data_;
};

namespace detail {

/// The part that `field` and `custom_field` share.
template <auto Member>
constexpr row_data row_of(std::string_view name) {
    using owner = typename pointer_parts<decltype(Member)>::owner;
    row_data out;
    out.name = name;
    out.owner = &type_mark<owner>;
    out.access = [](void* object) -> void* { return &(static_cast<owner*>(object)->*Member); };
    return out;
}

}  // namespace detail

/// Starts a row: wire name of a member.
template <auto Member>
[[nodiscard]] constexpr field_row field(std::string_view name) {
    auto out = detail::row_of<Member>(name);
    out.ops = &detail::member_ops_of<typename detail::pointer_parts<decltype(Member)>::member>;
    return field_row(out);
}

/// Starts a row whose member is read and written by functions of your own, for shapes no type
/// covers (a text or a list, a number or false):
/// `void Read(M&, std::string_view json, fault_sink&)` gets the compact JSON text of the value;
/// `void Write(M const&, std::string& out)` appends JSON, or nothing to leave the member out.
template <auto Member, auto Read, auto Write>
[[nodiscard]] constexpr field_row custom_field(std::string_view name) {
    using member = typename detail::pointer_parts<decltype(Member)>::member;
    auto out = detail::row_of<Member>(name);
    out.ops = &detail::custom_ops_of<member>;
    out.custom_read = [](void* to, std::string_view json, fault_sink& sink) {
        Read(*static_cast<member*>(to), json, sink);
    };
    out.custom_write = [](void const* from, std::string& text) {
        Write(*static_cast<member const*>(from), text);
    };
    return field_row(out);
}

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
