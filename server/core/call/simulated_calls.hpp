#pragma once
/// @file
/// The call handler of `core.media=simulated` (spec 80 §11): a conversation with a scripted party
/// in a room that exists only here, with real tools, recording, upload and result.
///
/// A call over a media WebSocket has a real far party instead, heard and spoken to with the
/// simulated recogniser and synthesis (`media_call`). Where nothing is simulated (`serves_lines`
/// false) such a call ends as `error` with service_error{stt, unsupported_provider}: there is no
/// other speech.
///
/// The script is the variable `sim_script` of `connected_event`, else `polite`; the seed is drawn
/// from `core.sim_seed` and the session.
///
/// Below `recordings_dir`, hidden from `GET /recordings`: `.live/<worker>` (files that grow),
/// `.pending/<worker>` (uploads still owed, see upload_orders.hpp), `.uploaded/<worker>` (second
/// names of uploaded files, which `sweep` deletes after their time; local ones stay).
/// Thread-safety: one executor.

#include <filesystem>
#include <set>

#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/worker/call_handler.hpp"
#include "server/core/call/http_tools.hpp"
#include "server/core/call/upload_orders.hpp"
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
    bool serves_lines = true;
    /// What comes between the end of the talk and the result takes no longer.
    std::chrono::seconds post_call{60};
    std::chrono::hours recordings_keep{48};  ///< of uploaded files
    milliseconds first_upload_wait{5000};    ///< after the tries of the call; then twice as long
};

class simulated_calls final : public worker::call_handler {
  public:
    explicit simulated_calls(simulated_calls_options options);

    /// Makes the folders and repairs what a crash left. Errors: `unavailable`.
    [[nodiscard]] result<void> prepare();

    boost::asio::awaitable<result<worker::call_end>> run(worker::call_context call) override;
    wire::json_object remember(worker::call_context const& call) override;
    void after_crash(worker::call_journal const& journal,
                     contract::call_results::call_results& result) override;
    std::vector<worker::unfinished_call> unfinished() override;
    /// Deletes uploaded recordings whose time is over; looks once in 10 minutes.
    void sweep();

  private:
    using call_results = contract::call_results::call_results;
    [[nodiscard]] std::filesystem::path hidden(std::string_view what,
                                               std::string_view worker_id) const;
    void publish_leftovers(std::string const& worker_id);
    [[nodiscard]] sim_ports ports_for(shared_config const& config) const;
    void choose_party(worker::call_context& call, sim_run& run) const;
    [[nodiscard]] worker::call_end end_of(worker::call_context const& call,
                                          sim_outcome const& outcome) const;
    boost::asio::awaitable<void> keep_recording(worker::call_context const& call,
                                                sim_outcome const& outcome, worker::call_end& end,
                                                std::chrono::nanoseconds until);
    void owe_upload(upload_order order, worker::call_end& end);
    boost::asio::awaitable<std::optional<call_results>> upload_later(upload_order order);
    void note_uploaded(std::string const& key);

    simulated_calls_options options_;
    upload_orders orders_;
    std::set<std::string> active_;  ///< keys of orders that somebody works on
    bool drafts_cleared_ = false;
    std::optional<std::chrono::nanoseconds> swept_at_;
};

/// Notes warnings of the config as `config_warning` events.
void note_warnings(contract::call_results::call_results& out, std::vector<fault> const& warnings,
                   time_point at);

}  // namespace core
}  // namespace cxb::inline v1
