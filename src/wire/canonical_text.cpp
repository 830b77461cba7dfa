#include "src/wire/canonical_text.hpp"

#include <algorithm>
#include <cstdlib>

#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

constexpr std::int64_t exact_integers = std::int64_t{1} << 53;

// RFC 8785 sorts names by UTF-16 code units: like UTF-8 bytes, except that characters outside the
// basic plane (lead byte 0xF0 and up) come before U+E000–U+FFFF (lead bytes 0xEE, 0xEF).
int utf16_compare(std::string_view a, std::string_view b) {
    auto const [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() || y == b.end()) return (y == b.end()) - (x == a.end());
    auto const left = static_cast<unsigned char>(*x);
    auto const right = static_cast<unsigned char>(*y);
    bool const left_astral = left >= 0xF0;
    bool const right_astral = right >= 0xF0;
    if (left_astral != right_astral) {
        if (left_astral && right >= 0xEE) return -1;
        if (right_astral && left >= 0xEE) return 1;
    }
    return left < right ? -1 : 1;
}

}  // namespace

void canonical_text::separate() {
    if (out_.empty()) return;
    char const last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void canonical_text::object_begin() {
    separate();
    out_ += '{';
    objects_.push_back({out_.size(), members_.size(), names_.size()});
}

void canonical_text::object_end(std::size_t /*count*/) {
    auto const at = objects_.back();
    end_member();
    auto const first = members_.begin() + static_cast<std::ptrdiff_t>(at.first);
    auto const out_of_order = [this](member const& a, member const& b) {
        return compare(a, b) >= 0;
    };
    if (std::adjacent_find(first, members_.end(), out_of_order) != members_.end()) reorder(at);
    out_ += '}';
    members_.resize(at.first);
    names_.resize(at.names);
    objects_.pop_back();
}

void canonical_text::array_begin() {
    separate();
    out_ += '[';
}

void canonical_text::array_end(std::size_t /*count*/) {
    out_ += ']';
}

void canonical_text::key(std::string_view name) {
    end_member();
    separate();
    members_.push_back({names_.size(), name.size(), out_.size(), 0});
    names_ += name;
    append_string(out_, name);
    out_ += ':';
}

void canonical_text::string(std::string_view text) {
    separate();
    append_string(out_, text);
}

void canonical_text::number(number_token const& token) {
    separate();
    bool const exact = token.kind == number_token::form::signed_whole &&
                       std::abs(token.real) < static_cast<double>(exact_integers);
    if (exact)
        append_integer(out_, token.whole);
    else
        append_number(out_, token.real);
}

void canonical_text::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
}

void canonical_text::null() {
    separate();
    out_ += "null";
}

int canonical_text::compare(member const& a, member const& b) const {
    return utf16_compare(name_of(a), name_of(b));
}

// The last member of the innermost object is complete.
void canonical_text::end_member() {
    if (members_.size() > objects_.back().first) members_.back().end = out_.size();
}

// Of repeated names the last wins.
void canonical_text::reorder(open_object const& at) {
    auto const first = members_.begin() + static_cast<std::ptrdiff_t>(at.first);
    std::sort(first, members_.end(), [this](member const& a, member const& b) {
        auto const order = compare(a, b);
        return order != 0 ? order < 0 : a.begin < b.begin;
    });
    scratch_.clear();
    for (auto each = first; each != members_.end(); ++each) {
        auto const next = std::next(each);
        if (next != members_.end() && name_of(*next) == name_of(*each)) continue;
        if (!scratch_.empty()) scratch_ += ',';
        scratch_.append(out_, each->begin, each->end - each->begin);
    }
    out_.replace(at.begin, std::string::npos, scratch_);
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
