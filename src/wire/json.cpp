#include "cxb/wire/json.hpp"

#include <cmath>

#include "src/wire/canonical_text.hpp"
#include "src/wire/json_events.hpp"
#include "src/wire/json_text.hpp"
#include "src/wire/value_builder.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

namespace json = boost::json;
using detail::append_integer;
using detail::append_number;
using detail::append_string;

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

void append_value(std::string& out, json_value const& value);

void append_members(std::string& out, json_object const& object) {
    out += '{';
    for (auto const& [name, member] : object) {
        if (out.back() != '{') out += ',';
        append_string(out, view(name));
        out += ':';
        append_value(out, member);
    }
    out += '}';
}

void append_items(std::string& out, json_array const& array) {
    out += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (i > 0) out += ',';
        append_value(out, array[i]);
    }
    out += ']';
}

void append_value(std::string& out, json_value const& value) {
    switch (value.kind()) {
        case json::kind::object:
            return append_members(out, value.get_object());
        case json::kind::array:
            return append_items(out, value.get_array());
        case json::kind::string:
            return append_string(out, view(value.get_string()));
        case json::kind::int64:
            return append_integer(out, value.get_int64());
        case json::kind::uint64:
            out += std::to_string(value.get_uint64());
            return;
        case json::kind::double_:
            return append_number(out, value.get_double());
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            return;
        case json::kind::null:
            out += "null";
            return;
    }
}

}  // namespace

result<json_value> parse_json(std::string_view text, std::size_t max_bytes,
                              json::storage_ptr memory) {
    if (max_bytes != 0 && text.size() > max_bytes)
        return error(errc::too_large, "Body over " + std::to_string(max_bytes) + " bytes");
    detail::value_builder builder(std::move(memory));
    CXB_CHECK(detail::send_text(text, builder));
    return builder.release();
}

std::string to_text(json_value const& value) {
    std::string out;
    append_value(out, value);
    return out;
}

std::string to_text(json_object const& object) {
    std::string out;
    append_members(out, object);
    return out;
}

std::string to_canonical(json_value const& value) {
    std::string out;
    detail::canonical_text builder(out);
    detail::send_whole(value, builder);
    return out;
}

json_value const* find_path(json_object const& object, std::string_view path) noexcept {
    json_object const* level = &object;
    while (true) {
        auto const dot = path.find('.');
        auto const step = path.substr(0, dot);
        auto const* found = level->if_contains({step.data(), step.size()});
        if (found == nullptr || dot == std::string_view::npos) return found;
        level = found->if_object();
        if (level == nullptr) return nullptr;
        path.remove_prefix(dot + 1);
    }
}

std::string_view text_at(json_object const& object, std::string_view path) noexcept {
    auto const* found = find_path(object, path);
    auto const* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

std::int64_t int_at(json_object const& object, std::string_view path,
                    std::int64_t fallback) noexcept {
    auto const* found = find_path(object, path);
    if (found == nullptr) return fallback;
    if (auto const* i = found->if_int64()) return *i;
    auto const* d = found->if_double();
    if (d == nullptr || std::trunc(*d) != *d || std::abs(*d) >= 9.2e18) return fallback;
    return static_cast<std::int64_t>(*d);
}

double number_at(json_object const& object, std::string_view path, double fallback) noexcept {
    auto const* found = find_path(object, path);
    if (found == nullptr) return fallback;
    if (auto const* d = found->if_double()) return *d;
    if (auto const* i = found->if_int64()) return static_cast<double>(*i);
    if (auto const* u = found->if_uint64()) return static_cast<double>(*u);
    return fallback;
}

bool bool_at(json_object const& object, std::string_view path, bool fallback) noexcept {
    auto const* found = find_path(object, path);
    auto const* value = found == nullptr ? nullptr : found->if_bool();
    return value == nullptr ? fallback : *value;
}

std::string append_pointer(std::string_view base, std::string_view step) {
    std::string out(base);
    detail::append_step(out, step);
    return out;
}

}  // namespace wire
}  // namespace cxb::inline v1
