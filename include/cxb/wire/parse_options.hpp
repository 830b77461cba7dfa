#pragma once
/// @file
/// How a document is read, and where rules across members report what they find.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/error.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// | field          | absent means | meaning                                                      |
/// |----------------|--------------|--------------------------------------------------------------|
/// | tolerant_items | false        | a bad element of a list whose row says `.tolerant()` is      |
/// |                |              | dropped with a warning instead of failing the document       |
/// | max_bytes      | 0: any size  | a longer text is `too_large` (413) before it is looked at    |
/// | now            | 1970         | the moment given to rules that compare with the present      |
/// | warnings       | not told     | receives dropped elements and dropped unknown members        |
/// | canonical      | not made     | receives the RFC 8785 form of the whole document, as sent    |
/// | ignored        | not told     | receives unknown members of the top level that were ignored, |
/// |                |              | for `X-CXB-Ignored-Fields`; at most 64 names                 |
///
/// The two lists are appended to, `canonical` is replaced (of a document that is refused it holds
/// anything); all must outlive the call. A copy is cheap.
struct parse_options {
    bool tolerant_items = false;
    std::size_t max_bytes = 0;
    time_point now{};
    std::vector<fault>* warnings = nullptr;
    std::vector<std::string>* ignored = nullptr;
    std::string* canonical = nullptr;
};

/// Value of `X-CXB-Ignored-Fields`: names joined by commas, percent-encoded so that none can break
/// the header; what does not fit into 4 KiB is left out.
[[nodiscard]] std::string ignored_fields_header(std::vector<std::string> const& names);

/// What a cross-check or a custom reader is given to report into. Pointers are relative to the
/// object (or member) it was called for: `sink.add("/upload_url", "required for upload_url")`.
/// A fault at a member that already has one is dropped, so that one mistake is told once.
class fault_sink {
  public:
    /// `dropped`: the elements that went so far, by their pointers in the object, in order.
    fault_sink(std::vector<fault>& faults, std::vector<fault>& warnings, parse_options const& how,
               std::span<std::string const> dropped = {})
        : faults_(faults), warnings_(warnings), how_(how), dropped_(dropped) {}
    void add(std::string pointer, std::string reason);
    /// All faults of a failed inner parse; a document that is not JSON is one fault.
    void add(error const& cause);
    void warn(std::string pointer, std::string reason);
    [[nodiscard]] time_point now() const noexcept { return how_.now; }
    /// True when the caller wants bad elements dropped rather than the document refused.
    [[nodiscard]] bool tolerant() const noexcept { return how_.tolerant_items; }
    /// Where the element `index` of the list at `list` stood in the document, before bad elements
    /// were dropped from it.
    [[nodiscard]] std::size_t place_of(std::string_view list, std::size_t index) const;

  private:
    std::vector<fault>& faults_;
    std::vector<fault>& warnings_;
    parse_options const& how_;
    std::span<std::string const> dropped_;
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
