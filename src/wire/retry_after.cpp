#include "cxb/wire/retry_after.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/http_date.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

constexpr seconds longest{31'536'000};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<seconds> retry_after(header_list const& headers, time_point now) {
    auto const text = trim(headers.get("Retry-After"));
    if (text.empty()) return std::nullopt;
    if (auto const date = parse_http_date(text))
        return std::clamp(std::chrono::ceil<seconds>(*date - now), seconds(0), longest);
    if (!std::ranges::all_of(text, is_digit)) return std::nullopt;
    seconds wait(0);
    for (char const c : text)
        wait = std::min(wait * 10 + seconds(c - '0'), longest);
    return wait;
}

}  // namespace wire
}  // namespace cxb::inline v1
