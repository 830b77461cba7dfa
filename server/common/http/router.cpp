#include "server/common/http/router.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <stdexcept>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "server/common/http/idempotency.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/rate_limiter.hpp"
#include "server/common/http/row_metrics.hpp"

namespace cxb::server {
namespace asio = boost::asio;
namespace {

std::string without_slash(std::string text) {
    while (!text.empty() && text.back() == '/')
        text.pop_back();
    return text;
}

bool brings_body(wire::http_request const& head) noexcept {
    auto const length = head.headers.get("Content-Length");
    return (!length.empty() && length != "0") || head.headers.has("Transfer-Encoding");
}

result<void> check_type(route const& row, wire::http_request const& head) {
    auto const given = head.headers.get("Content-Type");
    if (row.content_types.empty() || given.empty() || !brings_body(head)) return {};
    auto const type = trim(given.substr(0, given.find(';')));
    for (auto const& accepted : row.content_types)
        if (iequals(type, accepted)) return {};
    std::string detail = "Content-Type must be ";
    for (auto const& accepted : row.content_types)
        detail.append(accepted).append(" or ");
    detail.resize(detail.size() - 4);
    return error{errc::unsupported_type, std::move(detail)};
}

// As in paths: what is no text would stand in documents and answers, which are.
result<void> check_query(wire::query_list const& query) {
    auto const is_text = [](std::string_view part) {
        return is_utf8(part) && part.find('\0') == std::string_view::npos;
    };
    for (auto const& [name, value] : query.items())
        if (!is_text(name) || !is_text(value))
            return error{errc::malformed, "The query is not UTF-8"};
    return {};
}

// Nothing here unpacks bodies: what was packed would be taken for something else.
result<void> check_coding(wire::http_request const& head, wire::header_list& answer_headers) {
    if (!brings_body(head)) return {};
    for (auto const& [name, value] : head.headers.items()) {
        if (!iequals(name, "Content-Encoding") || iequals(trim(value), "identity")) continue;
        answer_headers.add("Accept-Encoding", "identity");
        return error{errc::unsupported_type, "Content-Encoding is not supported"};
    }
    return {};
}

result<void> check_size(route const& row, wire::http_request const& head) {
    auto const text = head.headers.get("Content-Length");
    std::uint64_t length = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), length);
    if (read.ec == std::errc::result_out_of_range || length > row.body_limit)
        return error{errc::too_large,
                     "The body is over " + std::to_string(row.body_limit) + " bytes"};
    return {};
}

error internal_fault(std::exception const& cause) {
    return error{errc::internal, "Internal error"}.with_note({cause.what()});
}

result<void> check_row(route const& row) {
    auto const name = std::string(row.method) + " " + std::string(row.pattern);
    if (row.who == access::unset) return error{errc::internal, name + ": no access rule"};
    if (row.handler == nullptr) return error{errc::internal, name + ": no handler"};
    if (row.summary.empty()) return error{errc::internal, name + ": no summary"};
    return {};
}

}  // namespace

router::router(router_options options, router_parts parts, tables const& routes)
    : options_(std::move(options)),
      parts_(parts),
      origins_(options_.trusted_proxies, options_.fallback_authority),
      cors_(options_.cors_origins) {
    options_.public_url = without_slash(std::move(options_.public_url));
    options_.internal_url = without_slash(std::move(options_.internal_url));
    for (auto const& table : routes) {
        for (auto const& row : table) {
            if (auto fine = check_row(row); !fine) throw std::logic_error(fine.error().detail());
            paths_.add(row);
            rows_.push_back(&row);
            metrics_.push_back(std::make_unique<row_metrics>(parts_.metrics, row.pattern));
        }
    }
    metrics_.push_back(std::make_unique<row_metrics>(parts_.metrics, no_route));
}

router::~router() = default;

router::context_ptr router::open(wire::http_request const& request) const {
    auto context = std::make_shared<request_context>();
    context->time = &parts_.time;
    context->started = parts_.time.steady();
    context->deadline = context->started + options_.request_timeout;
    context->request_id = choose_request_id(request.headers.get("X-Request-Id"), parts_.time.now());
    context->trace = continue_trace(request.headers.get("traceparent"));
    auto from = origins_.resolve(request);
    context->client_address = std::move(from.address);
    context->loopback_client = from.loopback;
    context->origin = std::move(from.origin);
    context->public_base = options_.public_url.empty() ? context->origin : options_.public_url;
    context->internal_base =
        options_.internal_url.empty() ? context->origin : options_.internal_url;
    context->services = &parts_.services;
    context->route_index = rows_.size();
    return context;
}

