#include "cxb/wire/parse_options.hpp"

#include <charconv>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

// Readers and proxies take heads of 8 KiB and more; a body may name thousands of members.
constexpr std::size_t most_ignored_header = 4 * limits::kib;

}  // namespace

std::string ignored_fields_header(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) {
        auto const next = percent_encode(name);
        if (out.size() + next.size() >= most_ignored_header) break;
        if (!out.empty()) out += ',';
        out += next;
    }
    return out;
}

void fault_sink::add(std::string pointer, std::string reason) {
    faults_.push_back({std::move(pointer), std::move(reason)});
}

void fault_sink::add(error const& cause) {
    if (cause.faults().empty()) add(cause.pointer(), cause.detail());
    for (auto const& item : cause.faults())
        add(item.pointer, item.reason);
}

void fault_sink::warn(std::string pointer, std::string reason) {
    warnings_.push_back({std::move(pointer), std::move(reason)});
}

std::size_t fault_sink::place_of(std::string_view list, std::size_t index) const {
    for (std::string_view at : dropped_) {
        if (!at.starts_with(list) || at.size() <= list.size() || at[list.size()] != '/') continue;
        at.remove_prefix(list.size() + 1);
        std::size_t gone = 0;
        auto const read = std::from_chars(at.data(), at.data() + at.size(), gone);
        if (read.ptr == at.data() + at.size() && gone <= index) ++index;
    }
    return index;
}

}  // namespace wire
}  // namespace cxb::inline v1
