#pragma once
/// @file
/// The metrics of one route, with handles kept per method and status: counting takes no lock and
/// builds no labels once a pair has been seen.

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/common/http/router.hpp"

namespace cxb::server {

/// Route label of requests that match no row, and of refusals of the listener.
inline constexpr std::string_view no_route = "(none)";

struct router::row_metrics {
  public:
    row_metrics(metrics_registry& metrics, std::string_view pattern)
        : route_(pattern), seconds_(metrics.get_histogram("cxb_http_request_seconds", {route_})) {}

    void count(metrics_registry& metrics, std::string_view method, int status,
               std::chrono::nanoseconds took);

  private:
    struct known {
        std::string method;
        int status;
        counter handle;
        known const* next;
    };
    counter find_or_add(metrics_registry& metrics, std::string_view method, int status);

    std::string route_;
    histogram seconds_;
    std::atomic<known const*> first_{nullptr};  ///< only ever grows, at its head
    std::mutex growing_;
    std::vector<std::unique_ptr<known const>> owned_;
};

}  // namespace cxb::server
