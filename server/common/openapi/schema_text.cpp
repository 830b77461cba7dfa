#include "server/common/openapi/schema_text.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::server {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::string_view plain_types[] = {"string",  "integer", "number",
                                            "boolean", "object",  "null"};

[[noreturn]] void refuse(std::string_view what) {
    throw std::logic_error("schema text: " + std::string(what));
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> out;
    for (;;) {
        auto const at = text.find(by);
        out.push_back(trim(text.substr(0, at)));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

json_object parsed_schema(std::string_view text) {
    auto parsed = wire::parse_json(text);
    if (!parsed || !parsed->is_object()) refuse(text);
    return std::move(parsed->as_object());
}

// A reference would lead nowhere once the text stands inside another.
json_object inner_schema(std::string_view text) {
    if (text.find("\"$ref\"") != std::string_view::npos) refuse(text);
    return parsed_schema(text);
}

// References go from the root of a text; so do those of what becomes a part of it.
void lift_definitions(json_object& part, json_object& root) {
    if (auto* const definitions = part.if_contains("$defs")) root["$defs"] = *definitions;
    for (auto const* name : {"$defs", "$id", "$schema"})
        part.erase(name);
}

json_object type_schema(std::string_view type, schema_parts parts);

json_object one_of_several(std::string_view type, schema_parts parts) {
    json_array all;
    for (auto const& each : split(type, '|'))
        all.push_back(type_schema(each, parts));
    return {{"anyOf", std::move(all)}};
}

json_object type_schema(std::string_view type, schema_parts parts) {
    if (type.find('|') != std::string_view::npos) return one_of_several(type, parts);
    if (type.ends_with("[]"))
        return {{"type", "array"}, {"items", type_schema(type.substr(0, type.size() - 2), parts)}};
    if (type == "any") return {};
    if (type == "time") return {{"type", "string"}, {"format", "date-time"}};
    if (type.starts_with('=')) {
        json_array words;
        for (auto const& word : split(type.substr(1), '/'))
            words.push_back(json_value(word));
        return {{"type", "string"}, {"enum", std::move(words)}};
    }
    if (type.starts_with('@')) {
        auto const* const found = std::find_if(parts.begin(), parts.end(), [&](auto const& part) {
            return part.first == type.substr(1);
        });
        if (found == parts.end()) refuse(type);
        return inner_schema(found->second);
    }
    if (std::ranges::find(plain_types, type) == std::end(plain_types)) refuse(type);
    return {{"type", type}};
}

void add_members(json_object& schema, std::string_view members, schema_parts parts) {
    if (!schema.contains("properties")) schema["properties"] = json_object{};
    if (!schema.contains("required")) schema["required"] = json_array{};
    auto& properties = schema["properties"].as_object();
    auto& required = schema["required"].as_array();
    for (auto const& member : split(members, ',')) {
        auto const space = member.find(' ');
        if (space == std::string_view::npos) refuse(member);
        auto name = member.substr(0, space);
        if (name.ends_with('?'))
            name.remove_suffix(1);
        else
            required.push_back(json_value(name));
        auto const type = trim(member.substr(space + 1));
        if (type != "known")
            properties[name] = type_schema(type, parts);
        else if (!properties.contains(name))
            refuse(member);
    }
}

}  // namespace

std::string object_schema(std::string_view title, std::string_view members, schema_parts parts) {
    json_object out{{"title", title}, {"type", "object"}};
    add_members(out, members, parts);
    return wire::to_text(out);
}

std::string extended_schema(std::string_view base, std::string_view title, std::string_view members,
                            schema_parts parts) {
    json_object out = parsed_schema(base);
    out["title"] = title;
    add_members(out, members, parts);
    return wire::to_text(out);
}

std::string optional_schema(std::string_view base, std::string_view title) {
    json_object out = parsed_schema(base);
    out["title"] = title;
    out.erase("required");
    return wire::to_text(out);
}

std::string page_schema_text(std::string_view item) {
    json_object each = parsed_schema(item);
    auto const title = std::string(wire::text_at(each, "title")) + "_page";
    auto page = parsed_schema(object_schema(title,
                                            "items object[], total integer, page? integer, "
                                            "limit integer, next? string, total_capped? boolean"));
    lift_definitions(each, page);
    page["properties"].as_object()["items"].as_object()["items"] = std::move(each);
    return wire::to_text(page);
}

std::string list_schema_text(std::string_view item) {
    json_object each = parsed_schema(item);
    auto const title = std::string(wire::text_at(each, "title")) + "_list";
    json_object list{{"title", title}, {"type", "array"}};
    lift_definitions(each, list);
    list["items"] = std::move(each);
    return wire::to_text(list);
}

std::string_view deleted_schema() {
    static std::string const text = object_schema("deleted", "status =deleted");
    return text;
}

std::string_view done_schema() {
    static std::string const text = object_schema("done", "status =ok");
    return text;
}

}  // namespace cxb::server
