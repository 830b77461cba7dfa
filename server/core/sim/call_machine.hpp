#pragma once
/// @file
/// A call as one machine on one clock: a conversation and the line it runs over, simulated
/// (`sim_call`) or real (`media_call`). What needs the world outside comes out as actions and goes
/// back in as inputs. Thread-safety: one thread at a time.

#include <optional>
#include <vector>

#include "server/core/conversation/conversation.hpp"

namespace cxb::inline v1 {
namespace core {

class call_machine {
  public:
    call_machine() = default;
    call_machine(call_machine const&) = delete;
    call_machine& operator=(call_machine const&) = delete;
    virtual ~call_machine() = default;

    [[nodiscard]] virtual std::vector<conversation_output> step(
        time_point now, conversation_input const& input) = 0;
    /// When to step again with `time_passed`; empty when over.
    [[nodiscard]] virtual std::optional<time_point> next_timer() const = 0;
    [[nodiscard]] virtual conversation const& talk() const noexcept = 0;
    /// Leaves the machine without its record.
    [[nodiscard]] virtual conversation_record take_record() = 0;
    [[nodiscard]] bool over() const noexcept { return talk().phase() == call_phase::over; }
};

/// The simulated recogniser has no end-of-turn events of its own.
[[nodiscard]] inline conversation_config with_simulated_ear(conversation_config config) {
    config.turn.strategy = turn_strategy::silence;
    return config;
}

}  // namespace core
}  // namespace cxb::inline v1
