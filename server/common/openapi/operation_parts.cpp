#include "server/common/openapi/operation_parts.hpp"

#include <algorithm>
#include <charconv>

#include "server/common/http/path_table.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/openapi/refusals.hpp"
#include "server/common/openapi/schema_shelf.hpp"

namespace cxb::server {
namespace {

using wire::json_object;
using wire::json_value;

constexpr std::string_view problem_type = "application/problem+json";

json_value text(std::string_view from) {
    return json_value(from);
}

struct path_parameter {
    std::string_view prefix;  ///< of the pattern
    std::string_view name;
    std::string_view doc;
    std::string_view example;
    std::string_view type = "string";
};

constexpr std::string_view a_session = "01a2022d-32b9-7149-85cc-40025582ba10";
constexpr std::string_view an_id = "6b029aee2e5f75ee541227d1";

// The first that fits.
constexpr path_parameter path_parameters[] = {
    {"/api/v1/calls/", "id", "`session_id` or `id` of the call", a_session},
    {"/api/v1/bots/", "id", "Id of the bot", an_id},
    {"/api/v1/bots/", "n", "Number of the version, from 1", "1", "integer"},
    {"/api/v1/users/", "id", "Id of the user", an_id},
    {"/api/v1/api-keys/", "id", "Id of the key, not its text", an_id},
    {"/api/v1/webhook-endpoints/", "id", "Id of the endpoint", an_id},
    {"/api/v1/ops/jobs/", "id", "Id of the job", an_id},
    {"/api/v1/carriers/", "id", "Id of the carrier", an_id},
    {"/api/v1/why/", "kind", "bot, call, push, recording, worker or number", "call"},
    {"/api/v1/why/", "id", "Id, session_id, URL or number, by its kind", a_session},
    {"", "did_id", "Id of the number", an_id},
    {"", "bot_id", "Id of the bot", an_id},
    {"", "session_id", "`session_id` of the call", a_session},
    {"", "token", "The secret part of the link", "Vec5nY1d46b-3LCWBfS1dth8QV-kimmo"},
    {"", "provider", "Name of the provider as the settings have it", "openai"},
    {"", "id", "Id, as lists and answers tell it", an_id},
};

json_object parameter(std::string_view name, std::string_view in, std::string_view type) {
    json_object out{{"name", name}, {"in", in}, {"required", in == "path"}};
    out["schema"] = json_object{{"type", type}};
    return out;
}

json_value typed_example(std::string_view from, std::string_view type) {
    if (type == "boolean") return from == "true";
    std::int64_t number = 0;
    if (type == "integer") {
        std::from_chars(from.data(), from.data() + from.size(), number);
        return number;
    }
    return text(from);
}

json_object path_part(std::string_view pattern, std::string_view name) {
    auto const* const known = std::ranges::find_if(path_parameters, [&](path_parameter const& one) {
        return one.name == name && pattern.starts_with(one.prefix);
    });
    if (known == std::end(path_parameters)) return parameter(name, "path", "string");
    auto out = parameter(name, "path", known->type);
    out["description"] = text(known->doc);
    out["example"] = typed_example(known->example, known->type);
    return out;
}

json_object query_part(query_parameter const& one) {
    auto out = parameter(one.name, "query", one.type);
    out["required"] = one.required;
    if (!one.doc.empty()) out["description"] = text(one.doc);
    if (!one.example.empty()) out["example"] = typed_example(one.example, one.type);
    return out;
}

}  // namespace

std::string lower_method(std::string_view method) {
    std::string out;
    for (char const c : method)
        out.push_back(static_cast<char>(c + ('a' - 'A')));
    return out;
}

std::string operation_id(route const& row) {
    return identifier(lower_method(row.method) + "_" + std::string(row.pattern));
}

std::string open_path(std::string_view pattern) {
    std::string out(pattern);
    if (auto const star = out.find("*}"); star != std::string::npos) out.erase(star, 1);
    return out;
}

std::string description_of(route const& row) {
    std::string out(row.doc.description);
    if (!out.empty()) out += "\n\n";
    out += sentence_for(row.who);
    if (!row.scope.empty()) out.append(" A key needs the scope `").append(row.scope).append("`.");
    return out;
}

bool takes_body(route const& row) noexcept {
    return has_body(row.method) && (row.request_schema != nullptr || row.open_sink != nullptr ||
                                    !row.doc.request_example.empty());
}

wire::json_array parameters_of(route const& row) {
    wire::json_array out;
    for (auto const& name : path_table::param_names(row.pattern))
        out.push_back(path_part(row.pattern, name));
    for (auto const& one : row.query)
        out.push_back(query_part(one));
    if (row.idempotent) {
        auto key = parameter("Idempotency-Key", "header", "string");
        key["description"] = "Up to 255 characters: the request takes effect once";
        key["example"] = "order-4711";
        out.push_back(std::move(key));
    }
    return out;
}

json_value read_example(std::string_view example, std::string_view type) {
    if (type != json_type) return text(example);
    auto parsed = wire::parse_json(example);
    return parsed ? *std::move(parsed) : text(example);
}

void add_refusals(route const& row, json_object& responses) {
    for (auto const& one : refusals_of(row)) {
        auto& slot = responses[std::to_string(one.status)];
        if (!slot.is_object()) slot.emplace_object();
        auto& answer = slot.as_object();
        std::string told(wire::text_at(answer, "description"));
        if (!told.empty()) told += "\n";
        told.append("`").append(one.code).append("`: ").append(one.when);
        answer["description"] = text(told);
        if (!answer.contains("x-codes")) answer["x-codes"] = json_object{};
        answer["x-codes"].as_object()[one.code] = text(one.when);
        if (!answer.contains("content")) answer["content"] = json_object{};
        auto& content = answer["content"].as_object();
        if (!content.contains(problem_type))
            content[problem_type] =
                json_object{{"schema", schema_shelf::problem()}, {"examples", json_object{}}};
        content[problem_type].as_object()["examples"].as_object()[one.code] =
            json_object{{"value", read_example(example_problem(one), json_type)}};
    }
}

}  // namespace cxb::server