result<void> router::match_path(request_context& context, wire::http_request const& request) const {
    auto const found = paths_.find(request.method, request.path);
    if (found.methods == 0) return error{errc::not_found, "Not found"};
    if (found.row == nullptr) {
        context.answer_headers.add("Allow", path_table::allow_text(found.methods));
        if (found.any_origin) context.answer_headers.add("Access-Control-Allow-Origin", "*");
        return error{errc::method_not_allowed, "Method not allowed"};
    }
    context.matched = found.row;
    context.route_index = found.route_index;
    if (found.row->deadline.count() < 0)
        context.deadline = std::chrono::nanoseconds::max();
    else if (found.row->deadline.count() > 0)
        context.deadline = context.started + found.row->deadline;
    if (found.param_count == 0) return {};
    auto const names = path_table::param_names(found.row->pattern);
    for (std::size_t i = 0; i < found.param_count; ++i) {
        CXB_TRY(auto value, percent_decode(found.raw_params[i]));
        context.params.emplace_back(names[i], std::move(value));
    }
    return {};
}

asio::awaitable<result<void>> router::check_rate(request_context& context) const {
    if (parts_.limiter == nullptr) co_return result<void>{};
    auto const verdict = co_await parts_.limiter->take(
        context.matched->rate, context.caller, context.client_address, parts_.time.steady());
    if (!verdict) co_return result<void>{};
    auto& headers = context.answer_headers;
    headers.add("RateLimit-Limit", std::to_string(verdict->limit));
    headers.add("RateLimit-Remaining", std::to_string(verdict->remaining));
    headers.add("RateLimit-Reset", std::to_string(verdict->reset.count()));
    if (verdict->allowed) co_return result<void>{};
    co_return error{errc::rate_limited, "Rate limit exceeded"}.with_retry_after(
        verdict->retry_after);
}

asio::awaitable<result<void>> router::admit(request_context& context,
                                            wire::http_request const& request) {
    try {
        CXB_CO_TRY(context.caller,
                   co_await parts_.gate.authorise(*context.matched, request, context));
        CXB_CO_CHECK(co_await check_rate(context));
        CXB_CO_TRY(context.query, wire::query_list::parse(request.query_text));
        CXB_CO_CHECK(check_query(context.query));
        CXB_CO_CHECK(check_type(*context.matched, request));
        CXB_CO_CHECK(check_coding(request, context.answer_headers));
        CXB_CO_CHECK(check_size(*context.matched, request));
    } catch (std::exception const& cause) {
        co_return internal_fault(cause);
    }
    co_return result<void>{};
}

wire::http_response router::answer_options(wire::http_request const& request) const {
    auto answer = no_content();
    auto const wanted = request.headers.get("Access-Control-Request-Method");
    auto const found = paths_.find(wanted, request.path);
    auto const allow = path_table::allow_text(found.methods);
    bool const any_origin = found.row != nullptr ? found.row->any_origin : found.any_origin;
    answer.headers.add("Allow", allow);
    cors_.add_headers(request, any_origin, answer.headers);
    cors_.add_preflight(request, any_origin, allow, answer.headers);
    return answer;
}

asio::awaitable<worker::head_verdict> router::accept_head(wire::http_request const& request) {
    worker::head_verdict verdict;
    auto context = open(request);
    auto const found = match_path(*context, request);
    if (!found && found.error().code() == errc::method_not_allowed && request.method == "OPTIONS") {
        context->answer_headers = {};
        verdict.refuse = finish(*context, request, answer_options(request));
        co_return verdict;
    }
    if (!found) {
        verdict.refuse = finish(*context, request, found.error());
        co_return verdict;
    }
    auto const admitted = co_await admit(*context, request);
    if (!admitted) {
        verdict.refuse = finish(*context, request, admitted.error());
        co_return verdict;
    }
    verdict.max_body = context->matched->body_limit;
    verdict.body_deadline = options_.body_timeout;
    if (context->matched->open_sink != nullptr) {
        auto sink = context->matched->open_sink(*context, request);
        if (!sink) {
            verdict.refuse = finish(*context, request, std::move(sink).error());
            co_return verdict;
        }
        verdict.sink = *std::move(sink);
    }
    verdict.context = std::move(context);
    co_return verdict;
}

asio::awaitable<wire::http_response> router::handle(wire::http_request request) {
    // Only our own accept_head fills `context`, so the type is known.
    auto context = std::static_pointer_cast<request_context>(std::move(request.context));
    if (!context) {
        auto verdict = co_await accept_head(request);
        if (verdict.refuse) co_return *std::move(verdict.refuse);
        context = std::static_pointer_cast<request_context>(std::move(verdict.context));
        request.sink = std::move(verdict.sink);
    }
    context->request = std::move(request);
    outcome produced = error{errc::internal};
    try {
        produced = co_await run(context);
    } catch (std::exception const& cause) {
        produced = internal_fault(cause);
    }
    co_return finish(*context, context->request, std::move(produced));
}

