#include "server/common/openapi/openapi.hpp"

#include "cxb/wire/json.hpp"
#include "server/common/http/path_table.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/openapi/openapi_docs.hpp"
#include "server/common/openapi/operation_parts.hpp"
#include "server/common/openapi/refusals.hpp"
#include "server/common/openapi/schema_shelf.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::server {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr int status_no_content = 204;

json_value text(std::string_view from) {
    return json_value(from);
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
        operation["operationId"] = text(operation_id(row));
        operation["tags"] = json_array{text(tag_of(row.pattern))};
        operation["summary"] = text(row.summary);
        operation["description"] = text(description_of(row));
        operation["x-access"] = text(word_for(row.who));
        if (!row.scope.empty()) operation["x-scope"] = text(row.scope);
        if (auto parameters = parameters_of(row); !parameters.empty())
            operation["parameters"] = std::move(parameters);
        if (takes_body(row)) operation["requestBody"] = body_of(row);
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
        json_object out;
        out["openapi"] = "3.1.0";
        out["info"] = json_object{
            {"title", info.title}, {"version", info.version}, {"description", info.description}};
        out["paths"] = std::move(paths_);
        out["components"] = json_object{
            {"schemas", std::move(shelf_).take()},
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
    json_object body_of(route const& row) {
        json_object medium;
        medium["schema"] = json_object{};
        if (row.request_schema != nullptr)
            medium["schema"] = shelf_.reference(row.request_schema, operation_id(row) + "_request");
        if (!row.doc.request_example.empty())
            medium["example"] = read_example(row.doc.request_example, json_type);
        json_object content;
        for (auto const& type : row.content_types)
            content[type] = medium;
        if (content.empty()) content["*/*"] = std::move(medium);
        return {{"required", !row.doc.body_may_be_absent}, {"content", std::move(content)}};
    }

    json_object medium_of(std::string const& id, std::string_view type, schema_fn schema) {
        json_object out;
        out["schema"] = json_object{};
        if (schema != nullptr)
            out["schema"] = shelf_.reference(schema, id + "_answer");
        else if (type.starts_with("text/"))
            out["schema"] = json_object{{"type", "string"}};
        return out;
    }

    json_object responses_of(route const& row) {
        auto const id = operation_id(row);
        json_object success{{"description", phrase_of(row.success)}};
        if (row.success != status_no_content) {
            auto medium = medium_of(id, row.response_type, row.response_schema);
            if (!row.doc.response_example.empty())
                medium["example"] = read_example(row.doc.response_example, row.response_type);
            success["content"] = json_object{{row.response_type, std::move(medium)}};
        }
        json_object out;
        out[std::to_string(row.success)] = std::move(success);
        for (auto const& other : row.doc.others) {
            auto& answer = out[std::to_string(other.status)];
            if (!answer.is_object()) answer = json_object{{"description", phrase_of(other.status)}};
            auto& known = answer.as_object();
            known["description"] = text(std::string(wire::text_at(known, "description")) + ". " +
                                        std::string(other.when));
            if (other.type.empty()) continue;
            if (!known.contains("content")) known["content"] = json_object{};
            known["content"].as_object()[other.type] = medium_of(id, other.type, other.schema);
        }
        add_refusals(row, out);
        return out;
    }

    json_object paths_;
    schema_shelf shelf_;
};

constexpr route rows[] = {
    {.method = "GET",
     .pattern = "/openapi.json",
     .who = access::public_,
     .handler = &get_openapi,
     .summary = "This document",
     .response_schema = &openapi_schema,
     .doc = openapi_doc},
    {.method = "GET",
     .pattern = "/docs",
     .who = access::public_,
     .handler = &get_docs,
     .summary = "The document for people",
     .response_type = "text/html",
     .doc = docs_doc},
};

}  // namespace

std::string openapi_document(openapi_info const& info, std::span<route const* const> routes) {
    document_writer writer;
    for (auto const* row : routes)
        writer.add(*row);
    return wire::to_text(writer.finish(info));
}

std::shared_ptr<std::string const> openapi_page::document() {
    std::call_once(made_, [this] { document_ = std::make_shared<std::string const>(make_()); });
    return document_;
}

handler_result get_openapi(request_context& context) {
    co_return json_response(200, context.service<openapi_page>().document());
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
