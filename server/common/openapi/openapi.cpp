#include "server/common/openapi/openapi.hpp"

#include <map>

#include "cxb/wire/json.hpp"
#include "server/common/http/path_table.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::server {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::string_view schema_root = "#/components/schemas/";
constexpr std::string_view problem_schema = R"({"type":"object","required":["type","title",
"status","detail","code","request_id"],"properties":{"type":{"type":"string"},
"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
"code":{"type":"string"},"request_id":{"type":"string"},"errors":{"type":"array","items":
{"type":"object","required":["pointer","reason"],"properties":{"pointer":{"type":"string"},
"reason":{"type":"string"}}}}}})";

json_value text(std::string_view from) {
    return json_value(from);
}

// References inside a schema name the schema's own root; here it lies deeper.
void move_references(json_value& node, std::string const& root) {
    if (auto* const object = node.if_object()) {
        for (auto& member : *object) {
            auto* const target = member.value().if_string();
            if (member.key() == "$ref" && target != nullptr && !target->empty() &&
                target->front() == '#')
                member.value() = text(root + std::string(target->begin() + 1, target->end()));
            else
                move_references(member.value(), root);
        }
    } else if (auto* const array = node.if_array()) {
        for (auto& item : *array)
            move_references(item, root);
    }
}

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

// `/a/{key*}` is written `/a/{key}`.
std::string open_path(std::string_view pattern) {
    std::string out(pattern);
    if (auto const star = out.find("*}"); star != std::string::npos) out.erase(star, 1);
    return out;
}

std::string lower_method(std::string_view method) {
    std::string out;
    for (char const c : method)
        out.push_back(static_cast<char>(c + ('a' - 'A')));
    return out;
}

std::string tag_of(std::string_view pattern) {
    constexpr std::string_view prefix = "/api/v1/";
    if (pattern.substr(0, prefix.size()) != prefix) return "process";
    pattern.remove_prefix(prefix.size());
    return std::string(pattern.substr(0, pattern.find('/')));
}

json_array security_of(access who) {
    auto const scheme = [](std::string_view name) {
        json_object out;
        out[name] = json_array{};
        return json_value(std::move(out));
    };
    json_array out;
    switch (who) {
        case access::unset:
        case access::public_:
        case access::signed_link:
            break;
        case access::core_secret:
            out.push_back(scheme("core_secret"));
            break;
        case access::loopback_or_core:
            out.push_back(json_object{});
            out.push_back(scheme("core_secret"));
            break;
        case access::api_key_or_admin:
            out.push_back(scheme("api_key"));
            out.push_back(scheme("bearer"));
            break;
        default:
            out.push_back(scheme("bearer"));
    }
    return out;
}

class document_writer {
  public:
    void add(route const& row) {
        json_object operation;
        operation["operationId"] =
            text(identifier(lower_method(row.method) + "_" + std::string(row.pattern)));
        operation["tags"] = json_array{text(tag_of(row.pattern))};
        operation["summary"] = text(row.summary);
        operation["x-access"] = text(word_for(row.who));
        if (!row.scope.empty()) operation["x-scope"] = text(row.scope);
        if (auto parameters = parameters_of(row); !parameters.empty())
            operation["parameters"] = std::move(parameters);
        if (has_body(row.method) && (row.request_schema != nullptr || row.open_sink != nullptr))
            operation["requestBody"] = body_of(row);
        operation["responses"] = responses_of(row);
        operation["security"] = security_of(row.who);
        auto const path = open_path(row.pattern);
        if (!paths_.contains(path)) paths_[path] = json_object{};
        paths_[path].as_object()[lower_method(row.method)] = std::move(operation);
    }

    json_object finish(openapi_info const& info) {
        auto const scheme = [](std::string_view header, std::string_view doc) {
            return json_object{
                {"type", "apiKey"}, {"in", "header"}, {"name", header}, {"description", doc}};
        };
        schemas_["problem"] = *wire::parse_json(problem_schema);
        json_object responses{
            {"problem",
             json_object{{"description", "Why the request was refused (RFC 9457)"},
                         {"content",
                          json_object{{"application/problem+json",
                                       json_object{{"schema", json_object{{"$ref",
                                                                           "#/components/schemas/"
                                                                           "problem"}}}}}}}}}};
        json_object out;
        out["openapi"] = "3.1.0";
        out["info"] = json_object{
            {"title", info.title}, {"version", info.version}, {"description", info.description}};
        out["paths"] = std::move(paths_);
        out["components"] = json_object{
            {"schemas", std::move(schemas_)},
            {"responses", std::move(responses)},
            {"securitySchemes",
             json_object{{"core_secret", scheme("X-CXB-Core-Secret", "Our runtime processes")},
                         {"api_key", scheme("X-API-Key", "CRMs and integrations")},
                         {"bearer", json_object{{"type", "http"},
                                                {"scheme", "bearer"},
                                                {"bearerFormat", "JWT"},
                                                {"description", "People"}}}}}};
        return out;
    }

