#pragma once
/// @file
/// Which C++ types a member of a wire type may have, and how each looks in JSON.
///
/// | C++ type                           | JSON                       | notes                     |
/// |------------------------------------|----------------------------|---------------------------|
/// | std::string                        | string                     | 1024 bytes unless said    |
/// | bool                               | true, false                |                           |
/// | any integer type                   | number without fraction    | `5.0` reads as 5          |
/// | double                             | number                     | finite                    |
/// | std::chrono duration, integral     | whole number of its unit   | `.as_seconds()`: decimals |
/// | std::chrono duration, floating     | number of its unit         |                           |
/// | time_point                         | RFC 3339 string            | out: UTC, three decimals  |
/// | secret                             | string                     | never printed             |
/// | raw_json                           | anything                   | `.object()`: object only  |
/// | open_enum<E>                       | string of 1 to 64 bytes    | unknown words survive     |
/// | E with enum_words<E>               | string                     | unknown word is a fault   |
/// | a type with a table of its own     | object                     |                           |
/// | std::vector of any of these        | array                      | null items are faults     |
/// | std::map<std::string, std::string> | object of strings          | sorted when written       |
/// | std::optional of any of these      |                            | absent allowed            |
/// | nullable of any of these           |                            | absent, null, present     |
///
/// Reading and writing, per type:
/// - An integer takes any JSON number without fraction that fits, however it is spelled; a text or
///   boolean is a fault. Bounds of the row are in wire units.
/// - A duration with `.as_seconds()` is rounded to the nearest of its own units.
/// - A list starts empty when the member is present, also when its default is not. Bounds of the
///   row that speak of a value hold for each item, those on items for the list.
/// - A nested type starts from its own initialisers. Who wants absence to show uses optional.
/// - A closed enum should be used only where a new word could not be handled anyway.
/// - `std::vector<bool>` is refused, for its items have no address; so are types that hold
///   themselves.
///
/// Shapes that are none of these (a text or a list, a number or false) get functions of their own
/// through `custom_field`; `.bare()` of a table covers "an object, or its name alone".
///
/// Below are the templates that make the records of `wire/member_ops.hpp`; table authors need
/// nothing of it. Thread-safety: constants.

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/nullable.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/member_ops.hpp"
#include "cxb/wire/raw_json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// Names a type in overload resolution without converting: `wire_table(tag<x>{})`.
template <class T>
struct tag {};

