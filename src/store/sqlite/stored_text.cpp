#include "src/store/sqlite/stored_text.hpp"

#include <algorithm>
#include <cmath>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

bool is_whole(double number) {
    return std::trunc(number) == number;
}

bool holds_whole_double(json_value const& value) {
    if (auto const* number = value.if_double()) return is_whole(*number);
    if (auto const* list = value.if_array()) return std::ranges::any_of(*list, holds_whole_double);
    if (auto const* members = value.if_object())
        return std::ranges::any_of(
            *members, [](auto const& member) { return holds_whole_double(member.value()); });
    return false;
}

void append(std::string& out, json_value const& value);

void append_object(std::string& out, json_object const& object) {
    out += '{';
    for (auto const& [name, member] : object) {
        if (out.back() != '{') out += ',';
        out += wire::to_text(json_value(name)) + ':';
        append(out, member);
    }
    out += '}';
}

void append_array(std::string& out, json_array const& array) {
    out += '[';
    for (auto const& each : array) {
        if (out.back() != '[') out += ',';
        append(out, each);
    }
    out += ']';
}

void append_double(std::string& out, double number) {
    if (number == 0) {
        out += std::signbit(number) ? "-0.0" : "0.0";
        return;
    }
    auto const text = wire::to_text(json_value(number));
    out += text;
    if (text.find_first_of(".eE") == std::string::npos) out += ".0";
}

void append(std::string& out, json_value const& value) {
    if (auto const* object = value.if_object())
        append_object(out, *object);
    else if (auto const* array = value.if_array())
        append_array(out, *array);
    else if (auto const* number = value.if_double())
        append_double(out, *number);
    else
        out += wire::to_text(value);
}

}  // namespace

std::string stored_text(json_object const& document) {
    // Rare, so the usual document pays for one look.
    bool const plain = std::ranges::none_of(
        document, [](auto const& member) { return holds_whole_double(member.value()); });
    if (plain) return wire::to_text(document);
    std::string out;
    append_object(out, document);
    return out;
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
