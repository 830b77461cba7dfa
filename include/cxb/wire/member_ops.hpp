#pragma once
/// @file
/// One record of plain functions per C++ member type, through which the engines of `src/wire`
/// reach any member without being templates. The records are made in `wire/member_types.hpp`;
/// who writes tables needs neither.
///
/// All functions take the address of a value or member as `void*`; the row it came from vouches
/// for its type. Thread-safety: constants.

#include <cstdint>
#include <span>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

class object_table;

namespace detail {

/// What the JSON value looks like and which functions of `value_ops` are set.
enum class value_kind : unsigned char {
    text,       ///< std::string
    boolean,    ///< bool
    integer,    ///< any integer type, integral durations: set_int, get_int
    number,     ///< double, floating durations: set_number, get_number
    timestamp,  ///< time_point
    secret,     ///< cxb::secret
    raw,        ///< raw_json
    word,       ///< open_enum or a closed enum: set_word, get_word, words
    record,     ///< a type with a table of its own: table
    list,       ///< std::vector: push, pop, size, nth, item
    map         ///< std::map of texts
};

/// Functions of a value type; those that its kind does not use are null.
struct value_ops {
    value_kind kind{};
    bool open = false;                                       ///< word: unknown words are kept
    double per_second = 0;                                   ///< duration: units in a second
    bool (*set_int)(void*, std::int64_t) = nullptr;          ///< false: out of the type's range
    std::int64_t (*get_int)(void const*) = nullptr;          ///< in units of the type
    void (*set_number)(void*, double) = nullptr;             ///< finite
    double (*get_number)(void const*) = nullptr;             ///< may be anything
    bool (*set_word)(void*, std::string_view) = nullptr;     ///< false: no such word
    std::string_view (*get_word)(void const*) = nullptr;     ///< "" for a value outside the words
    std::span<std::string_view const> words{};               ///< known words
    object_table const& (*table)() = nullptr;                ///< table of a nested type
    void* (*push)(void*) = nullptr;                          ///< appends an empty item
    void (*pop)(void*) = nullptr;                            ///< takes the last item away
    std::size_t (*size)(void const*) = nullptr;              ///< number of items
    void const* (*nth)(void const*, std::size_t) = nullptr;  ///< item i < size
    value_ops const* item = nullptr;                         ///< of the items
};

/// Functions of a member: a value, or one wrapped in optional or nullable.
struct member_ops {
    value_ops const* value = nullptr;            ///< null for members with readers of their own
    bool may_be_absent = false;                  ///< optional, nullable
    void* (*fresh)(void*) = nullptr;             ///< an empty value to read into
    void const* (*get)(void const*) = nullptr;   ///< the value; null when there is none
    bool (*is_null)(void const*) = nullptr;      ///< nullable only
    void (*set_null)(void*) = nullptr;           ///< nullable only
    void (*copy)(void*, void const*) = nullptr;  ///< the whole member
};

}  // namespace detail
}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
