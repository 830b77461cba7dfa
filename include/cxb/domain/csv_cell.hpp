#pragma once
/// @file
/// Rows of a CSV file that a spreadsheet opens as it was meant (spec 21 §2, `/calls/export`).
///
/// RFC 4180: cells are joined by `,`, rows end with CRLF, a cell that holds a quote, a comma, CR or
/// LF stands in quotes, inside which quotes are doubled. Texts are UTF-8 and stay as they are.
///
/// **Formula guard.** Spreadsheets run what looks like a formula, and these texts come from
/// strangers (a caller's name, a CRM's answer). A cell that begins with `=`, `@`, `+`, `-`, tab or
/// CR gets a leading `'`, unless it is harmless:
///
/// | text            | cell              | why                                      |
/// |-----------------|-------------------|------------------------------------------|
/// | `=1+1`          | `'=1+1`           | would be run                             |
/// | `-12.5`, `+1e3` | as it is          | a number: sign, digits, fraction, power  |
/// | `+919876543210` | as it is          | `+` and digits: a phone number           |
/// | `-1+1`, `+`     | `'-1+1`, `'+`     | no number                                |
/// | `@SUM(A1)`      | `'@SUM(A1)`       | would be run                             |
/// | `a=1`           | as it is          | only the beginning counts                |
///
/// The guard cannot be undone by a reader: a text that began with `'` itself is not marked.
/// Failures: none. Thread-safety: pure functions.

#include <span>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Must a cell with this text be marked? See the table above.
[[nodiscard]] bool looks_like_formula(std::string_view text) noexcept;

/// One cell, guarded and, where needed, in quotes; "" for an empty text.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// A row with its CRLF. No cell gives an empty line.
[[nodiscard]] std::string csv_row(std::span<std::string const> cells);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
