#include "server/core/front/front.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/worker/call_start.hpp"
#include "cxb/worker/media_route.hpp"
#include "server/common/http/problem.hpp"
#include "server/core/process/core_metrics.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;
using worker::start_refusal;

namespace {

constexpr milliseconds start_time{30000};
constexpr milliseconds health_time{2000};
constexpr milliseconds fleet_reuse{250};
constexpr std::size_t most_bytes = 4 * limits::mib;
constexpr std::string_view end_suffix = "/end";

bool is_public(std::string_view path) {
    return path == "/health" || path == "/health/fleet" || path == "/ready" || path == "/metrics";
}

wire::http_response problem(errc code, std::string detail) {
    return start_refusal(error{code, std::move(detail)}, "");
}

}  // namespace

asio::awaitable<worker::head_verdict> front::accept_head(wire::http_request const& request) {
    worker::head_verdict out;
    out.max_body = limits::call_start_body;
    if (is_public(request.path)) co_return out;
    if (auto const place = worker::media_route(request.path))
        co_return worker::judge_upgrade(*place, request, options_.socket_token, *gate_.keys());
    if (auto const good = contract::shared_secret::verify(request.headers, *gate_.keys()); !good)
        out.refuse = start_refusal(good.error(), request.headers.get("X-Request-Id"));
    co_return out;
}

wire::http_response front::refusal(int status) {
    auto out = start_refusal(server::error_for_status(status), "");
    out.status = status;
    return out;
}

asio::awaitable<wire::http_response> front::handle(wire::http_request request) {
    std::string request_id(request.headers.get("X-Request-Id"));
    if (request_id.empty()) {
        request_id = new_uuid7();
        request.headers.set("X-Request-Id", request_id);
    }
    auto out = co_await route(std::move(request));
    out.headers.set("X-Request-Id", request_id);
    co_return out;
}

asio::awaitable<front::answer> front::forward(std::size_t index, wire::http_request request,
                                              milliseconds total, bool stream) {
    client::outgoing_request out;
    out.url = "unix:" + table_[index].socket + ':' + request.path;
    if (!request.query_text.empty()) out.url += '?' + request.query_text;
    out.message = std::move(request);
    client::transport_options how;
    how.total = total;
    how.max_response_bytes = most_bytes;
    how.stream = stream;
    co_return co_await sockets_.send(std::move(out), how);
}

asio::awaitable<wire::http_response> front::route(wire::http_request request) {
    std::string const path = request.path;
    bool const post = request.method == "POST";
    bool const get = request.method == "GET" || request.method == "HEAD";
    if (worker::start_route(path)) {
        if (!post) co_return worker::core_route_refusal(path);
        co_return co_await start(std::move(request));
    }
    if (get && path == "/health/fleet") co_return co_await fleet();
    if (get && path == "/metrics") {
        std::vector<std::pair<std::string, std::string>> texts;
        texts.emplace_back("", options_.own_metrics());
        for (auto const& [index, one] : co_await ask_all(std::move(request)))
            if (one.status == 200) texts.emplace_back(table_[index].id, one.bytes());
        co_return server::text_response(200, merge_expositions(texts), "text/plain; version=0.0.4");
    }
    if (get && path == "/calls") {
        wire::json_array calls;
        for (auto const& [index, one] : co_await ask_all(std::move(request))) {
            auto const body = wire::parse_json(one.bytes());
            if (!body || !body->is_object()) continue;
            auto const* const list = body->as_object().if_contains("calls");
            if (list == nullptr || !list->is_array()) continue;
            for (auto const& call : list->as_array())
                calls.push_back(call);
        }
        co_return server::json_response(200, wire::json_object{{"calls", std::move(calls)}});
    }
    if (post && (path == "/drain" || path == "/undrain")) {
        (void)co_await ask_all(std::move(request));
        co_return server::json_response(200, R"({"status":"ok"})");
    }
    if (post && path.starts_with("/calls/") && path.ends_with(end_suffix))
        co_return co_await end_call(std::move(request));
    if (get && path == "/ready") co_return co_await ready(std::move(request));
    if (get && (path == "/health" || path.starts_with("/recordings/")))
        co_return co_await ask_any(std::move(request));
    co_return worker::core_route_refusal(path);
}

asio::awaitable<wire::http_response> front::start(wire::http_request request) {
    auto const transport = *worker::start_route(request.path);
    std::string const request_id(request.headers.get("X-Request-Id"));
    auto const checked = worker::parse_call_start(transport, request.body, options_.config_hosts);
    if (!checked) co_return start_refusal(checked.error(), request_id);
    using contract::runtime_config::transport_kind;
    bool const dispatch = transport == transport_kind::livekit_inbound;
    bool const repeatable =
        transport == transport_kind::attach || transport == transport_kind::livekit_outbound;
    std::string const key =
        repeatable ? std::string(request.headers.get("Idempotency-Key")) : std::string();
    auto const known = memory_.look_up(key, request.body);
    if (!known) co_return start_refusal(known.error(), request_id);
    if (*known) co_return **known;
    auto out = co_await place(std::move(request), dispatch);
    // After a 502 the call may be running: a repeat must not start a second one.
    if (out.status == 200 || out.status == 502)
        memory_.keep(key, out);
    else
        memory_.forget(key);
    co_return out;
}