wire::http_response router::refusal(int status) {
    auto const cause = error_for_status(status);
    request_context context;
    context.time = &parts_.time;
    context.started = parts_.time.steady();
    context.request_id = choose_request_id({}, parts_.time.now());
    context.trace = continue_trace({});
    context.route_index = rows_.size();
    auto answer = problem_response(cause, context.request_id, status);
    answer.headers.add("X-Request-Id", context.request_id);
    record(context, "-", status, &cause);
    return answer;
}

asio::awaitable<router::outcome> router::call_handler(context_ptr context) {
    auto const& row = *context->matched;
    auto const key = context->request.headers.get("Idempotency-Key");
    if (!row.idempotent || parts_.idempotency == nullptr || key.empty())
        co_return co_await row.handler(*context);
    idempotency_keeper::subject what{.method = context->request.method,
                                     .path = context->request.path,
                                     .actor = context->caller.actor(),
                                     .key = std::string(key),
                                     .body_hash = sha256_hex(context->request.body),
                                     .request_id = context->request_id};
    idempotency_keeper::work effect = [context] { return context->matched->handler(*context); };
    co_return co_await parts_.idempotency->once(std::move(what), std::move(effect));
}

namespace {

// Where a handler leaves its outcome, and what its caller waits on meanwhile.
struct finish_line {
    explicit finish_line(asio::any_io_executor const& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<result<wire::http_response>> outcome;
    std::exception_ptr thrown;
    bool done = false;
};

asio::awaitable<void> run_to(std::shared_ptr<finish_line> end,
                             asio::awaitable<result<wire::http_response>> work) {
    try {
        end->outcome.emplace(co_await std::move(work));
    } catch (...) {
        end->thrown = std::current_exception();
    }
    end->done = true;
    end->timer.cancel();
}

}  // namespace

asio::awaitable<router::outcome> router::run(context_ptr context) {
    if (context->deadline == std::chrono::nanoseconds::max())
        co_return co_await call_handler(context);
    auto const executor = co_await asio::this_coro::executor;
    auto const end = std::make_shared<finish_line>(executor);
    asio::co_spawn(executor, run_to(end, call_handler(context)), asio::detached);
    if (!end->done) {
        end->timer.expires_after(context->remaining());
        co_await end->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    // Not done: the handler goes on by itself, its writes end as they must; nobody waits for them.
    if (!end->done) co_return error{errc::deadline_exceeded, "The request took too long"};
    if (end->thrown) std::rethrow_exception(end->thrown);
    co_return std::move(*end->outcome);
}

wire::http_response router::finish(request_context const& context,
                                   wire::http_request const& request, outcome produced) {
    std::optional<error> cause;
    if (produced.has_error()) cause.emplace(produced.error());
    auto answer = cause ? problem_response(*cause, context.request_id) : *std::move(produced);
    for (auto const& [name, value] : context.answer_headers.items())
        answer.headers.add(name, value);
    answer.headers.set("X-Request-Id", context.request_id);
    answer.headers.set("traceparent", context.trace.traceparent());
    if (request.method != "OPTIONS")
        cors_.add_headers(request, context.matched != nullptr && context.matched->any_origin,
                          answer.headers);
    bool const is_private = context.matched == nullptr || context.matched->who != access::public_;
    if (is_private && !answer.headers.has("Cache-Control"))
        answer.headers.add("Cache-Control", "no-store");
    answer.headers.add("X-Content-Type-Options", "nosniff");
    record(context, request.method, answer.status, cause ? &*cause : nullptr);
    return answer;
}

void router::record(request_context const& context, std::string_view method, int status,
                    error const* cause) {
    auto const took = parts_.time.steady() - context.started;
    metrics_[context.route_index]->count(parts_.metrics, method, status, took);
    auto level = status >= 500 ? log_level::warn : log_level::info;
    if (cause != nullptr) level = problem_of(cause->code()).level;
    if (!parts_.log.would_write(level)) return;
    auto const actor = context.caller.actor();
    std::vector<log_field> fields;
    fields.reserve(10);
    fields.push_back({"request_id", plain(context.request_id)});
    fields.push_back({"trace_id", plain(context.trace.trace_id)});
    fields.push_back({"route", plain(context.matched ? context.matched->pattern : no_route)});
    fields.push_back({"method", plain(method.substr(0, 16))});
    fields.push_back({"status", status});
    fields.push_back({"ms", took});
    fields.push_back({"actor", plain(actor)});
    if (!context.session_id.empty()) fields.push_back({"session_id", plain(context.session_id)});
    if (cause != nullptr) fields.push_back({"code", plain(cause->reason())});
    if (cause != nullptr && !cause->note().empty()) fields.push_back({"note", *cause});
    parts_.log.write(level, "request", fields.data(), fields.size());
}

}  // namespace cxb::server
