#pragma once
// Text forms of the outbox files: entry header, reason file, call journal.

#include <string>
#include <string_view>

#include "cxb/worker/outbox_directory.hpp"

namespace cxb::inline v1 {
namespace worker {

inline constexpr std::string_view entry_suffix = ".entry";
inline constexpr std::string_view reason_suffix = ".reason.json";

/// Safe as part of a file name: 1–128 of `[A-Za-z0-9._:-]`, not starting with a point.
[[nodiscard]] bool is_outbox_id(std::string_view id) noexcept;
[[nodiscard]] std::string entry_name(outbox_header const& header);
[[nodiscard]] std::string header_line(outbox_header const& header);

struct split_entry {
    outbox_header header;
    std::string_view body;  ///< part of the text that was split
};
/// Checks name, header, length and digest. Errors: `corrupt_data`, detail says which.
[[nodiscard]] result<split_entry> split(std::string_view name, std::string_view text);
/// Only the header, without touching the body; for lists.
[[nodiscard]] result<outbox_header> read_header(std::string_view text);

[[nodiscard]] std::string to_text(outbox_death const& death);
[[nodiscard]] outbox_death read_death(std::string_view text);
[[nodiscard]] std::string to_text(call_journal const& journal);
[[nodiscard]] result<call_journal> read_journal(std::string_view text);
[[nodiscard]] std::string journal_name(std::string const& call_id);

}  // namespace worker
}  // namespace cxb::inline v1
