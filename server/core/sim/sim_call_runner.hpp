#pragma once
/// @file
/// Drives a `call_machine` on a clock: fast (the clock jumps from timer to timer, but stands still
/// while a real request is open) or in real time. Requests run beside the call; their replies go
/// back in. The machine is a `sim_call`, or a `media_call` when there is a line: that one runs in
/// real time, plays what the bot says and hears what the line brings.
///
/// Errors never leave `run`: a port that fails gives a reply that says so. A port that is not set
/// answers at once: tool `network`, knowledge not ok, model `unsupported_provider`, desk refused.
/// Thread-safety: everything on one executor.

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cxb/worker/media_leg.hpp"
#include "server/core/media/media_call.hpp"
#include "server/core/sim/call_recording.hpp"
#include "server/core/sim/sim_call.hpp"
#include "server/core/sim/sim_clock.hpp"

namespace cxb::inline v1 {
namespace core {

/// The world outside the call.
struct sim_ports {
    std::function<boost::asio::awaitable<tool_replied>(ask_tool)> tool;
    std::function<boost::asio::awaitable<knowledge_replied>(ask_knowledge)> knowledge;
    std::function<boost::asio::awaitable<model_replied>(ask_model)> model;
    std::function<boost::asio::awaitable<desk_replied>(ask_desk)> desk;
};

struct sim_run {
    conversation_config bot;
    sim_script script;
    std::uint64_t seed = 1;
    std::shared_ptr<worker::media_leg> line;  ///< set: there is no script
    vad_settings ear;                         ///< of a line
    sim_ports ports;
    /// Where the recording goes; unset: none is made.
    std::optional<std::filesystem::path> recordings;
    call_recording::format recording_format;
    /// Told after each step; for the list of live calls.
    std::function<void(conversation const&)> observe;
};

struct sim_outcome {
    conversation_record record;
    scripted_model script;  ///< for the questions after the call
    std::optional<std::filesystem::path> recording;
};

class sim_call_runner {
  public:
    /// `time` outlives the runner.
    sim_call_runner(sim_run run, sim_clock& time);
    ~sim_call_runner();
    sim_call_runner(sim_call_runner const&) = delete;
    sim_call_runner& operator=(sim_call_runner const&) = delete;

    /// Runs the call to its end. Once.
    [[nodiscard]] boost::asio::awaitable<sim_outcome> run();
    /// Ends the call as `error` (operator, drain deadline). May be called before or while it runs.
    void stop(std::string code, std::string message);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace core
}  // namespace cxb::inline v1
