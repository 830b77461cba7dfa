#pragma once
/// @file
/// Telephone numbers: what may be dialled, their one stored form, and how an incoming number finds
/// the number we own (spec 10 §6, 21 §6). The body alone sees the numbering-plan library.
///
/// `region` is ISO 3166 alpha-2 (`phone.default_region`), any case; it is used for numbers without
/// a country code. Numbers never reach logs whole: use `last_digits`.
/// Thread-safety: all functions may be called from any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// How strictly a number is judged: has a possible length, or lies in an assigned range.
enum class number_check { possible, valid };

/// E.164 (`+919876543210`) when the text can be read and passes the check, else empty.
[[nodiscard]] std::optional<std::string> to_e164(std::string_view text, std::string_view region,
                                                 number_check check = number_check::possible);

/// What is sent to the carrier: 3–6 digits as they are (extensions), else E.164. Errors: `invalid`
/// at `pointer`, `not a dialable number`.
[[nodiscard]] result<std::string> dialable_number(std::string_view text, std::string_view region,
                                                  std::string_view pointer = "/to_number");

/// The rule of media workers: without blanks, hyphens, dots and round brackets; 12 digits that
/// begin with 91 get a `+`; all else unchanged.
[[nodiscard]] std::string normalise_dialout_number(std::string_view text);

/// `…3210` for logs and traces; texts of up to 4 characters become `…`.
[[nodiscard]] std::string last_digits(std::string_view number);

/// Is the text a region the numbering plan knows?
[[nodiscard]] bool is_phone_region(std::string_view region);

/// The number inside a SIP or tel address: without `sip:`, `sips:`, `tel:`, anything from `@` or
/// `;`, blanks, hyphens, dots and round brackets. "" when nothing is left.
[[nodiscard]] std::string bare_number(std::string_view text);

/// What two numbers are compared by besides E.164: without `+`, or else a leading `00`. Other
/// characters stay; give it a `bare_number`.
[[nodiscard]] std::string plain_digits(std::string_view bare);

/// So many digits at the end make a number of one subscriber.
inline constexpr std::size_t subscriber_digits = 10;

/// Index of the owned number that `text` names: equal E.164, else equal digits without `+` or
/// `00`, else equal last ten digits if exactly one fits. Empty: none, or several at the last step.
[[nodiscard]] std::optional<std::size_t> find_number(std::span<std::string const> owned,
                                                     std::string_view text,
                                                     std::string_view region);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
