#pragma once
/// @file
/// A route is one row of a constexpr table; the table drives dispatch, 404 and 405, access, the
/// OpenAPI document and the tests (spec 20 §2.1, DESIGN: HTTP surface).
///
/// ```cpp
/// constexpr route bot_routes[] = {
///     {.method = "GET", .pattern = "/api/v1/bots/{id}", .who = access::admin,
///      .handler = &get_bot, .summary = "One bot", .response_schema = &bot_schema},
///     {.method = "POST", .pattern = "/api/v1/bots", .who = access::admin, .handler = &create_bot,
///      .summary = "Create a bot", .body_limit = limits::bot_body, .request_schema = &bot_schema,
///      .success = 201},
/// };
/// ```
/// Patterns: segments are literal or `{name}` (one non-empty segment, percent-decoded), and the
/// last one may be `{name*}` (the rest of the path, slashes included). Literals win over
/// parameters. A GET row also answers HEAD. Names must be unique inside a pattern.
///
/// Handlers are free coroutines: check, call one domain operation, map. The context outlives the
/// coroutine. Shared state comes from `context.services`.
///
/// | member          | default means                                                         |
/// |-----------------|-----------------------------------------------------------------------|
/// | who             | `unset`: refused when the router is built                             |
/// | scope           | "": an API key needs no scope beyond the default                      |
/// | body_limit      | 64 KiB; ignored for methods without a body                            |
/// | content_types   | `application/json`; empty span: any type                              |
/// | request_schema  | none: no body documented                                              |
/// | query           | none documented                                                       |
/// | rate            | by the caller's kind                                                  |
/// | idempotent      | `Idempotency-Key` is not looked at                                    |
/// | deadline        | 0: `http.request_timeout_seconds`; negative: none (streams)           |
/// | open_sink       | none: the body is collected in `request.body`                         |
/// | any_origin      | CORS by `http.cors_origins`; true: `*`                                |
/// | doc             | nothing beyond the summary                                            |

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "cxb/base/limits.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::server {

class request_context;

/// Who may call a route. What each word demands is decided by the access gate.
enum class access : std::uint8_t {
    unset,                 ///< a row without a rule: the router refuses to be built
    public_,               ///< P: everyone
    core_secret,           ///< C: shared secret header
    api_key_or_admin,      ///< K or A: a key with the row's scope, or an admin's token
    user,                  ///< U: any signed-in user
    admin,                 ///< A: admin or super_admin
    super_admin,           ///< S: exactly super_admin
    agent_or_supervisor,   ///< exactly these two roles
    supervisor,            ///< supervisor and above
    agent_assist_manager,  ///< supervisor and above
    signed_link,           ///< the handler proves a token or a signature itself
    loopback_or_core,      ///< loopback clients, else core secret (`/metrics`)
};

/// Word used in the OpenAPI document and in logs, e.g. `core_secret`; "" for `unset`.
[[nodiscard]] std::string_view word_for(access who) noexcept;

enum class rate_class : std::uint8_t {
    by_caller,   ///< user, key or, for the public, address (spec 20 §3.1)
    none,        ///< never limited
    by_address,  ///< per client address, whoever calls
};

using handler_result = boost::asio::awaitable<result<wire::http_response>>;
using handler_fn = handler_result (*)(request_context&);
/// JSON Schema text of a body.
using schema_fn = std::string_view (*)();
/// Opens the sink an upload is written to, once access was granted. `head` has the headers;
/// `context.request` is still empty.
using sink_fn = result<std::shared_ptr<wire::body_sink>> (*)(request_context& context,
                                                             wire::http_request const& head);

/// One documented query parameter.
struct query_parameter {
    std::string_view name;
    std::string_view doc;
    std::string_view type = "string";  ///< JSON Schema type
    bool required = false;
    std::string_view example{};  ///< as it stands in the URL, before escaping
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view json_only[] = {json_type};
/// `page`, `limit`, `cursor` of spec 20 §3.7.
inline constexpr query_parameter page_parameters[] = {
    {"page", "Page number, from 1; page x limit up to 10000", "integer", false, "1"},
    {"limit", "Items per page, 1 to 200, default 50", "integer", false, "50"},
    {"cursor", "Value of `next` of the former answer, instead of `page`", "string", false,
     "eyJvIjoiLWNyZWF0ZWRfYXQtX2lkIn0"}};

inline constexpr std::chrono::seconds no_deadline{-1};

/// A refusal that does not follow from the row itself (access, body, parameters, rate).
struct route_error {
    int status;
    std::string_view code;  ///< `code` of the problem document
    std::string_view when;  ///< a short clause for readers
};

/// An answer beside the success that is no refusal: another status, or another type of the same.
struct other_answer {
    int status;
    std::string_view when;
    std::string_view type{};     ///< "": without a body
    schema_fn schema = nullptr;  ///< none: described by its type alone
};

/// What the OpenAPI document says besides: for readers, and checked by tests.
struct route_doc {
    std::string_view description{};         ///< what it does beyond the summary; whole sentences
    std::string_view request_example{};     ///< body: JSON text; "" for rows without one
    std::string_view response_example{};    ///< body of the success: JSON text, or text of its type
    std::span<route_error const> errors{};  ///< by status and code
    std::span<other_answer const> others{};
    bool body_may_be_absent = false;  ///< the request does without one too
};

struct route {
    std::string_view method;
    std::string_view pattern;
    access who = access::unset;
    handler_fn handler = nullptr;
    std::string_view summary;
    std::string_view scope{};
    std::size_t body_limit = limits::default_body;
    std::span<std::string_view const> content_types = json_only;
    schema_fn request_schema = nullptr;
    schema_fn response_schema = nullptr;
    std::string_view response_type = json_type;
    int success = 200;
    std::span<query_parameter const> query{};
    rate_class rate = rate_class::by_caller;
    bool idempotent = false;
    std::chrono::seconds deadline{0};
    sink_fn open_sink = nullptr;
    bool any_origin = false;
    route_doc doc{};
};

/// Does this method carry a request body (POST, PUT, PATCH)?
[[nodiscard]] constexpr bool has_body(std::string_view method) noexcept {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace cxb::server
