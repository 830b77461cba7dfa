#include "cxb/domain/callback_prompt.hpp"

#include "src/domain/one_line.hpp"

namespace cxb::inline v1 {
namespace domain {

bool is_callback_detected(bool prompt_injection, callback_link const* link) noexcept {
    return prompt_injection && link != nullptr && link->detection_enabled;
}

std::string callback_text(std::string text, callback_link const& link) {
    if (!link.is_callback) return text;
    if (!text.empty()) text += ' ';
    text += "This call was asked for by the caller";
    if (auto const when = one_line(link.preferred_time_text); !when.empty())
        text.append(" (").append(when).append(")");
    text += '.';
    if (auto const why = one_line(link.reason); !why.empty())
        text.append(" Reason given: ").append(why).append(".");
    return text;
}

void add_paragraph(std::string& prompt, std::string_view text) {
    if (text.empty()) return;
    if (!prompt.empty()) prompt += "\n\n";
    prompt += text;
}

}  // namespace domain
}  // namespace cxb::inline v1
