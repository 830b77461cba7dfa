#pragma once
/// @file
/// What a bot is told about calls that the customer wants later (spec 20 §8 step 11).
///
/// | bot: callback_prompt_injection | campaign: callback_detection | text after the prompt        |
/// |--------------------------------|------------------------------|------------------------------|
/// | true                           | enabled                      | the bot's own, else built in |
/// | anything else                  |                              | none, no detection           |
///
/// Built in: `If the caller asks to be called later, ask for the day and time, repeat them, and end
/// politely.` To a call that the customer asked for is added: `This call was asked for by the
/// caller (tomorrow at five). Reason given: in a meeting.` What of it is unknown is left out.
/// Example: `add_paragraph(prompt, callback_text(rendered_own_text, link))`.
/// Failures: none. Ownership: values. Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Used by bots without a `callback_prompt`.
inline constexpr std::string_view builtin_callback_text =
    "If the caller asks to be called later, ask for the day and time, repeat them, and end "
    "politely.";

/// What the campaign of a call and its contact say. A call without linkage has none.
struct callback_link {
    bool detection_enabled = false;   ///< campaign: `config.callback_detection.enabled`
    bool is_callback = false;         ///< this attempt was asked for by the customer
    std::string preferred_time_text;  ///< contact: `callback_preferred_time_text`
    std::string reason;               ///< contact: `callback_reason`
};

/// Are both gates on? `link` may be null.
[[nodiscard]] bool is_callback_detected(bool prompt_injection, callback_link const* link) noexcept;

/// `text` and, for a callback attempt, what is known of the wish. Line breaks in what the contact
/// says become blanks.
[[nodiscard]] std::string callback_text(std::string text, callback_link const& link);

/// Appends `text` after one empty line; an empty text adds nothing.
void add_paragraph(std::string& prompt, std::string_view text);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
