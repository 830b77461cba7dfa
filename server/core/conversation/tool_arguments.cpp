#include "server/core/conversation/tool_arguments.hpp"

#include <algorithm>
#include <cmath>

#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

using fault_text = std::optional<std::string>;

bool has_type(wire::json_value const& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_bool();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "null") return value.is_null();
    if (type != "integer") return true;
    return value.is_number() && std::floor(value.to_number<double>()) == value.to_number<double>();
}

fault_text type_fault(wire::json_value const& type, wire::json_value const& value) {
    if (type.is_string()) {
        std::string_view const word = type.get_string();
        if (!has_type(value, word)) return "expected " + std::string(word);
    } else if (type.is_array()) {
        auto const& words = type.get_array();
        bool const any = std::any_of(words.begin(), words.end(), [&](auto const& word) {
            return !word.is_string() || has_type(value, word.get_string());
        });
        if (!any) return "has none of the allowed types";
    }
    return {};
}

std::optional<double> bound(wire::json_object const& schema, std::string_view name) {
    auto const* value = schema.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

fault_text bound_fault(wire::json_object const& schema, std::string_view low, std::string_view high,
                       double value, std::string_view what) {
    if (auto const least = bound(schema, low); least && value < *least)
        return std::string(what) + " is under " + wire::to_text(wire::json_value(*least));
    if (auto const most = bound(schema, high); most && value > *most)
        return std::string(what) + " is over " + wire::to_text(wire::json_value(*most));
    return {};
}

fault_text fault_of(wire::json_object const& schema, wire::json_value const& value,
                    std::string const& at);

fault_text object_fault(wire::json_object const& schema, wire::json_object const& object,
                        std::string const& at) {
    if (auto const* required = schema.if_contains("required"); required && required->is_array())
        for (auto const& name : required->get_array())
            if (name.is_string() && !object.contains(name.get_string()))
                return wire::append_pointer(at, name.get_string()) + ": is required";
    auto const* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return {};
    for (auto const& [name, part] : properties->get_object()) {
        auto const* member = object.if_contains(name);
        if (member == nullptr || !part.is_object()) continue;
        if (auto fault = fault_of(part.get_object(), *member, wire::append_pointer(at, name)))
            return fault;
    }
    return {};
}

fault_text array_fault(wire::json_object const& schema, wire::json_array const& list,
                       std::string const& at) {
    if (auto fault = bound_fault(schema, "minItems", "maxItems", static_cast<double>(list.size()),
                                 "number of items"))
        return at + ": " + *fault;
    auto const* items = schema.if_contains("items");
    if (items == nullptr || !items->is_object()) return {};
    for (std::size_t i = 0; i < list.size(); ++i)
        if (auto fault = fault_of(items->get_object(), list[i], at + "/" + std::to_string(i)))
            return fault;
    return {};
}

fault_text fault_of(wire::json_object const& schema, wire::json_value const& value,
                    std::string const& at) {
    if (auto const* type = schema.if_contains("type"))
        if (auto fault = type_fault(*type, value)) return at + ": " + *fault;
    if (auto const* words = schema.if_contains("enum"); words && words->is_array()) {
        auto const& list = words->get_array();
        if (std::find(list.begin(), list.end(), value) == list.end())
            return at + ": is none of the allowed values";
    }
    if (value.is_number()) {
        auto fault = bound_fault(schema, "minimum", "maximum", value.to_number<double>(), "value");
        if (fault) return at + ": " + *fault;
    }
    if (value.is_string()) {
        auto const length = static_cast<double>(
            count_characters({value.get_string().data(), value.get_string().size()}));
        if (auto fault = bound_fault(schema, "minLength", "maxLength", length, "length"))
            return at + ": " + *fault;
    }
    if (value.is_object()) return object_fault(schema, value.get_object(), at);
    if (value.is_array()) return array_fault(schema, value.get_array(), at);
    return {};
}

}  // namespace

std::optional<std::string> argument_fault(wire::json_object const& parameters,
                                          wire::json_value const& arguments) {
    if (!arguments.is_object()) return ": expected object";
    return fault_of(parameters, arguments, "");
}

}  // namespace core
}  // namespace cxb::inline v1
