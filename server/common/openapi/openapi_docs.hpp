#pragma once
/// @file
/// What the OpenAPI document tells of the reference itself:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::server {

[[nodiscard]] inline std::string_view openapi_schema() {
    static std::string const text =
        object_schema("openapi", "openapi string, info object, paths object, components object");
    return text;
}

inline constexpr route_doc openapi_doc{
    .description =
        "The OpenAPI 3.1 document of this process, made from the table that also "
        "dispatches its requests.",
    .response_example =
        R"({"openapi":"3.1.0","info":{"title":"CX Bridge","version":"1.0.0"},"paths":{},
"components":{}})"};

inline constexpr route_doc docs_doc{
    .description = "A page that shows the document in a browser and needs nothing from elsewhere.",
    .response_example = "<!doctype html>"};

}  // namespace cxb::server
