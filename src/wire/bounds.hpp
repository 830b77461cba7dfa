#pragma once
// What a row says about one value, checked the same way while reading and for values built in
// code. Each function gives the reason of the fault, "" when the value is good.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/field_row.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

std::string text_fault(row_data const& row, std::string_view text);
// `value` in wire units; finite when it comes from the reader.
inline bool is_within(row_data const& row, double value) {
    return value >= row.min && value <= row.max;
}
std::string number_fault(row_data const& row, double value);
// The text of a word, before it is looked up.
std::string word_fault(value_ops const& ops, std::string_view text);
std::string words_reason(std::span<std::string_view const> words);
std::string raw_fault(row_data const& row, raw_json const& value);
std::string count_fault(row_data const& row, std::size_t count);
std::string map_key_fault(std::string_view key);
std::string too_long(std::size_t bytes);

// Is the wire form a number with decimals although the member is integral?
inline bool is_fractional(row_data const& row, value_ops const& ops) {
    return ops.kind == value_kind::number || row.as_seconds;
}
// Integral member to wire units.
inline double wire_number(row_data const& row, value_ops const& ops, std::int64_t count) {
    return row.as_seconds ? static_cast<double>(count) / ops.per_second
                          : static_cast<double>(count);
}

// The object a row's member belongs to, and the member itself.
inline void* member_of(row_data const& row, void* object) {
    return row.access(row.outer == nullptr ? object : row.outer(object));
}
// Accessors only do arithmetic on the address, so reading through them changes nothing.
inline void const* member_of(row_data const& row, void const* object) {
    return member_of(row, const_cast<void*>(object));
}

// The faults of one document: at most `limits::faults`, then one that says so.
class fault_list {
  public:
    struct mark {
        std::size_t stored = 0;
        std::size_t count = 0;
    };
    [[nodiscard]] mark here() const { return {stored_.size(), count_}; }
    [[nodiscard]] bool grown(mark since) const { return count_ > since.count; }
    [[nodiscard]] bool has_room() const { return stored_.size() < capacity(); }
    // For callers that first ask has_room(), so that pointers are built only when kept.
    void add(std::string pointer, std::string reason);
    void count_only() { ++count_; }
    void drop_since(mark since);
    // As drop_since, but gives what was there.
    std::vector<fault> take_since(mark since);
    // Drops those at or below a pointer.
    void drop_below(mark since, std::string_view pointer);
    // Is there one at this pointer or above it, but below `base`?
    [[nodiscard]] bool covers(mark since, std::string_view base, std::string_view pointer) const;
    // Merges what a check reported; pointers get `base` in front.
    void merge(mark since, std::string const& base, std::vector<fault> found);
    [[nodiscard]] bool empty() const { return count_ == 0; }
    std::vector<fault> finish();

  private:
    static std::size_t capacity();
    std::vector<fault> stored_;
    std::size_t count_ = 0;
};

}  // namespace wire::detail
}  // namespace cxb::inline v1
