#pragma once
/// @file
/// Partial downloads: the `Range` and `If-Range` rules of recordings (spec 21 §4, RFC 9110).
///
/// | Range                         | answer                                               |
/// |-------------------------------|------------------------------------------------------|
/// | `bytes=a-b`, `a-`, `-n`       | 206, cut to the size                                 |
/// | outside                       | 416, `Content-Range: bytes */size`                   |
/// | none, several, unreadable     | 200, whole                                           |
///
/// Thread-safety: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

enum class range_kind { whole, partial, unsatisfiable };

struct byte_range {
    range_kind kind = range_kind::whole;
    std::uint64_t first = 0;  ///< `partial` only
    std::uint64_t last = 0;   ///< inclusive; `partial` only
    [[nodiscard]] std::uint64_t length() const noexcept { return last - first + 1; }
    friend bool operator==(byte_range const&, byte_range const&) = default;
};

/// Judges a `Range` header ("" = absent) for a body of `size` bytes.
[[nodiscard]] byte_range parse_range(std::string_view header, std::uint64_t size);

/// `bytes 0-99/1000`, or `bytes */1000` for an unsatisfiable range; "" for a whole body.
[[nodiscard]] std::string content_range(byte_range const& range, std::uint64_t size);

/// What a `Content-Range: bytes first-last/size` of somebody else says; `size` is unset for `*`.
struct served_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  ///< inclusive, at least `first`
    std::optional<std::uint64_t> size;
    friend bool operator==(served_range const&, served_range const&) = default;
};

/// Empty when it cannot be read or contradicts itself, and for `bytes */size`.
[[nodiscard]] std::optional<served_range> parse_content_range(std::string_view header);

/// May the range be served? True without `If-Range`; else only when it names this strong `etag`
/// (with its quotes) or exactly this modification time.
[[nodiscard]] bool if_range_holds(std::string_view if_range, std::string_view etag,
                                  std::optional<time_point> last_modified);

/// `parse_range` under `If-Range`: whole when that does not hold.
[[nodiscard]] byte_range judge_range(std::string_view range, std::string_view if_range,
                                     std::string_view etag, std::optional<time_point> last_modified,
                                     std::uint64_t size);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
