#pragma once
/// @file
/// What the model may call (spec 10 §3.4): built-in actions and HTTP requests in the OpenAI
/// function form. Names are unique inside a config; a built-in is available only when listed.

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

enum class tool_kind { builtin, http };
enum class http_method { post, get, put, patch, delete_ };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::tool_kind> {
    using e = contract::runtime_config::tool_kind;
    static constexpr std::pair<e, std::string_view> words[] = {{e::builtin, "builtin"},
                                                               {e::http, "http"}};
};
template <>
struct enum_words<contract::runtime_config::http_method> {
    using e = contract::runtime_config::http_method;
    static constexpr std::pair<e, std::string_view> words[] = {{e::post, "POST"},
                                                               {e::get, "GET"},
                                                               {e::put, "PUT"},
                                                               {e::patch, "PATCH"},
                                                               {e::delete_, "DELETE"}};
};

namespace contract::runtime_config {

/// `parameters` is a JSON Schema of at most 16 KiB.
struct tool_function {
    std::string name;  ///< `[A-Za-z0-9_-]{1,64}`
    std::string description;
    std::optional<wire::raw_json> parameters;
};

/// An HTTP tool. `{{args.x}}` stands for an argument in `url`, `query` and `body`; values put into
/// URLs are percent-encoded, into JSON escaped. Without `body` the arguments are the JSON body
/// (POST, PUT, PATCH) or the query. No redirects; the address guard applies.
struct http_tool {
    open_enum<http_method> method;
    std::string url;
    std::map<std::string, std::string> headers;  ///< secret
    std::map<std::string, std::string> query;
    std::optional<wire::raw_json> body;
    real_seconds timeout_seconds{10};  ///< 1–30
    int max_response_bytes = 32768;    ///< ≤ 262144
    std::string response_pointer;      ///< JSON Pointer into the answer; "" = all of it
    bool sensitive = false;            ///< arguments and result are stored as "***"
};

struct tool {
    std::string type = "function";
    tool_function function;
    open_enum<tool_kind> kind;
    std::optional<http_tool> http;  ///< required for kind http
    std::string pre_message;        ///< spoken if the call is not back in 300 ms
};

CXB_WIRE_DECLARE_PART(tool_function);
CXB_WIRE_DECLARE_PART(http_tool);
CXB_WIRE_DECLARE_PART(tool);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
