#include "server/common/http/row_metrics.hpp"

namespace cxb::server {
namespace {

// Labels must stay few whatever a client sends.
std::string_view method_label(std::string_view method) noexcept {
    for (std::string_view const known :
         {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
        if (method == known) return known;
    return "other";
}

}  // namespace

counter router::row_metrics::find_or_add(metrics_registry& metrics, std::string_view method,
                                         int status) {
    auto const search = [&](known const* at) {
        while (at != nullptr && (at->status != status || at->method != method))
            at = at->next;
        return at;
    };
    if (auto const* hit = search(first_.load(std::memory_order_acquire))) return hit->handle;
    std::lock_guard const lock(growing_);
    auto const* const head = first_.load(std::memory_order_acquire);
    if (auto const* hit = search(head)) return hit->handle;
    auto const handle = metrics.get_counter("cxb_http_requests_total",
                                            {route_, std::string(method), std::to_string(status)});
    owned_.push_back(
        std::make_unique<known const>(known{std::string(method), status, handle, head}));
    first_.store(owned_.back().get(), std::memory_order_release);
    return handle;
}

void router::row_metrics::count(metrics_registry& metrics, std::string_view method, int status,
                                std::chrono::nanoseconds took) {
    find_or_add(metrics, method_label(method), status).add();
    seconds_.observe(std::chrono::duration<double>(took).count());
}

}  // namespace cxb::server
