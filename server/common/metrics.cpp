#include "server/common/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <stdexcept>

namespace cxb::server {
namespace {

using kind = metric_kind;

constexpr double request_buckets[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                      0.5,   1,      2.5,   5,    10,    30,   60};

constexpr double sync_buckets[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                   0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
constexpr double group_buckets[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

constexpr metric_decl rows[] = {
    {"cxb_http_requests_total", kind::counter, "route,method,code", "Requests answered"},
    {"cxb_http_request_seconds", kind::histogram, "route", "Time from head to answer"},
    {"cxb_config_build_seconds", kind::histogram, "phase", "Time of a runtime config build"},
    {"cxb_config_total", kind::counter, "outcome", "Runtime configs asked for"},
    {"cxb_prefetch_total", kind::counter, "outcome", "CRM pre-fetches"},
    {"cxb_results_total", kind::counter, "status,duplicate", "Call results received"},
    {"cxb_calls_active", kind::gauge, "", "Calls with a skeleton and no result"},
    {"cxb_retention_removed_total", kind::counter, "what",
     "Calls, recordings, transcripts, traces removed because their time was over"},
    {"cxb_stale_calls_total", kind::counter, "", "Calls ended because no result came"},
    {"cxb_exports_running", kind::gauge, "", "Exports of calls being sent"},
    {"cxb_export_rows_total", kind::counter, "", "Calls read for exports"},
    {"cxb_jobs", kind::gauge, "kind,state", "Job rows by state"},
    {"cxb_push_total", kind::counter, "outcome", "CRM push attempts"},
    {"cxb_push_seconds", kind::histogram, "", "Time of a CRM push attempt"},
    {"cxb_prompt_cache_total", kind::counter, "outcome", "Live prompt caches made and deleted"},
    {"cxb_fleet_slots", kind::gauge, "host,kind", "Worker slots per fleet host"},
    {"cxb_dialout_total", kind::counter, "outcome", "Outbound calls asked for"},
    {"cxb_store_commit_seconds", kind::histogram, "", "Time of a durable write"},
    {"cxb_store_group_writes", kind::histogram, "", "Writes that shared a commit", group_buckets},
    {"cxb_store_sync_seconds", kind::histogram, "file", "Time of an fdatasync", sync_buckets},
    {"cxb_store_writes_total", kind::counter, "", "Writes committed"},
    {"cxb_store_failed_groups_total", kind::counter, "", "Transactions undone as a whole"},
    {"cxb_store_log_syncs_total", kind::counter, "", "fdatasync of the write-ahead log"},
    {"cxb_store_data_syncs_total", kind::counter, "", "fdatasync of the database file"},
    {"cxb_store_written_bytes_total", kind::counter, "", "Bytes written to log and database"},
    {"cxb_store_linger_seconds_total", kind::counter, "", "Waits for more writes to a commit"},
    {"cxb_store_log_restarts_total", kind::counter, "", "Log made to begin anew by force"},
    {"cxb_store_held_log_restarts_total", kind::counter, "", "The same, put off for a reader"},
    {"cxb_store_queue_depth", kind::gauge, "", "Writes waiting for the store"},
    {"cxb_store_read_queue_depth", kind::gauge, "", "Reads waiting for the store"},
    {"cxb_store_log_bytes", kind::gauge, "", "Write-ahead log in use"},
    {"cxb_store_free_bytes", kind::gauge, "", "Free space inside the database file"},
    {"cxb_login_failures_total", kind::counter, "", "Refused logins"},
    {"cxb_guard_refused_total", kind::counter, "reason", "Requests the outbound guard refused"},
    {"cxb_loop_last_run_seconds", kind::gauge, "loop", "Unix time of a loop's last run"},
    {"cxb_events_total", kind::counter, "what", "News between processes by what became of them"},
    {"cxb_event_streams", kind::gauge, "", "Open event streams of this process"},
    {"cxb_redis_failures_total", kind::counter, "", "Redis commands that were not carried out"},
    {"cxb_redis_connects_total", kind::counter, "", "Connections made to Redis"},
    {"cxb_livekit_up", kind::gauge, "", "1 while LiveKit answers, 0 otherwise"},
    {"cxb_livekit_failures_total", kind::counter, "what", "Carrier work LiveKit did not do"},
    {"cxb_redis_up", kind::gauge, "", "1 while Redis is reached, 0 otherwise"},
    {"cxb_loop_lease_fence", kind::gauge, "loop", "Fence of a loop's lease; 0: held by another"},
    {"cxb_log_dropped_total", kind::counter, "", "Log lines lost to a full queue"},
};

std::vector<std::string> split_names(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        auto const comma = list.find(',');
        out.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return out;
}

struct family {
    metric_decl const* row = nullptr;
    std::vector<std::string> labels;
    prometheus::Family<prometheus::Counter>* counters = nullptr;
    prometheus::Family<prometheus::Gauge>* gauges = nullptr;
    prometheus::Family<prometheus::Histogram>* histograms = nullptr;
};

}  // namespace

std::span<metric_decl const> shared_metrics() noexcept {
    return rows;
}

void counter::add(double by) const {
    if (behind_ != nullptr) behind_->Increment(by);
}
double counter::value() const {
    return behind_ == nullptr ? 0 : behind_->Value();
}
void gauge::set(double value) const {
    if (behind_ != nullptr) behind_->Set(value);
}
void gauge::add(double by) const {
    if (behind_ != nullptr) behind_->Increment(by);
}
double gauge::value() const {
    return behind_ == nullptr ? 0 : behind_->Value();
}
void histogram::observe(double value) const {
    if (behind_ != nullptr) behind_->Observe(value);
}

struct metrics_registry::state {
    prometheus::Registry registry;
    std::map<std::string, family, std::less<>> families;
    std::mutex mutex;
    std::vector<std::function<void()>> refreshers;
    /// Series of `set_gauges`, guarded by `mutex`.
    std::map<std::string, std::map<label_values, prometheus::Gauge*>, std::less<>> sets;

    void declare(metric_decl const& row) {
        family made{.row = &row, .labels = split_names(row.labels)};
        std::string const name(row.name);
        std::string const help(row.help);
        if (row.kind == metric_kind::counter)
            made.counters = &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
        else if (row.kind == metric_kind::gauge)
            made.gauges = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
        else
            made.histograms =
                &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
        if (!families.emplace(name, std::move(made)).second)
            throw std::logic_error("metric declared twice: " + name);
    }

    std::pair<family const*, prometheus::Labels> look_up(std::string_view name, metric_kind wanted,
                                                         label_values const& values) const {
        auto const at = families.find(name);
        if (at == families.end() || at->second.row->kind != wanted)
            throw std::logic_error("metric not declared so: " + std::string(name));
        if (values.size() != at->second.labels.size())
            throw std::logic_error("metric labels do not fit: " + std::string(name));
        prometheus::Labels labels;
        for (std::size_t i = 0; i < values.size(); ++i)
            labels.emplace(at->second.labels[i], values[i]);
        return {&at->second, std::move(labels)};
    }
};

metrics_registry::metrics_registry(std::vector<std::span<metric_decl const>> const& own)
    : state_(std::make_unique<state>()) {
    for (auto const& row : rows)
        state_->declare(row);
    for (auto const& table : own)
        for (auto const& row : table)
            state_->declare(row);
}
metrics_registry::~metrics_registry() = default;

counter metrics_registry::get_counter(std::string_view name, label_values const& values) {
    auto const [found, labels] = state_->look_up(name, metric_kind::counter, values);
    return counter(found->counters->Add(labels));
}

gauge metrics_registry::get_gauge(std::string_view name, label_values const& values) {
    auto const [found, labels] = state_->look_up(name, metric_kind::gauge, values);
    return gauge(found->gauges->Add(labels));
}

void metrics_registry::set_gauges(std::string_view name,
                                  std::map<label_values, double> const& values) {
    std::lock_guard const lock(state_->mutex);
    auto& shown = state_->sets[std::string(name)];
    for (auto const& [labels, value] : values) {
        auto const [found, named] = state_->look_up(name, metric_kind::gauge, labels);
        auto& one = found->gauges->Add(named);
        one.Set(value);
        shown.emplace(labels, &one);
    }
    std::erase_if(shown, [&](auto const& one) {
        if (values.contains(one.first)) return false;
        state_->look_up(name, metric_kind::gauge, one.first).first->gauges->Remove(one.second);
        return true;
    });
}

histogram metrics_registry::get_histogram(std::string_view name, label_values const& values) {
    auto const [found, labels] = state_->look_up(name, metric_kind::histogram, values);
    std::span<double const> bounds = found->row->buckets;
    if (bounds.empty()) bounds = request_buckets;
    return histogram(found->histograms->Add(
        labels, prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end())));
}

void metrics_registry::on_scrape(std::function<void()> refresh) {
    std::lock_guard const lock(state_->mutex);
    state_->refreshers.push_back(std::move(refresh));
}

std::string metrics_registry::expose() {
    {
        std::lock_guard const lock(state_->mutex);
        for (auto const& refresh : state_->refreshers)
            refresh();
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace cxb::server