namespace detail {

/// Which template a member type comes from.
template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;
/// Lists of anything.
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// The words of an enum without their values.
template <class E>
constexpr auto make_words() {
    std::array<std::string_view, std::size(enum_words<E>::words)> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = enum_words<E>::words[i].second;
    return out;
}
/// One array for each enum.
template <class E>
inline constexpr auto words_of = make_words<E>();

/// False, and nothing done, when the number does not fit.
template <class T>
constexpr bool assign_int(T& to, std::int64_t from) {
    if (!std::in_range<T>(from)) return false;
    to = static_cast<T>(from);
    return true;
}

/// Integers of any width and sign.
template <class T>
constexpr value_ops integer_ops() {
    return {.kind = value_kind::integer,
            .set_int = [](void* p, std::int64_t v) { return assign_int(*static_cast<T*>(p), v); },
            .get_int = [](void const* p) { return std::int64_t(*static_cast<T const*>(p)); }};
}

/// Durations count in their own unit; `per_second` lets a row speak of seconds instead.
template <class D>
constexpr value_ops duration_ops() {
    using rep = typename D::rep;  // what it counts in
    value_ops out;
    out.per_second = double(D::period::den) / double(D::period::num);
    if constexpr (std::is_floating_point_v<rep>) {
        out.kind = value_kind::number;
        out.set_number = [](void* p, double v) { *static_cast<D*>(p) = D(static_cast<rep>(v)); };
        out.get_number = [](void const* p) { return double(static_cast<D const*>(p)->count()); };
    } else {
        out.kind = value_kind::integer;
        out.set_int = [](void* p, std::int64_t v) {
            rep count{};
            if (!assign_int(count, v)) return false;
            *static_cast<D*>(p) = D(count);
            return true;
        };
        out.get_int = [](void const* p) { return std::int64_t(static_cast<D const*>(p)->count()); };
    }
    return out;
}

/// Is it an `open_enum`?
template <class T>
inline constexpr bool is_open = false;
template <class E>
inline constexpr bool is_open<open_enum<E>> = true;

/// An enumeration that keeps words it does not know.
template <class E>
constexpr value_ops open_ops(open_enum<E> const*) {
    using word = open_enum<E>;  // holds the text itself
    return {.kind = value_kind::word,
            .open = true,
            .set_word =
                [](void* p, std::string_view v) {
                    *static_cast<word*>(p) = word::from_text(v);
                    return true;
                },
            .get_word = [](void const* p) -> std::string_view {
                return static_cast<word const*>(p)->text();
            },
            .words = words_of<E>};
}

/// An enumeration that refuses words it does not know.
template <class E>
constexpr value_ops closed_ops() {
    return {.kind = value_kind::word,
            .set_word =
                [](void* p, std::string_view v) {
                    auto const known = value_of<E>(v);
                    if (known) *static_cast<E*>(p) = *known;
                    return known.has_value();
                },
            .get_word = [](void const* p) { return word_of(*static_cast<E const*>(p)); },
            .words = words_of<E>};
}

/// The record of a value type: one constant for each type.
template <class T>
constexpr value_ops make_value_ops();
/// Its address is what rows and lists point to.
template <class T>
inline constexpr value_ops value_ops_of = make_value_ops<T>();

/// A list. An item's address is good until the next push.
template <class V>
constexpr value_ops list_ops() {
    using item = typename V::value_type;  // any type of the table above
    static_assert(!std::is_same_v<item, bool>, "std::vector<bool> has no addressable items");
    return {.kind = value_kind::list,
            .push = [](void* p) -> void* { return &static_cast<V*>(p)->emplace_back(); },
            .pop = [](void* p) { static_cast<V*>(p)->pop_back(); },
            .size = [](void const* p) { return static_cast<V const*>(p)->size(); },
            .nth = [](void const* p, std::size_t i) -> void const* {
                return &(*static_cast<V const*>(p))[i];
            },
            .item = &value_ops_of<item>};
}

/// Chooses by type; what is none of the known ones must have a table (`CXB_WIRE_DECLARE_PART`).
template <class T>
constexpr value_ops make_value_ops() {
    if constexpr (std::is_same_v<T, std::string>) {
        return {.kind = value_kind::text};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {.kind = value_kind::boolean};
    } else if constexpr (std::is_integral_v<T>) {
        return integer_ops<T>();
    } else if constexpr (std::is_same_v<T, double>) {
        return {.kind = value_kind::number,
                .set_number = [](void* p, double v) { *static_cast<double*>(p) = v; },
                .get_number = [](void const* p) { return *static_cast<double const*>(p); }};
    } else if constexpr (is_duration<T>) {
        return duration_ops<T>();
    } else if constexpr (std::is_same_v<T, time_point>) {
        return {.kind = value_kind::timestamp};
    } else if constexpr (std::is_same_v<T, secret>) {
        return {.kind = value_kind::secret};
    } else if constexpr (std::is_same_v<T, raw_json>) {
        return {.kind = value_kind::raw};
    } else if constexpr (is_open<T>) {
        return open_ops(static_cast<T const*>(nullptr));
    } else if constexpr (std::is_enum_v<T>) {
        return closed_ops<T>();
    } else if constexpr (is_vector<T>) {
        return list_ops<T>();
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        return {.kind = value_kind::map};
    } else {
        return {.kind = value_kind::record, .table = []() -> object_table const& {
                    return wire_table(tag<T>{});  // declared beside T
                }};
    }
}

/// Everything but scalars is emptied; a scalar is overwritten anyway.
template <class T>
void* emptied(T& value) {
    if constexpr (!std::is_arithmetic_v<T> && !std::is_enum_v<T>) value = T{};
    return &value;
}

/// A member that always has a value.
template <class M>
struct ops_of {
    static constexpr member_ops make() {
        return {.value = &value_ops_of<M>,
                .fresh = [](void* p) { return emptied(*static_cast<M*>(p)); },
                .get = [](void const* p) { return p; }};
    }
};
/// A member that may be absent.
template <class T>
struct ops_of<std::optional<T>> {
    using member = std::optional<T>;
    static constexpr member_ops make() {
        return {.value = &value_ops_of<T>,
                .may_be_absent = true,
                .fresh = [](void* p) -> void* { return &static_cast<member*>(p)->emplace(); },
                .get = [](void const* p) -> void const* {
                    auto const& value = *static_cast<member const*>(p);
                    return value ? &*value : nullptr;
                }};
    }
};
/// A member that may be absent or null.
template <class T>
struct ops_of<nullable<T>> {
    using member = nullable<T>;
    static constexpr member_ops make() {
        return {.value = &value_ops_of<T>,
                .may_be_absent = true,
                .fresh = [](void* p) -> void* {
                    auto& value = *static_cast<member*>(p);
                    value = member(T{});
                    return &value.value();
                },
                .get = [](void const* p) -> void const* {
                    auto const& value = *static_cast<member const*>(p);
                    return value.has_value() ? &value.value() : nullptr;
                },
                .is_null = [](void const* p) { return static_cast<member const*>(p)->is_null(); },
                .set_null = [](void* p) { *static_cast<member*>(p) = null; }};
    }
};

/// Assigns the whole member, absence included.
template <class M>
void copy_member(void* to, void const* from) {
    *static_cast<M*>(to) = *static_cast<M const*>(from);
}
/// The record of a member type: one constant for each type.
template <class M>
constexpr member_ops make_member_ops() {
    auto out = ops_of<M>::make();
    out.copy = copy_member<M>;  // from the prototype, for repeated members
    return out;
}
/// Its address is what rows point to.
template <class M>
inline constexpr member_ops member_ops_of = make_member_ops<M>();
/// Of a member that has functions of its own for reading and writing.
template <class M>
inline constexpr member_ops custom_ops_of = {.may_be_absent = requires(M m){m.has_value();
}  // namespace detail
, .copy = copy_member<M>
};  // namespace wire

}  // namespace cxb::inline v1
}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
