#pragma once
/// @file
/// The dispatcher between the listener and the handlers: finds the row, decides access, applies
/// limits, runs the handler under its deadline, and makes every answer carry what it must.
///
/// What happens to a request, in this order; the first refusal is the answer:
/// | step                                             | refusal                              |
/// |--------------------------------------------------|--------------------------------------|
/// | request id, trace, client address, origin        |                                      |
/// | CORS pre-flight and plain OPTIONS                | 204                                  |
/// | path                                             | 404                                  |
/// | method                                           | 405 + `Allow`                        |
/// | access (gate)                                    | 401, 403, 503; the body stays unread |
/// | rate limit                                       | 429 + `Retry-After`                  |
/// | query                                            | 400: broken escape, not UTF-8, NUL   |
/// | content type, content coding                     | 415                                  |
/// | body size                                        | 413                                  |
/// | idempotency (rows with the flag)                 | 409, 422, or the kept answer         |
/// | handler                                          | its error by the table of problem.hpp|
/// | deadline                                         | 504                                  |
/// | exception                                        | 500 with the request id, logged      |
///
/// A handler that runs into its deadline is answered for but not cut off: its writes finish or
/// fail by themselves.
///
/// Every answer carries `X-Request-Id` and `traceparent`, answers to known origins the CORS
/// headers, answers of limited routes `RateLimit-*`. Every request gives one log line and two
/// metrics.
///
/// Construction checks the tables: a row without access rule, handler or summary, or two rows for
/// one method and pattern, throw `std::logic_error`.
///
/// Thread-safety: immutable after construction; used from all event loops at once. Parts passed by
/// reference must outlive it.

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cxb/worker/listener.hpp"
#include "server/common/http/access_gate.hpp"
#include "server/common/http/client_origin.hpp"
#include "server/common/http/cors.hpp"
#include "server/common/http/path_table.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/http/route.hpp"
#include "server/common/log.hpp"
#include "server/common/metrics.hpp"

namespace cxb::server {

class rate_limiter;
class idempotency_keeper;

struct router_options {
    std::vector<std::string> trusted_proxies;  ///< CIDRs; checked by the settings
    std::vector<std::string> cors_origins;
    std::string public_url;          ///< "" = the request's own origin
    std::string internal_url;        ///< "" = the request's own origin
    std::string fallback_authority;  ///< host and port when a request names none
    std::chrono::seconds request_timeout{30};
    std::chrono::milliseconds body_timeout{30'000};  ///< body; upload: since last piece
};

struct router_parts {
    clock const& time;
    access_gate& gate;
    logger& log;
    metrics_registry& metrics;
    service_set const& services;
    rate_limiter* limiter = nullptr;            ///< null: nothing is limited
    idempotency_keeper* idempotency = nullptr;  ///< null: the flag of the rows is ignored
};

class router final : public worker::http_handler {
  public:
    using tables = std::vector<std::span<route const>>;

    router(router_options options, router_parts parts, tables const& routes);
    ~router() override;

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

    /// All rows, in the order given; for the OpenAPI document and for tests.
    [[nodiscard]] std::span<route const* const> routes() const noexcept { return rows_; }

  private:
    struct row_metrics;
    using context_ptr = std::shared_ptr<request_context>;
    using outcome = result<wire::http_response>;

    context_ptr open(wire::http_request const& request) const;
    result<void> match_path(request_context& context, wire::http_request const& request) const;
    boost::asio::awaitable<result<void>> admit(request_context& context,
                                               wire::http_request const& request);
    boost::asio::awaitable<result<void>> check_rate(request_context& context) const;
    wire::http_response answer_options(wire::http_request const& request) const;
    boost::asio::awaitable<outcome> call_handler(context_ptr context);
    boost::asio::awaitable<outcome> run(context_ptr context);
    wire::http_response finish(request_context const& context, wire::http_request const& request,
                               outcome produced);
    void record(request_context const& context, std::string_view method, int status,
                error const* cause);

    router_options options_;
    router_parts parts_;
    client_origin_rules origins_;
    cors_rules cors_;
    path_table paths_;
    std::vector<route const*> rows_;
    std::vector<std::unique_ptr<row_metrics>> metrics_;  ///< by row; the last: no row
};

}  // namespace cxb::server
