#include "server/common/health/health.hpp"

#include "cxb/version.hpp"
#include "server/common/health/health_docs.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::server {
namespace {

wire::json_object to_json(check_outcome const& found) {
    wire::json_object out{{"ok", found.ok}};
    if (found.latency) out["latency_ms"] = found.latency->count();
    if (!found.detail.empty()) out["detail"] = wire::json_value(found.detail);
    return out;
}

constexpr route rows[] = {
    {.method = "GET",
     .pattern = "/health",
     .who = access::public_,
     .handler = &get_health,
     .summary = "Is the process alive?",
     .response_schema = &health_schema,
     .rate = rate_class::none,
     .doc = health_doc},
    {.method = "GET",
     .pattern = "/ready",
     .who = access::public_,
     .handler = &get_ready,
     .summary = "Can the process serve? 503 not_ready otherwise",
     .response_schema = &readiness_schema,
     .rate = rate_class::none,
     .doc = ready_doc},
    {.method = "GET",
     .pattern = "/metrics",
     .who = access::loopback_or_core,
     .handler = &get_metrics,
     .summary = "Prometheus metrics",
     .response_type = "text/plain",
     .rate = rate_class::none,
     .doc = metrics_doc},
};

}  // namespace

void health_service::loop_ran(std::string const& loop, bool ok, std::string detail) {
    auto const now = time_.now();
    auto const unix_seconds = static_cast<double>(to_epoch_ms(now)) / 1000.0;
    metrics_.get_gauge("cxb_loop_last_run_seconds", {loop}).set(unix_seconds);
    std::lock_guard const lock(loops_mutex_);
    loops_.insert_or_assign(loop, loop_state{ok, now, std::move(detail)});
}

boost::asio::awaitable<health_service::report> health_service::readiness() {
    report out;
    bool required_fine = true;
    bool all_fine = true;
    wire::json_object checks;
    for (auto const& check : checks_) {
        auto const found = co_await check.probe();
        checks[check.name] = to_json(found);
        all_fine = all_fine && found.ok;
        required_fine = required_fine && (found.ok || !check.required);
    }
    {
        std::lock_guard const lock(loops_mutex_);
        wire::json_object loops;
        for (auto const& [name, state] : loops_) {
            wire::json_object entry{{"ok", state.ok},
                                    {"last_run_at", wire::json_value(format_timestamp(state.at))}};
            if (!state.detail.empty()) entry["detail"] = wire::json_value(state.detail);
            loops[name] = std::move(entry);
            all_fine = all_fine && state.ok;
        }
        checks["loops"] = std::move(loops);
    }
    out.ready = required_fine && started_ && !stopping_;
    out.body["status"] = !out.ready ? "not_ready" : all_fine ? "ready" : "degraded";
    if (stopping_)
        out.body["detail"] = "stopping";
    else if (!started_)
        out.body["detail"] = "starting";
    out.body["checks"] = std::move(checks);
    co_return out;
}

std::string health_service::health_body() const {
    return wire::to_text(wire::json_object{{"status", "ok"},
                                           {"service", name_},
                                           {"version", static_cast<char const*>(version_string)}});
}

boost::asio::awaitable<std::string> health_service::metrics_text() {
    for (auto const& collect : collectors_)
        co_await collect();
    co_return metrics_.expose();
}

handler_result get_health(request_context& context) {
    co_return json_response(200, context.service<health_service>().health_body());
}

handler_result get_ready(request_context& context) {
    auto const found = co_await context.service<health_service>().readiness();
    co_return json_response(found.ready ? 200 : 503, wire::to_text(found.body));
}

handler_result get_metrics(request_context& context) {
    auto text = co_await context.service<health_service>().metrics_text();
    co_return text_response(200, std::move(text), "text/plain; version=0.0.4; charset=utf-8");
}

std::span<route const> health_routes() noexcept {
    return rows;
}

}  // namespace cxb::server
