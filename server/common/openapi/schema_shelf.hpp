#pragma once
/// @file
/// `components/schemas` of the OpenAPI document: each schema text stands there once.

#include <map>
#include <string>

#include "cxb/wire/json.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

/// With all but letters and digits as `_`; "" for a text without any.
[[nodiscard]] std::string identifier(std::string_view from);

/// Thread-safety: one thread.
class schema_shelf {
  public:
    /// Has `problem`, the body of every refusal.
    schema_shelf();
    /// `{"$ref": ...}` to the schema, which is put there at its first call: under its `title`, else
    /// under `name`, with a number behind it if that is taken. Its own references follow it.
    [[nodiscard]] wire::json_object reference(schema_fn schema, std::string const& name);
    [[nodiscard]] static wire::json_object problem();
    [[nodiscard]] wire::json_object take() &&;

  private:
    wire::json_object schemas_;
    std::map<schema_fn, std::string> names_;
};

}  // namespace cxb::server
