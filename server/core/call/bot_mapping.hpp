#pragma once
/// @file
/// From the runtime config of the contract to what a conversation needs (spec 80 §2, C§3).
/// Thread-safety: pure functions.

#include <string>

#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "server/core/conversation/conversation_config.hpp"
#include "server/core/media/energy_vad.hpp"

namespace cxb::inline v1 {
namespace core {

/// `transport` is the word of the config request. The config must outlive nothing: what is needed
/// later (targets) is copied.
[[nodiscard]] conversation_config conversation_of(
    contract::runtime_config::runtime_config const& config, std::string const& transport);

/// Settings of the voice detector.
[[nodiscard]] vad_settings ear_of(contract::runtime_config::runtime_config const& config);

/// The recording key of a call: the config's, else `{session_id}.wav`.
[[nodiscard]] std::string recording_key_for(contract::runtime_config::runtime_config const& config);

/// Snapshot for `pipeline_config` of the result: transport, worker_id, config_version, providers
/// and models; no secrets.
[[nodiscard]] wire::json_object pipeline_snapshot(
    contract::runtime_config::runtime_config const& config, std::string const& transport,
    std::string const& worker_id);

}  // namespace core
}  // namespace cxb::inline v1