asio::awaitable<wire::http_response> front::place(wire::http_request request,
                                                  bool one_worker_only) {
    std::vector<bool> tried(table_.size(), false);
    auto const pick = [&](bool (*fits)(worker_entry const&)) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < table_.size(); ++i)
            if (!tried[i] && fits(table_[i])) return i;
        return std::nullopt;
    };
    for (;;) {
        auto index = pick([](worker_entry const& one) { return one.is_free(); });
        if (!index && one_worker_only) index = pick([](worker_entry const& one) { return one.up; });
        if (!index) co_return problem(errc::at_capacity, "At capacity");
        tried[*index] = true;
        auto& entry = table_[*index];
        ++entry.reserved;
        auto given = co_await forward(*index, request, start_time);
        --entry.reserved;
        if (given && given->status == 200) {
            // The worker has reported the call before it answered.
            if (entry.catch_up) entry.catch_up();
            co_return *std::move(given);
        }
        if (given && (given->status != 429 || one_worker_only)) co_return *std::move(given);
        if (!given && given.error().request_sent() != sent_state::no)
            co_return problem(errc::upstream_failed, "Worker died while it took the call");
        if (!given && one_worker_only) co_return problem(errc::unavailable, "Worker unreachable");
    }
}

asio::awaitable<wire::http_response> front::ask_any(wire::http_request request) {
    bool const stream = request.path.starts_with("/recordings/") && request.method == "GET";
    for (std::size_t index = 0; index < table_.size(); ++index) {
        if (!table_[index].up) continue;
        auto given = co_await forward(index, request, health_time, stream);
        if (given) co_return *std::move(given);
    }
    co_return problem(errc::unavailable, "No worker answers");
}

// One worker that is ready makes a host that is.
asio::awaitable<wire::http_response> front::ready(wire::http_request request) {
    auto all = co_await ask_all(std::move(request));
    if (all.empty()) co_return problem(errc::unavailable, "No worker answers");
    auto const good =
        std::ranges::find_if(all, [](auto const& one) { return one.second.status == 200; });
    co_return std::move(good != all.end() ? good->second : all.front().second);
}

asio::awaitable<wire::http_response> front::end_call(wire::http_request request) {
    for (auto& [index, one] : co_await ask_all(std::move(request)))
        if (one.status != 404) co_return std::move(one);
    co_return problem(errc::not_found, "No such call");
}

asio::awaitable<front::answers> front::ask_all(wire::http_request request) {
    auto const executor = co_await asio::this_coro::executor;
    struct gathering {
        explicit gathering(asio::any_io_executor const& on) : done(on, steady::time_point::max()) {}
        std::map<std::size_t, wire::http_response> found;
        std::size_t open = 0;
        asio::steady_timer done;
    };
    auto const all = std::make_shared<gathering>(executor);
    auto ask = [](front& self, std::size_t index, wire::http_request what,
                  std::shared_ptr<gathering> into) -> asio::awaitable<void> {
        auto given = co_await self.forward(index, std::move(what), health_time);
        if (given) into->found.emplace(index, *std::move(given));
        if (--into->open == 0) into->done.cancel();
    };
    for (std::size_t index = 0; index < table_.size(); ++index) {
        if (!table_[index].up) continue;
        ++all->open;
        asio::co_spawn(executor, ask(*this, index, request, all), asio::detached);
    }
    while (all->open > 0)
        co_await all->done.async_wait(asio::as_tuple(asio::use_awaitable));
    answers out;
    for (auto& [index, one] : all->found)
        out.emplace_back(index, std::move(one));
    co_return out;
}

asio::awaitable<wire::http_response> front::fleet() {
    if (fleet_text_ && steady::now() - fleet_at_ <= fleet_reuse)
        co_return server::json_response(200, fleet_text_);
    wire::http_request ask;
    ask.path = "/health";
    std::vector<contract::fleet::fleet_worker> workers;
    for (auto const& entry : table_) {
        workers.emplace_back();
        workers.back().id = entry.id;
        workers.back().reachable = false;
    }
    for (auto const& [index, one] : co_await ask_all(std::move(ask))) {
        auto const health = contract::fleet::parse_worker_health(one.bytes());
        if (one.status != 200 || !health) continue;
        bool const draining = table_[index].draining;
        auto const max = draining ? health->worker_calls : health->worker_max;
        workers[index] = {table_[index].id,   true,    health->worker_calls, max,
                          health->worker_pid, draining};
    }
    fleet_text_ = std::make_shared<std::string const>(
        contract::fleet::serialize(contract::fleet::make_fleet_health(std::move(workers))));
    fleet_at_ = steady::now();
    co_return server::json_response(200, fleet_text_);
}

}  // namespace core
}  // namespace cxb::inline v1
