#include "cxb/domain/byte_range.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/base/encoding.hpp"
#include "cxb/base/http_date.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

// Digits only; a number beyond 64 bits counts as the largest.
std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end != text.data() + text.size()) return std::nullopt;
    return fault == std::errc::result_out_of_range ? UINT64_MAX : value;
}

byte_range suffix_range(std::uint64_t count, std::uint64_t size) {
    if (count == 0 || size == 0) return {range_kind::unsatisfiable, 0, 0};
    return {range_kind::partial, size - std::min(count, size), size - 1};
}

}  // namespace

byte_range parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    std::string_view const text = trim(header);
    if (!iequals(text.substr(0, unit.size()), unit)) return {};
    std::string_view const spec = trim(text.substr(unit.size()));
    auto const dash = spec.find('-');
    if (dash == std::string_view::npos) return {};
    auto const from = number_of(spec.substr(0, dash));
    auto const to = number_of(spec.substr(dash + 1));
    if (dash == 0) return to ? suffix_range(*to, size) : byte_range{};
    bool const open_ended = dash + 1 == spec.size();
    if (!from || (!to && !open_ended) || (to && *to < *from)) return {};
    if (*from >= size) return {range_kind::unsatisfiable, 0, 0};
    return {range_kind::partial, *from, std::min(to.value_or(size - 1), size - 1)};
}

std::string content_range(byte_range const& range, std::uint64_t size) {
    if (range.kind == range_kind::whole) return {};
    std::string const part = range.kind == range_kind::unsatisfiable
                                 ? "*"
                                 : std::to_string(range.first) + "-" + std::to_string(range.last);
    return "bytes " + part + "/" + std::to_string(size);
}

std::optional<served_range> parse_content_range(std::string_view header) {
    constexpr std::string_view unit = "bytes ";
    std::string_view const text = trim(header);
    auto const dash = text.find('-');
    auto const slash = text.find('/');
    if (!iequals(text.substr(0, unit.size()), unit) || dash == std::string_view::npos ||
        slash == std::string_view::npos || slash < dash)
        return std::nullopt;
    auto const first = number_of(text.substr(unit.size(), dash - unit.size()));
    auto const last = number_of(text.substr(dash + 1, slash - dash - 1));
    auto const size = number_of(text.substr(slash + 1));
    bool const unknown = text.substr(slash + 1) == "*";
    if (!first || !last || *last < *first || (!size && !unknown)) return std::nullopt;
    if (size && *last >= *size) return std::nullopt;
    return served_range{*first, *last, size};
}

bool if_range_holds(std::string_view if_range, std::string_view etag,
                    std::optional<time_point> last_modified) {
    std::string_view const given = trim(if_range);
    if (given.empty()) return true;
    if (given.starts_with("W/")) return false;
    if (given.front() == '"') return given == etag;
    return last_modified && given == format_http_date(*last_modified);
}

byte_range judge_range(std::string_view range, std::string_view if_range, std::string_view etag,
                       std::optional<time_point> last_modified, std::uint64_t size) {
    return if_range_holds(if_range, etag, last_modified) ? parse_range(range, size) : byte_range{};
}

}  // namespace domain
}  // namespace cxb::inline v1
