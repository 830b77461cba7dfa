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

constexpr metric_decl rows[] = {
    {"cxb_http_requests_total", kind::counter, "route,method,code", "Requests answered"},
    {"cxb_http_request_seconds", kind::histogram, "route", "Time from head to answer"},
    {"cxb_config_build_seconds", kind::histogram, "phase", "Time of a runtime config build"},
    {"cxb_config_total", kind::counter, "outcome", "Runtime configs asked for"},
    {"cxb_prefetch_total", kind::counter, "outcome", "CRM pre-fetches"},
    {"cxb_results_total", kind::counter, "status,duplicate", "Call results received"},
    {"cxb_calls_active", kind::gauge, "", "Calls with a skeleton and no result"},
    {"cxb_jobs", kind::gauge, "kind,state", "Job rows by state"},
    {"cxb_push_total", kind::counter, "outcome", "CRM push attempts"},
    {"cxb_push_seconds", kind::histogram, "", "Time of a CRM push attempt"},
    {"cxb_fleet_slots", kind::gauge, "host,kind", "Worker slots per fleet host"},
    {"cxb_dialout_total", kind::counter, "outcome", "Outbound calls asked for"},
    {"cxb_store_commit_seconds", kind::histogram, "", "Time of a durable write"},
    {"cxb_store_queue_depth", kind::gauge, "", "Writes waiting for the store"},
    {"cxb_login_failures_total", kind::counter, "", "Refused logins"},
    {"cxb_guard_refused_total", kind::counter, "reason", "Requests the outbound guard refused"},
    {"cxb_loop_last_run_seconds", kind::gauge, "loop", "Unix time of a loop's last run"},
    {"cxb_log_dropped_total", kind::gauge, "", "Log lines lost to a full queue"},
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
