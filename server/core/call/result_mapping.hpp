#pragma once
/// @file
/// From the record of a conversation to the result of the contract (spec 10 §4, 80 §9).
/// Thread-safety: pure functions.

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "server/core/conversation/conversation_record.hpp"
#include "server/core/sim/scripted_model.hpp"

namespace cxb::inline v1 {
namespace core {

/// Times, words, transcript, events, latency, usage and transfer of the record.
[[nodiscard]] contract::call_results::call_results result_of(conversation_record const& record);

/// Analysis and quality check by the scripted model, or why there is none: skipped calls get their
/// automatic disposition. Usage of both is added.
void add_analysis(contract::call_results::call_results& out, conversation_record const& record,
                  contract::runtime_config::runtime_config const& config,
                  scripted_model const& model);

}  // namespace core
}  // namespace cxb::inline v1
