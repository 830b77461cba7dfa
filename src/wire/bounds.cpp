#include "src/wire/bounds.hpp"

#include <algorithm>
#include <cmath>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

std::string number_reason(std::string_view start, double bound) {
    std::string out(start);
    append_number(out, bound);
    return out;
}

std::string counted(std::string_view start, std::size_t n, std::string_view unit) {
    std::string out(start);
    out.append(std::to_string(n)).append(1, ' ').append(unit);
    if (n != 1) out += 's';
    return out;
}

bool is_at_or_below(std::string_view pointer, std::string_view above) {
    return pointer.starts_with(above) &&
           (pointer.size() == above.size() || pointer[above.size()] == '/');
}

}  // namespace

std::string too_long(std::size_t bytes) {
    return counted("too long: at most ", bytes, "byte");
}

std::string words_reason(std::span<std::string_view const> words) {
    std::string out = "must be one of: ";
    for (auto const& word : words) {
        if (&word != words.data()) out += ", ";
        out += word;
    }
    return out;
}

std::string text_fault(row_data const& row, std::string_view text) {
    if (text.size() > row.max_bytes) return too_long(row.max_bytes);
    if (text.size() < row.min_bytes) {
        if (row.min_bytes == 1) return "must not be empty";
        return counted("too short: at least ", row.min_bytes, "byte");
    }
    if (row.pattern != nullptr && !matches(*row.pattern, text))
        return std::string(row.pattern->reason);
    auto const is_text = [&](std::string_view word) { return word == text; };
    if (!row.words.empty() && std::none_of(row.words.begin(), row.words.end(), is_text))
        return words_reason(row.words);
    return {};
}

std::string number_fault(row_data const& row, double value) {
    if (!std::isfinite(value)) return "must be a finite number";
    if (value < row.min) return number_reason("must be at least ", row.min);
    if (value > row.max) return number_reason("must be at most ", row.max);
    return {};
}

std::string word_fault(value_ops const& ops, std::string_view text) {
    if (ops.open && (text.empty() || text.size() > limits::open_word))
        return counted("must be 1 to ", limits::open_word, "byte");
    return {};
}

std::string raw_fault(row_data const& row, raw_json const& value) {
    if (value.size() > row.max_bytes) return too_long(row.max_bytes);
    return {};
}

std::string count_fault(row_data const& row, std::size_t count) {
    if (row.max_items != 0 && count > row.max_items)
        return counted("too many items: at most ", row.max_items, "item");
    if (count < row.min_items) return counted("too few items: at least ", row.min_items, "item");
    return {};
}

std::string map_key_fault(std::string_view key) {
    if (key.size() > limits::text) return "name " + too_long(limits::text);
    return {};
}

std::size_t fault_list::capacity() {
    return limits::faults;
}

void fault_list::add(std::string pointer, std::string reason) {
    ++count_;
    if (has_room()) stored_.push_back({std::move(pointer), std::move(reason)});
}

void fault_list::drop_since(mark since) {
    stored_.resize(std::min(stored_.size(), since.stored));
    count_ = since.count;
}

std::vector<fault> fault_list::take_since(mark since) {
    std::vector<fault> out(
        std::make_move_iterator(stored_.begin() + static_cast<std::ptrdiff_t>(since.stored)),
        std::make_move_iterator(stored_.end()));
    drop_since(since);
    return out;
}

void fault_list::drop_below(mark since, std::string_view pointer) {
    auto const from = stored_.begin() + static_cast<std::ptrdiff_t>(since.stored);
    auto const gone = std::remove_if(from, stored_.end(), [&](fault const& known) {
        return is_at_or_below(known.pointer, pointer);
    });
    count_ -= static_cast<std::size_t>(stored_.end() - gone);
    stored_.erase(gone, stored_.end());
}

bool fault_list::covers(mark since, std::string_view base, std::string_view pointer) const {
    return std::any_of(stored_.begin() + static_cast<std::ptrdiff_t>(since.stored), stored_.end(),
                       [&](fault const& known) {
                           return known.pointer.size() > base.size() &&
                                  is_at_or_below(pointer, known.pointer);
                       });
}

void fault_list::merge(mark since, std::string const& base, std::vector<fault> found) {
    auto const before = stored_.size();
    for (auto& item : found) {
        auto pointer = base + item.pointer;
        // Two findings of one check are both told; what the reader found is told once.
        bool const known = before > since.stored && covers(since, base, pointer);
        if (!known) add(std::move(pointer), std::move(item.reason));
    }
}

std::vector<fault> fault_list::finish() {
    if (count_ > stored_.size()) stored_.push_back({"", "more faults not shown"});
    return std::move(stored_);
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
