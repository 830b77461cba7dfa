#include "server/common/openapi/schema_shelf.hpp"

#include "server/common/openapi/schema_text.hpp"

namespace cxb::server {
namespace {

using wire::json_object;
using wire::json_value;

constexpr std::string_view schema_root = "#/components/schemas/";
constexpr std::string_view problem_name = "problem";

std::string problem_schema() {
    auto const fault = object_schema("fault", "pointer string, reason string");
    return object_schema(problem_name,
                         "type string, title string, status integer, detail string, code string, "
                         "request_id string, errors? @fault[]",
                         {{"fault", fault}});
}

// References inside a schema name the schema's own root; here it lies deeper.
void move_references(json_value& node, std::string const& root) {
    if (auto* const object = node.if_object()) {
        for (auto& member : *object) {
            auto* const target = member.value().if_string();
            if (member.key() == "$ref" && target != nullptr && !target->empty() &&
                target->front() == '#')
                member.value() = json_value(root + std::string(target->begin() + 1, target->end()));
            else
                move_references(member.value(), root);
        }
    } else if (auto* const array = node.if_array()) {
        for (auto& item : *array)
            move_references(item, root);
    }
}

json_object to(std::string const& name) {
    return {{"$ref", std::string(schema_root) + name}};
}

}  // namespace

std::string identifier(std::string_view from) {
    std::string out;
    for (char const c : from) {
        bool const fine =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (fine)
            out.push_back(c);
        else if (!out.empty() && out.back() != '_')
            out.push_back('_');
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out;
}

schema_shelf::schema_shelf() {
    schemas_[problem_name] = wire::parse_json(problem_schema()).value();
}

json_object schema_shelf::reference(schema_fn schema, std::string const& name) {
    auto const known = names_.find(schema);
    if (known != names_.end()) return to(known->second);
    auto parsed = wire::parse_json(schema());
    json_object body;
    if (parsed && parsed->is_object()) body = std::move(parsed->as_object());
    auto wanted = identifier(wire::text_at(body, "title"));
    if (wanted.empty()) wanted = name;
    auto unique = wanted;
    for (int n = 2; schemas_.contains(unique); ++n)
        unique = wanted + "_" + std::to_string(n);
    names_.emplace(schema, unique);
    body.erase("$id");
    body.erase("$schema");
    json_value moved(std::move(body));
    move_references(moved, std::string(schema_root) + unique);
    schemas_[unique] = std::move(moved);
    return to(unique);
}

json_object schema_shelf::problem() {
    return to(std::string(problem_name));
}

json_object schema_shelf::take() && {
    return std::move(schemas_);
}

}  // namespace cxb::server
