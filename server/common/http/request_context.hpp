#pragma once
/// @file
/// Everything a handler may know about the request at hand.
///
/// | member            | type            | meaning                                              |
/// |-------------------|-----------------|------------------------------------------------------|
/// | request           | http_request    | as received; `body` complete unless a sink took it   |
/// | matched           | route const*    | the row that was chosen; never null in a handler     |
/// | caller            | principal       | who calls; access was granted                        |
/// | query             | query_list      | decoded query                                        |
/// | request_id        | text            | echoed as `X-Request-Id`, stands in the log line     |
/// | trace             | trace_context   | pass `trace.traceparent()` on outgoing calls         |
/// | deadline          | steady time     | one for the whole request; pass it down, never reset |
/// | client_address    | text            | behind trusted proxies                               |
/// | loopback_client   | bool            | that address is loopback and nothing is forged       |
/// | origin            | text            | `scheme://host` by which the client reached us       |
/// | public_base       | text            | `http.public_url`, else `origin`; no trailing `/`    |
/// | internal_base     | text            | `http.internal_url`, else `origin`                   |
/// | answer_headers    | header list     | added to the answer, also to a problem               |
/// | session_id        | text            | set by handlers: for the log line                    |
///
/// Lifetime: at least as long as the handler's coroutine. Thread-safety: one event loop.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/http/service_set.hpp"
#include "server/common/http/trace_context.hpp"

namespace cxb::server {

struct route;

class request_context {
  public:
    wire::http_request request;
    route const* matched = nullptr;
    std::size_t route_index = 0;
    principal caller;
    wire::query_list query;
    std::vector<std::pair<std::string_view, std::string>> params;
    std::string request_id;
    trace_context trace;
    clock const* time = nullptr;
    std::chrono::nanoseconds started{0};
    std::chrono::nanoseconds deadline{0};
    std::string client_address;
    bool loopback_client = false;
    std::string origin;
    std::string public_base;
    std::string internal_base;
    service_set const* services = nullptr;
    wire::header_list answer_headers;
    std::string session_id;

    /// Decoded path parameter; `name` must stand in the pattern (else `std::logic_error`).
    [[nodiscard]] std::string const& param(std::string_view name) const;
    /// Shorthand for `services->get<T>()`.
    template <class T>
    [[nodiscard]] T& service() const {
        return services->get<T>();
    }
    [[nodiscard]] time_point now() const noexcept { return time->now(); }
    /// Time left until the deadline; zero when it has passed. Routes without one: 24 h.
    [[nodiscard]] std::chrono::milliseconds remaining() const noexcept;
    /// Value of `User-Agent`, cut at 200 bytes: for audit rows.
    [[nodiscard]] std::string_view user_agent() const noexcept;
    /// The body as JSON. Errors: `malformed` for an empty or unreadable body.
    [[nodiscard]] result<wire::json_value> json_body() const;
    /// The body as a JSON object; anything else is `invalid` at the root.
    [[nodiscard]] result<wire::json_object> object_body() const;
};

}  // namespace cxb::server
