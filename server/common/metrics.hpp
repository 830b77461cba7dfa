#pragma once
/// @file
/// Counters, gauges and histograms with Prometheus text exposition (spec 20 §3.6).
///
/// Every family is declared once as a row: name, kind, label names, help. `shared_metrics()` holds
/// the rows all processes share; a process adds its own tables. Asking for a name that is not
/// declared, or with other labels than declared, throws `std::logic_error`.
///
/// ```cpp
/// counter outcome = metrics.get_counter("cxb_prefetch_total", {"timeout"});   // once, at start
/// outcome.add();                                                              // lock-free
/// ```
/// Handles are cheap to copy and live as long as the registry. `get_*` takes a lock and builds
/// label maps: keep the handle where the path is hot.
/// Thread-safety: everything may be used from any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace cxb::server {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

struct metric_decl {
    std::string_view name;
    metric_kind kind;
    std::string_view labels;  ///< names, comma separated: `route,method,code`
    std::string_view help;
    /// Upper bounds in the family's unit; empty = request times in seconds, 1 ms to 60 s.
    std::span<double const> buckets{};
};

/// Families every process has (`cxb_http_…`, `cxb_store_…`, `cxb_jobs`, `cxb_loop_…`, …).
[[nodiscard]] std::span<metric_decl const> shared_metrics() noexcept;

class counter {
  public:
    counter() = default;
    explicit counter(prometheus::Counter& behind) : behind_(&behind) {}
    void add(double by = 1) const;
    [[nodiscard]] double value() const;

  private:
    prometheus::Counter* behind_ = nullptr;
};

class gauge {
  public:
    gauge() = default;
    explicit gauge(prometheus::Gauge& behind) : behind_(&behind) {}
    void set(double value) const;
    void add(double by) const;
    [[nodiscard]] double value() const;

  private:
    prometheus::Gauge* behind_ = nullptr;
};

class histogram {
  public:
    histogram() = default;
    explicit histogram(prometheus::Histogram& behind) : behind_(&behind) {}
    void observe(double value) const;

  private:
    prometheus::Histogram* behind_ = nullptr;
};

class metrics_registry {
  public:
    using label_values = std::vector<std::string>;

    /// `own`: tables of the process beside the shared one; the rows must outlive the registry.
    explicit metrics_registry(std::vector<std::span<metric_decl const>> const& own = {});
    ~metrics_registry();
    metrics_registry(metrics_registry const&) = delete;
    metrics_registry& operator=(metrics_registry const&) = delete;

    /// Values in the order of the declared label names.
    [[nodiscard]] counter get_counter(std::string_view name, label_values const& values = {});
    [[nodiscard]] gauge get_gauge(std::string_view name, label_values const& values = {});
    /// Makes these the series of a gauge family: others of it go. Not together with `get_gauge` of
    /// the same name.
    void set_gauges(std::string_view name, std::map<label_values, double> const& values);
    [[nodiscard]] histogram get_histogram(std::string_view name, label_values const& values = {});

    /// Called before each exposition, on the scraping thread: sets gauges that are read, not kept.
    void on_scrape(std::function<void()> refresh);
    /// Text exposition format 0.0.4.
    [[nodiscard]] std::string expose();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace cxb::server
