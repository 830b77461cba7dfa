#pragma once
/// @file
/// Every bound of the system that is not a setting, with a name (spec 10 §1.3, 20, 21).
/// A limit that is met gives a clear error; each has a test.

#include <chrono>
#include <cstddef>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace limits {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

// --- documents on the wire (spec 10 §1.3): a body over its limit is 413, a member 422 ---
inline constexpr std::size_t json_depth = 32;         ///< nesting; deeper is malformed, 400
inline constexpr std::size_t config_body = 1 * mib;   ///< runtime config, as an answer
inline constexpr std::size_t results_body = 8 * mib;  ///< one call's result
inline constexpr std::size_t cdr_body = 256 * kib;
inline constexpr std::size_t enqueue_body = 1 * mib;
inline constexpr std::size_t call_start_body = 256 * kib;  ///< dialout, attach, dispatch, widget
inline constexpr std::size_t health_body = 64 * kib;
inline constexpr std::size_t ws_text_frame = 64 * kib;
inline constexpr std::size_t request_head = 32 * kib;  ///< request line and headers together
inline constexpr std::size_t connected_event = 64 * kib;
inline constexpr std::size_t connected_event_members = 200;
inline constexpr std::size_t connected_event_key = 128;
inline constexpr std::size_t analysis_json = 256 * kib;  ///< post_call_analysis, qc_analysis
inline constexpr std::size_t policy_json = 64 * kib;     ///< policy and pipeline_config
inline constexpr std::size_t policy_rules = 50;
inline constexpr std::size_t policy_scenarios = 50;
inline constexpr std::size_t policy_dispositions = 60;
inline constexpr std::size_t item_json = 16 * kib;  ///< one tool's arguments, result or event data
inline constexpr std::size_t transcript_items = 5000;
inline constexpr std::size_t event_items = 10000;
inline constexpr std::size_t latency_samples = 2000;
inline constexpr std::size_t usage_entries = 5000;
inline constexpr std::size_t tools = 32;
inline constexpr std::size_t transfer_targets = 64;
inline constexpr std::size_t text = 1024;  ///< a `str` without a bound of its own
inline constexpr std::size_t url = 2048;
inline constexpr std::size_t faults = 50;  ///< told at once; one more line says there are more
inline constexpr std::size_t open_word = 64;
inline constexpr std::size_t ext_json = 64 * kib;
inline constexpr std::size_t bot_body = 1 * mib;
inline constexpr std::size_t default_body = 64 * kib;

// --- exports (spec 21 §2) ---
inline constexpr std::size_t export_rows = 1'000'000;  ///< more are 422 `narrow the filter`
inline constexpr std::size_t export_portion = 32;      ///< documents held at a time
inline constexpr std::size_t export_columns = 100;     ///< named by `columns`

// --- memory ---
inline constexpr std::size_t config_plans = 4096;  ///< bots whose config is kept prepared

// --- news and short-lived values shared by processes (store/event_bus.hpp, ephemeral_store.hpp) --
inline constexpr std::size_t event_body = 4 * kib;  ///< one message of the event bus
inline constexpr std::size_t ephemeral_key = 256;
inline constexpr std::size_t ephemeral_value = 64 * kib;
inline constexpr std::chrono::hours ephemeral_keep{24};
inline constexpr std::size_t ephemeral_keys = 100'000;  ///< held by the in-process adapter
inline constexpr std::size_t redis_queue = 4096;        ///< commands waiting for a connection
inline constexpr std::size_t redis_pipeline = 64;       ///< commands sent together
inline constexpr std::chrono::milliseconds redis_connect{1000};
inline constexpr std::chrono::milliseconds redis_command{250};  ///< until a connection is given up
inline constexpr std::chrono::milliseconds redis_first_wait{100};  ///< before connecting again
inline constexpr std::chrono::milliseconds redis_longest_wait{5000};

}  // namespace limits
}  // namespace cxb::inline v1
CXB_EXPORT_END
