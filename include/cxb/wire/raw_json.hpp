#pragma once
/// @file
/// `raw_json`: a JSON value of free shape that travels as text (`post_call_analysis`, tool
/// arguments, `data` of events).
///
/// The text is what the sender wrote, without blanks between tokens: `1.10` stays `1.10`, whole
/// numbers of any length survive, members keep their order and repetitions. Strings are written
/// with the shortest escapes (`\u00e9` becomes `é`). Two values are equal when their texts are.
///
/// | made by                | checks                                  | errors                   |
/// |------------------------|-----------------------------------------|--------------------------|
/// | a field-table reader   | the row's `max_bytes` and `.object()`   | faults of the document   |
/// | `raw_json::parse`      | syntax, UTF-8, depth, `max_bytes`       | `malformed`, `too_large` |
/// | `raw_json::from_value` | nothing (a DOM is well formed)          | none                     |
/// | `raw_json()`           | holds `null`                            | none                     |
///
/// Thread-safety: a value type.

#include <string>
#include <string_view>
#include <utility>

#include "cxb/base/result.hpp"
#include "cxb/wire/json_fwd.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

class raw_json {
  public:
    /// The value `null`.
    raw_json() = default;
    /// The value `{}`.
    [[nodiscard]] static raw_json object() { return trusted("{}"); }
    /// Any document of at most `max_bytes` (0 = any). Errors: `malformed`, `too_large`.
    [[nodiscard]] static result<raw_json> parse(std::string_view text, std::size_t max_bytes = 0);
    [[nodiscard]] static raw_json from_value(json_value const& value);
    [[nodiscard]] static raw_json from_object(json_object const& value);
    /// Takes text that is already known to be one compact JSON value (what `text()` gave, or a
    /// writer made). Nothing is checked.
    [[nodiscard]] static raw_json trusted(std::string text) {
        raw_json out;
        out.text_ = std::move(text);
        return out;
    }

    /// The JSON text, never empty.
    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }
    [[nodiscard]] bool is_object() const noexcept { return text_.front() == '{'; }
    [[nodiscard]] bool is_array() const noexcept { return text_.front() == '['; }
    [[nodiscard]] bool is_string() const noexcept { return text_.front() == '"'; }
    [[nodiscard]] bool is_null() const noexcept { return text_ == "null"; }
    /// `{}`, `[]`, `""` or `null`.
    [[nodiscard]] bool is_blank() const noexcept;
    /// The value as a DOM. Numbers lose what a double cannot hold.
    [[nodiscard]] json_value to_value() const;
    /// The members as a DOM; empty when the value is no object.
    [[nodiscard]] json_object to_object() const;

    friend bool operator==(raw_json const&, raw_json const&) = default;

  private:
    std::string text_ = "null";
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
