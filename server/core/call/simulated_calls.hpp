#pragma once
/// @file
/// The call handler of `core.media=simulated` (spec 80 §11): a conversation with a scripted party
/// in a room that exists only here, with real tools, recording, upload and result.
///
/// The script is the variable `sim_script` of `connected_event`, else `polite`; the seed is drawn
/// from `core.sim_seed` and the session. Thread-safety: one executor.

#include <filesystem>
#include <set>

#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/worker/call_handler.hpp"
#include "server/core/sim/sim_call_runner.hpp"

namespace cxb::inline v1 {
namespace core {

struct simulated_calls_options {
    clock const* time = nullptr;
    client::transport* guarded = nullptr;  ///< tools
    client::transport* api = nullptr;      ///< knowledge, uploads
    std::function<wire::header_list()> headers;
    std::filesystem::path recordings_dir;
    std::filesystem::path scripts_dir;
    std::string worker_id = "1";
    std::uint64_t seed = 1;
    bool fast = false;
};

class simulated_calls final : public worker::call_handler {
  public:
    explicit simulated_calls(simulated_calls_options options) : options_(std::move(options)) {}

    /// Makes the folders and repairs what a crash left. Errors: `unavailable`.
    [[nodiscard]] result<void> prepare();

    boost::asio::awaitable<result<worker::call_end>> run(worker::call_context call) override;
    wire::json_object remember(worker::call_context const& call) override;
    void after_crash(worker::call_journal const& journal,
                     contract::call_results::call_results& result) override;

  private:
    [[nodiscard]] std::filesystem::path live_folder() const;
    [[nodiscard]] sim_ports ports_for(contract::runtime_config::runtime_config const& config) const;
    boost::asio::awaitable<void> keep_recording(worker::call_context const& call,
                                                sim_outcome const& outcome, worker::call_end& end);
    boost::asio::awaitable<std::optional<contract::call_results::call_results>> upload_later(
        contract::runtime_config::recording_storage storage, std::filesystem::path file,
        contract::call_results::call_results result);

    simulated_calls_options options_;
    std::set<std::string> repaired_;
};

/// Notes warnings of the config as `config_warning` events.
void note_warnings(contract::call_results::call_results& out, std::vector<fault> const& warnings,
                   time_point at);

}  // namespace core
}  // namespace cxb::inline v1
