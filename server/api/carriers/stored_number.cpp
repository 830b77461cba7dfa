#include "server/api/carriers/stored_number.hpp"

#include <algorithm>

#include "cxb/domain/phone_number.hpp"
#include "server/api/carriers/carrier_limits.hpp"

namespace cxb::api {

std::optional<std::string> stored_number(std::string_view text, std::string_view region) {
    std::string const bare = domain::bare_number(text);
    if (auto e164 = domain::to_e164(bare, region)) return e164;
    if (bare.size() < min_number_digits || bare.size() > max_number_digits) return std::nullopt;
    if (!std::ranges::all_of(bare, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return bare;
}

}  // namespace cxb::api
