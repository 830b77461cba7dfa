#pragma once
/// @file
/// Field tables: everything about a wire type said once, as one row of data per member. From the
/// table come reader, writer, validation, JSON Schema, documentation and log text.
///
/// A wire type is a plain struct in a header, with its functions declared beside it:
///
/// ```cpp
/// #include "cxb/wire/field_table.hpp"                    // namespace cxb::contract::demo
/// struct ring_settings {
///     std::chrono::seconds timeout_seconds{45};          // the initialiser is the default
///     std::string caller_name;
///     friend bool operator==(ring_settings const&, ring_settings const&) = default;
/// };
/// struct ring_request {
///     std::string to_number;
///     std::optional<std::string> from_number;            // absent stays absent
///     open_enum<direction> call_direction{direction::outbound};
///     ring_settings ring;
///     std::vector<ring_settings> fallbacks;
///     wire::raw_json variables = wire::raw_json::object();
/// };
/// CXB_WIRE_DECLARE_PART(ring_settings);                   // nested only
/// CXB_WIRE_DECLARE(ring_request);                         // parse_ring_request, serialize, ...
/// ```
/// and its table in the `.cpp`, which sees no JSON library:
///
/// ```cpp
/// using wire::field;
/// constexpr wire::field_row ring_rows[] = {
///     field<&ring_settings::timeout_seconds>("timeout_seconds").range(5, 120).doc("Patience."),
///     field<&ring_settings::caller_name>("caller_name").max_bytes(80).doc("Shown name."),
/// };
/// CXB_WIRE_PART(ring_settings, wire::table<ring_settings>("How to ring.", ring_rows))
///
/// void check_request(ring_request const& value, wire::fault_sink& sink) {
///     if (value.from_number == value.to_number) sink.add("/from_number", "must differ");
/// }
/// constexpr wire::field_row request_rows[] = {
///     field<&ring_request::to_number>("to_number").required().bytes(3, 64).personal().doc("Who."),
///     field<&ring_request::from_number>("from_number").alias("from").doc("Shown number."),
///     field<&ring_request::call_direction>("call_direction").doc("Which way."),
///     field<&ring_request::ring>("ring").doc("First try."),
///     field<&ring_request::fallbacks>("fallbacks").max_items(3).tolerant().doc("Next tries."),
///     field<&ring_request::variables>("variables").object().personal().doc("Call variables."),
/// };
/// CXB_WIRE_TYPE(ring_request, wire::table<ring_request>("A call to place.", request_rows)
///                                 .check<check_request>())
/// ```
///
/// Guarantees of reading (spec 10 §1.2): one pass over the text; all faults together, at most 50
/// and then `{"", "more faults not shown"}`; each with a JSON Pointer and a reason. Errors:
/// `malformed` (400: no JSON, bad UTF-8, deeper than 32), `too_large` (413), `invalid` (422).
/// Thread-safety: tables are immutable after their first use; all functions may run in parallel.

#include "cxb/wire/object_table.hpp"

/// In the header, for a type that only occurs inside others.
#define CXB_WIRE_DECLARE_PART(type) \
    [[nodiscard]] ::cxb::wire::object_table const& wire_table(::cxb::wire::tag<type>)

/// In the header, for a document: declares the functions of spec 10 §1.1.
/// - `result<x> parse_x(text or json_view, parse_options = {})`: all faults at once;
/// - `std::string serialize(x const&)`, `serialize_to(x const&, std::string&)`: compact;
/// - `result<void> validate(x const&)`: the same bounds for values built in code (`invalid`);
/// - `std::string_view x_schema()`: JSON Schema 2020-12;
/// - `std::span<field_info const> x_fields()`: the table.
#define CXB_WIRE_DECLARE(type)                                                               \
    CXB_WIRE_DECLARE_PART(type);                                                             \
    [[nodiscard]] ::cxb::result<type> parse_##type(std::string_view text,                    \
                                                   ::cxb::wire::parse_options options = {}); \
    [[nodiscard]] ::cxb::result<type> parse_##type(::cxb::wire::json_view value,             \
                                                   ::cxb::wire::parse_options options = {}); \
    [[nodiscard]] std::string serialize(type const& value);                                  \
    void serialize_to(type const& value, std::string& out);                                  \
    [[nodiscard]] ::cxb::result<void> validate(type const& value);                           \
    [[nodiscard]] std::string_view type##_schema();                                          \
    [[nodiscard]] std::span<::cxb::wire::field_info const> type##_fields()

/// In the source: the table of a type declared with CXB_WIRE_DECLARE_PART.
#define CXB_WIRE_PART(type, ...)                                           \
    ::cxb::wire::object_table const& wire_table(::cxb::wire::tag<type>) {  \
        static ::cxb::wire::object_table const sealed(#type, __VA_ARGS__); \
        return sealed;                                                     \
    }

/// In the source: what a type with CXB_WIRE_DECLARE and CXB_WIRE_PART has beside its parsers, for
/// documents that are read in a way of their own.
#define CXB_WIRE_FUNCTIONS(type)                                            \
    std::string serialize(type const& value) {                              \
        std::string out;                                                    \
        ::cxb::wire::write(value, out);                                     \
        return out;                                                         \
    }                                                                       \
    void serialize_to(type const& value, std::string& out) {                \
        ::cxb::wire::write(value, out);                                     \
    }                                                                       \
    ::cxb::result<void> validate(type const& value) {                       \
        return ::cxb::wire::check(value);                                   \
    }                                                                       \
    std::string_view type##_schema() {                                      \
        static std::string const text =                                     \
            ::cxb::wire::schema_text(wire_table(::cxb::wire::tag<type>{})); \
        return text;                                                        \
    }                                                                       \
    std::span<::cxb::wire::field_info const> type##_fields() {              \
        return wire_table(::cxb::wire::tag<type>{}).fields();               \
    }

/// In the source: the table of a type declared with CXB_WIRE_DECLARE, and all its functions.
#define CXB_WIRE_TYPE(type, ...)                                                                  \
    CXB_WIRE_PART(type, __VA_ARGS__)                                                              \
    CXB_WIRE_FUNCTIONS(type)                                                                      \
    ::cxb::result<type> parse_##type(std::string_view text, ::cxb::wire::parse_options options) { \
        return ::cxb::wire::read<type>(text, options);                                            \
    }                                                                                             \
    ::cxb::result<type> parse_##type(::cxb::wire::json_view value,                                \
                                     ::cxb::wire::parse_options options) {                        \
        return ::cxb::wire::read<type>(value, options);                                           \
    }