  private:
    static json_array parameters_of(route const& row) {
        auto const parameter = [](std::string_view name, std::string_view in, bool required,
                                  std::string_view type, std::string_view doc) {
            json_object out{{"name", name}, {"in", in}, {"required", required}};
            if (!doc.empty()) out["description"] = text(doc);
            out["schema"] = json_object{{"type", type}};
            return out;
        };
        json_array out;
        for (auto const& name : path_table::param_names(row.pattern))
            out.push_back(parameter(name, "path", true, "string", ""));
        for (auto const& one : row.query)
            out.push_back(parameter(one.name, "query", one.required, one.type, one.doc));
        if (row.idempotent)
            out.push_back(parameter("Idempotency-Key", "header", false, "string",
                                    "Up to 255 characters: the request takes effect once"));
        return out;
    }

    json_object body_of(route const& row) {
        json_object schema;
        if (row.request_schema != nullptr) schema = reference(row.request_schema, row, "_request");
        json_object content;
        for (auto const& type : row.content_types)
            content[type] = json_object{{"schema", schema}};
        if (content.empty()) content["*/*"] = json_object{{"schema", schema}};
        return {{"required", true}, {"content", std::move(content)}};
    }

    json_object responses_of(route const& row) {
        json_object success{{"description", phrase_of(row.success)}};
        if (row.response_schema != nullptr || row.response_type != json_type) {
            json_object schema;
            if (row.response_schema != nullptr)
                schema = reference(row.response_schema, row, "_answer");
            json_object content;
            content[row.response_type] = json_object{{"schema", std::move(schema)}};
            success["content"] = std::move(content);
        }
        json_object out;
        out[std::to_string(row.success)] = std::move(success);
        for (auto const code : faults_of(row))
            out[std::to_string(problem_of(code).status)] =
                json_object{{"$ref", "#/components/responses/problem"}};
        out["default"] = json_object{{"$ref", "#/components/responses/problem"}};
        return out;
    }

    static std::vector<errc> faults_of(route const& row) {
        std::vector<errc> out;
        bool const open = row.who == access::public_ || row.who == access::signed_link;
        bool const by_secret =
            row.who == access::core_secret || row.who == access::loopback_or_core;
        if (!open && !by_secret) out.push_back(errc::unauthenticated);
        if (!open) out.push_back(errc::forbidden);
        if (row.pattern.find('{') != std::string_view::npos) out.push_back(errc::not_found);
        if (row.idempotent) out.push_back(errc::conflict);
        if (has_body(row.method))
            out.insert(out.end(), {errc::malformed, errc::too_large, errc::unsupported_type});
        if (has_body(row.method) || !row.query.empty()) out.push_back(errc::invalid);
        if (row.rate != rate_class::none && !by_secret) out.push_back(errc::rate_limited);
        return out;
    }

    json_object reference(schema_fn schema, route const& row, std::string_view suffix) {
        auto const known = names_.find(schema);
        if (known != names_.end()) return to(known->second);
        auto parsed = wire::parse_json(schema());
        json_object body;
        if (parsed && parsed->is_object()) body = std::move(parsed->as_object());
        auto name = identifier(wire::text_at(body, "title"));
        if (name.empty())
            name = identifier(lower_method(row.method) + "_" + std::string(row.pattern)) +
                   std::string(suffix);
        auto unique = name;
        for (int n = 2; schemas_.contains(unique) || unique == "problem"; ++n)
            unique = name + "_" + std::to_string(n);
        names_.emplace(schema, unique);
        body.erase("$id");
        body.erase("$schema");
        json_value moved(std::move(body));
        move_references(moved, std::string(schema_root) + unique);
        schemas_[unique] = std::move(moved);
        return to(unique);
    }

    static json_object to(std::string const& name) {
        return {{"$ref", std::string(schema_root) + name}};
    }

    json_object paths_;
    json_object schemas_;
    std::map<schema_fn, std::string> names_;
};

constexpr route rows[] = {
    {.method = "GET",
     .pattern = "/openapi.json",
     .who = access::public_,
     .handler = &get_openapi,
     .summary = "This document"},
    {.method = "GET",
     .pattern = "/docs",
     .who = access::public_,
     .handler = &get_docs,
     .summary = "The document for people",
     .response_type = "text/html"},
};

}  // namespace

std::string openapi_document(openapi_info const& info, std::span<route const* const> routes) {
    document_writer writer;
    for (auto const* row : routes)
        writer.add(*row);
    return wire::to_text(writer.finish(info));
}

handler_result get_openapi(request_context& context) {
    co_return json_response(200, context.service<openapi_page>().document);
}

handler_result get_docs(request_context&) {
    auto page = text_response(200, std::string(docs_html()), "text/html; charset=utf-8");
    page.headers.add("Content-Security-Policy",
                     "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                     "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'");
    co_return page;
}

std::span<route const> openapi_routes() noexcept {
    return rows;
}

}  // namespace cxb::server
