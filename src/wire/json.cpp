#include "cxb/wire/json.hpp"

#include <algorithm>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <vector>

#include "src/wire/json_events.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

namespace json = boost::json;
using detail::append_integer;
using detail::append_number;
using detail::append_string;

class value_builder final : public detail::json_events {
  public:
    value_builder() { stack_.reset(); }
    void object_begin() override {}
    void object_end(std::size_t n) override { stack_.push_object(n); }
    void array_begin() override {}
    void array_end(std::size_t n) override { stack_.push_array(n); }
    void key(std::string_view name) override { stack_.push_key({name.data(), name.size()}); }
    void string(std::string_view text) override { stack_.push_string({text.data(), text.size()}); }
    void number(detail::number_token const& token) override {
        using form = detail::number_token::form;
        if (token.kind == form::signed_whole)
            stack_.push_int64(token.whole);
        else if (token.kind == form::unsigned_whole)
            stack_.push_uint64(static_cast<std::uint64_t>(token.whole));
        else
            stack_.push_double(token.real);
    }
    void boolean(bool value) override { stack_.push_bool(value); }
    void null() override { stack_.push_null(); }
    json_value release() { return stack_.release(); }

  private:
    json::value_stack stack_;
};

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

// RFC 8785 sorts names by UTF-16 code units: like UTF-8 bytes, except that characters outside the
// basic plane (lead byte 0xF0 and up) come before U+E000–U+FFFF (lead bytes 0xEE, 0xEF).
bool utf16_less(std::string_view a, std::string_view b) {
    auto const [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
    auto const left = static_cast<unsigned char>(*x);
    auto const right = static_cast<unsigned char>(*y);
    bool const left_astral = left >= 0xF0;
    bool const right_astral = right >= 0xF0;
    if (left_astral != right_astral) {
        if (left_astral && right >= 0xEE) return true;
        if (right_astral && left >= 0xEE) return false;
    }
    return left < right;
}

void append_canonical(std::string& out, json_value const& value);

void append_sorted(std::string& out, json_object const& object) {
    std::vector<json::key_value_pair const*> members;
    members.reserve(object.size());
    for (auto const& member : object)
        members.push_back(&member);
    std::sort(members.begin(), members.end(), [](auto const* a, auto const* b) {
        return utf16_less(view(a->key()), view(b->key()));
    });
    out += '{';
    for (auto const* member : members) {
        if (out.back() != '{') out += ',';
        append_string(out, view(member->key()));
        out += ':';
        append_canonical(out, member->value());
    }
    out += '}';
}

void append_canonical(std::string& out, json_value const& value) {
    if (auto const* object = value.if_object()) return append_sorted(out, *object);
    if (auto const* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += ',';
            append_canonical(out, (*array)[i]);
        }
        out += ']';
        return;
    }
    if (auto const* i = value.if_int64()) return append_number(out, static_cast<double>(*i));
    if (auto const* u = value.if_uint64()) return append_number(out, static_cast<double>(*u));
    append_value(out, value);
}

}  // namespace

result<json_value> parse_json(std::string_view text, std::size_t max_bytes) {
    if (max_bytes != 0 && text.size() > max_bytes)
        return error(errc::too_large, "Body over " + std::to_string(max_bytes) + " bytes");
    value_builder builder;
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
    append_canonical(out, value);
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
