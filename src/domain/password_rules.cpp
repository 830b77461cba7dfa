#include "cxb/domain/password_rules.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {

result<void> check_password(std::string_view password, std::string_view email,
                            std::string_view pointer) {
    auto const refused = [&](char const* reason) {
        return invalid_member(std::string(pointer), reason);
    };
    if (password.size() < min_password_bytes || password.size() > max_password_bytes)
        return refused("must be 10 to 256 bytes");
    if (!is_utf8(password)) return refused("must be valid UTF-8");
    if (iequals(password, email)) return refused("must differ from the email");
    if (std::ranges::binary_search(common_passwords(), std::string_view(to_lower(password))))
        return refused("is too common");
    return {};
}

}  // namespace domain
}  // namespace cxb::inline v1
