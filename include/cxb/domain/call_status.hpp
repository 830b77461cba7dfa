#pragma once
/// @file
/// From why a call ended to its status and to the coarse label CRMs get (spec 10 §4.3).
///
/// | disconnected_by            | status    | label     |
/// |----------------------------|-----------|-----------|
/// | error                      | failed    | Failed    |
/// | no_answer, rejected        | failed    | Unknown   |
/// | voicemail                  | voicemail | Unknown   |
/// | bot, customer, timeout     | completed | Connected |
/// | anything else, or absent   | completed | Unknown   |
///
/// Words compare exactly; unknown ones are stored and read back as they came.
/// Thread-safety: pure functions.

#include <string_view>

#include "cxb/base/open_enum.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

enum class call_status { active, completed, failed, voicemail };

}  // namespace domain

template <>
struct enum_words<domain::call_status> {
    static constexpr std::pair<domain::call_status, std::string_view> words[] = {
        {domain::call_status::active, "active"},
        {domain::call_status::completed, "completed"},
        {domain::call_status::failed, "failed"},
        {domain::call_status::voicemail, "voicemail"}};
};

namespace domain {

/// Status of a finished call; never `active`. "" = absent.
[[nodiscard]] call_status status_of(std::string_view disconnected_by) noexcept;

/// `Connected`, `Failed` or `Unknown`.
[[nodiscard]] std::string_view coarse_label(std::string_view disconnected_by) noexcept;

/// The word for a failed SIP dial: 408, 480 → `no_answer`; 486, 603 → `rejected`; else `error`.
[[nodiscard]] std::string_view disconnect_word_of_sip(int sip_status) noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
