#pragma once
/// @file
/// What is known about one member of a wire document, as plain data (spec 10 §1.1): documentation
/// pages, OpenAPI, TypeScript types, fuzz seeds and tests read it. Made from the field table by
/// `wire/field_table.hpp`; `x_fields()` of each wire type gives the whole table.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// May the member be absent, and what then?
enum class presence_kind : unsigned char {
    required,     ///< absence is a fault
    optional,     ///< absence is kept and written as absence
    with_default  ///< absence reads as `default_json`; always written
};

/// What an explicit null means.
enum class null_rule : unsigned char {
    absent,  ///< reads as if the member were not there
    reject,  ///< a fault (required members and list items)
    keep     ///< a state of its own, written back as null
};

/// What may be shown of the value.
enum class sensitivity_kind : unsigned char {
    plain,
    personal,  ///< logs print `<personal:N bytes>`
    secret     ///< logs print `***`
};

/// One row. Texts live as long as the program.
///
/// | column               | absent means | meaning                                           |
/// |----------------------|--------------|---------------------------------------------------|
/// | name                 | never absent | member name on the wire                           |
/// | type                 | never absent | str, bool, int, num, ts, obj, raw, raw obj, map,  |
/// |                      |              | word, open word, custom, list of …                |
/// | record               | ""           | name of the nested type (obj, list of obj)        |
/// | default_json         | ""           | with_default: JSON text read for an absent member |
/// | min, max             | no bound     | bounds of a number, in wire units                 |
/// | min_bytes, max_bytes | 0: no bound  | bounds of text, text item, map value, raw text    |
/// | min_items, max_items | 0: no bound  | bounds of a list or map                           |
/// | pattern              | ""           | id of a rule of `wire/patterns.hpp`               |
/// | words                | empty        | known words of an enumeration                     |
/// | aliases              | empty        | other names on input; the canonical name wins     |
/// | since                | never absent | wire version that brought the member              |
/// | deprecated_since     | ""           | version from which nobody should send it          |
/// | writer, reader       | ""           | which part sends it, which part acts on it        |
/// | doc                  | never absent | one sentence                                      |
struct field_info {
    std::string_view name;
    std::string type;
    std::string_view record;
    presence_kind presence = presence_kind::with_default;
    std::string default_json;
    null_rule null = null_rule::absent;
    std::optional<double> min;
    std::optional<double> max;
    std::size_t min_bytes = 0;
    std::size_t max_bytes = 0;
    std::size_t min_items = 0;
    std::size_t max_items = 0;
    std::string_view pattern;
    std::span<std::string_view const> words;
    sensitivity_kind sensitivity = sensitivity_kind::plain;
    std::span<std::string_view const> aliases;
    std::string_view since;
    std::string_view deprecated_since;
    std::string_view writer;
    std::string_view reader;
    std::string_view doc;
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
