#pragma once
/// @file
/// `/health`, `/ready`, `/metrics`: alive, able to serve, being seen (spec 20 §3.6).
///
/// `/health` is 200 while the process serves. `/ready` is 200 with `ready`, or with `degraded` when
/// an optional part fails, and 503 with `not_ready` when a required part fails, before the start is
/// complete and during the stop. Its body lists every check:
/// `{"status","checks":{"store":{"ok","latency_ms?","detail?"},…,"loops":{name:{…}}}}`.
///
/// The rows are put into the router's tables by each process; the handlers find the service in
/// `context.services`. Thread-safety: filling at start, then usable from all event loops.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/wire/json.hpp"
#include "server/common/http/route.hpp"
#include "server/common/metrics.hpp"

namespace cxb::server {

struct check_outcome {
    bool ok = true;
    std::optional<std::chrono::milliseconds> latency;
    std::string detail;  ///< public: no addresses with credentials, no secrets
};

/// A probe must end by itself within about two seconds.
struct readiness_check {
    std::string name;
    bool required = false;
    std::function<boost::asio::awaitable<check_outcome>()> probe;
};

class health_service {
  public:
    health_service(std::string service_name, metrics_registry& metrics, clock const& time)
        : name_(std::move(service_name)), metrics_(metrics), time_(time) {}

    void add_check(readiness_check check) { checks_.push_back(std::move(check)); }
    /// Runs before each `/metrics`: sets gauges that need the store.
    void add_collector(std::function<boost::asio::awaitable<void>()> collect) {
        collectors_.push_back(std::move(collect));
    }
    /// A loop reports after each run; shown under `loops` and as `cxb_loop_last_run_seconds`.
    void loop_ran(std::string const& loop, bool ok, std::string detail = {});

    /// Start complete: `/ready` may turn 200.
    void set_started() noexcept { started_ = true; }
    /// Stop begun: `/ready` is 503 from now on.
    void set_stopping() noexcept { stopping_ = true; }
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    struct report {
        bool ready = false;
        wire::json_object body;
    };
    [[nodiscard]] boost::asio::awaitable<report> readiness();
    [[nodiscard]] std::string health_body() const;
    [[nodiscard]] boost::asio::awaitable<std::string> metrics_text();

  private:
    struct loop_state {
        bool ok;
        time_point at;
        std::string detail;
    };
    std::string name_;
    metrics_registry& metrics_;
    clock const& time_;
    std::vector<readiness_check> checks_;
    std::vector<std::function<boost::asio::awaitable<void>()>> collectors_;
    std::atomic<bool> started_{false};
    std::atomic<bool> stopping_{false};
    std::mutex mutable loops_mutex_;
    std::map<std::string, loop_state> loops_;
};

handler_result get_health(request_context& context);
handler_result get_ready(request_context& context);
handler_result get_metrics(request_context& context);

/// The three rows as `cxb-api` serves them.
[[nodiscard]] std::span<route const> health_routes() noexcept;

}  // namespace cxb::server
