#pragma once
/// @file
/// Fetching the config of a call as a Core must (spec 10 §11.3): up to 3 tries while the control
/// plane is unavailable, with one `fetch_id`, so that a repeated GET never makes a second call.
///
/// | bound   | value                                     |
/// |---------|-------------------------------------------|
/// | connect | 2 s                                       |
/// | one try | 5 s                                       |
/// | all     | 8 s                                       |
/// | waits   | random(0, 200 ms), then random(0, 600 ms) |
///
/// Only `unavailable` is repeated; every other outcome is final at once. No cached config is used.
/// The request is a GET with a query, or a POST with the same members when the URL would exceed
/// 16 KiB. Thread-safety: a coroutine on one executor; the options outlive it.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/contract/runtime_config/config_outcome.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

struct config_fetch_options {
    client::transport* transport = nullptr;  ///< required
    clock const* time = nullptr;             ///< default: the real clock
    random_source* random = nullptr;         ///< default: the system's
    /// Secret and tracing headers of each request.
    std::function<wire::header_list()> headers;
    milliseconds connect{2000};
    milliseconds one_try{5000};
    milliseconds all_tries{8000};
    /// Waits between tries; default: a timer. Tests set it.
    std::function<boost::asio::awaitable<void>(milliseconds)> wait;
};

struct config_order {
    std::string config_url;  ///< base that ends in `/config`
    std::string bot_id;
    contract::runtime_config::config_request request;  ///< `fetch_id` is made here when absent
};

/// `config` is set exactly when `outcome` is `ok`.
struct fetched_config {
    contract::runtime_config::config_outcome outcome =
        contract::runtime_config::config_outcome::unavailable;
    std::optional<contract::runtime_config::runtime_config> config;
    std::vector<fault> warnings;  ///< dropped items: become `config_warning` events
    std::string detail;           ///< of a refusal
    int tries = 0;
};

/// Never fails: what went wrong is the outcome.
[[nodiscard]] boost::asio::awaitable<fetched_config> fetch_config(
    config_fetch_options const& options, config_order order);

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
