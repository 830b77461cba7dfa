#include "cxb/domain/user_fields.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

bool is_blank_or_control(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '\x7f';
}

std::string language_code(std::string_view text) {
    std::string code = to_lower(trim(text));
    if (code == "english") return "en";
    if (code == "hindi") return "hi";
    return code;
}

}  // namespace

result<std::string> normalise_email(std::string_view text, std::string_view pointer) {
    std::string email = to_lower(trim(text));
    auto const at = email.find('@');
    bool const good = email.size() <= max_email_bytes && is_utf8(email) && at != 0 &&
                      at != std::string::npos && at + 1 < email.size() && at == email.rfind('@') &&
                      std::ranges::none_of(email, is_blank_or_control);
    if (!good) return invalid_member(std::string(pointer), "not an email address");
    return email;
}

agent_languages normalise_agent_languages(std::vector<std::string> const& languages,
                                          std::string_view primary) {
    agent_languages out;
    for (auto const& text : languages) {
        auto code = language_code(text);
        if (!code.empty() && std::ranges::find(out.languages, code) == out.languages.end())
            out.languages.push_back(std::move(code));
    }
    if (out.languages.empty()) out.languages.emplace_back("en");
    out.primary = language_code(primary);
    if (std::ranges::find(out.languages, out.primary) == out.languages.end())
        out.primary = out.languages.front();
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
