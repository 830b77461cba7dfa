#pragma once
/// @file
/// What the checks of a Core share (spec 10 §13): the Core's routes, a control plane of the kit's
/// own that serves configs and takes results, calls placed by `/attach` or over the media
/// WebSockets, and, where the kit started the Core itself, its process.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/conformance/check.hpp"
#include "cli/conformance/kit_host.hpp"
#include "cli/conformance/media_line.hpp"
#include "cli/conformance/peer_process.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/testing/fake_control_plane.hpp"

namespace cxb::cli::conformance {

struct core_options {
    std::string url;
    secret core_secret;
    secret previous_secret;    ///< "" = not told; its checks are noted as left out
    listen_address listen;     ///< of the control plane
    std::string command;       ///< starts the Core; "" = it is started by somebody else
    wire::json_object config;  ///< laid over the config of every call, e.g. provider blocks
    std::chrono::seconds start_patience{60};
    std::chrono::seconds call_patience{45};  ///< a call of at most 10 s, and its delivery
    /// Waits between two looks. False: stop looking.
    std::function<bool(std::chrono::milliseconds)> pause;
};

/// Variables to start the Core with, in the order they are printed.
using environment_list = std::vector<std::pair<std::string, std::string>>;

/// A call as the kit placed it.
struct placed_call {
    std::string bot_id;
    std::string session_id;
    std::string stream_id;  ///< of a call over a media WebSocket
    /// Of `/attach`. Over `/ws` what it would have been: 200 once the config is asked for, 429 with
    /// the reason of a close 1008.
    answer got;
    std::shared_ptr<media_line> line;  ///< of a call over a media WebSocket
};

class core_kit {
  public:
    core_kit(client::transport& transport, core_options options);
    ~core_kit();

    /// Starts the control plane. Errors: `unavailable`.
    [[nodiscard]] result<void> open();
    [[nodiscard]] environment_list environment() const;
    /// Starts the Core if told so, waits for its health, tries whether calls can be placed.
    [[nodiscard]] result<void> prepare();
    [[nodiscard]] std::string missing(need one) const;
    /// Ends the lines that are still open.
    [[nodiscard]] std::vector<exchange> take_exchanges();
    [[nodiscard]] std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
    void note(std::string text) { notes_.push_back(std::move(text)); }

    [[nodiscard]] core_options const& options() const noexcept { return options_; }
    [[nodiscard]] testing::fake_control_plane& plane() noexcept { return *plane_; }
    [[nodiscard]] peer_process* process() noexcept { return process_.get(); }

    answer get(std::string const& path, std::chrono::milliseconds timeout = seconds{20});
    /// With these headers instead of the secret's, when given.
    answer post(std::string const& path, wire::json_object const& body);
    answer post(std::string const& path, wire::json_object const& body, wire::header_list headers);

    /// The config of a call that is over soon, with changes. `bot_id` and `session_id` come later.
    [[nodiscard]] wire::json_object config(wire::json_object changes = {}) const;
    /// Serves the config under a bot of its own and attaches. `script` is what the far party of a
    /// simulated room does; Cores without simulated rooms see a variable they do not know. Where
    /// rooms are not served the call goes over `/ws`, and the kit itself is silent or hangs up.
    placed_call place(wire::json_object config, std::string const& script = "hangup_early",
                      wire::json_object event = {});
    /// The same for a bot whose config is refused.
    placed_call place_refused(int status, std::string const& detail);
    /// A line to a bot of its own whose config is this one: upgraded, nothing said yet. Without a
    /// config: to a bot that nobody knows.
    [[nodiscard]] placed_call open_line(line_kind kind,
                                        std::optional<wire::json_object> config = std::nullopt);
    /// Has the config of that call been asked for?
    [[nodiscard]] bool asked_for(placed_call const& call);
    /// Posts of its result, refused ones included.
    [[nodiscard]] std::vector<testing::seen_request> posts_of(placed_call const& call);
    /// Expects 200 of the attach.
    [[nodiscard]] outcome expect_accepted(placed_call const& call) const;
    /// The first post of that call's result that was answered 200.
    [[nodiscard]] result<wire::json_object> result_of(placed_call const& call);
    /// `done` becomes true while the kit looks again and again.
    [[nodiscard]] bool eventually(std::function<bool()> const& done, std::chrono::seconds at_most);
    /// Slots the host has now, from `/health/fleet`; -1 when it does not say.
    [[nodiscard]] std::int64_t fleet_number(std::string_view member);
    /// No call runs any more. A fault after `call_patience`.
    [[nodiscard]] outcome wait_idle();
    /// Kills the Core if need be, starts it again and waits for its health.
    [[nodiscard]] result<void> restart();

  private:
    [[nodiscard]] result<void> wait_healthy();
    placed_call attach(std::string bot, std::string const& script, wire::json_object event);
    void find_a_way();
    placed_call connect(line_kind kind, std::string bot, std::string session);
    void begin(placed_call& call, std::string const& script, wire::json_object event);

    http_peer http_;
    core_options options_;
    std::filesystem::path folder_;
    std::unique_ptr<testing::fake_control_plane> plane_;
    std::unique_ptr<peer_process> process_;
    std::vector<std::string> notes_;
    std::string no_rooms_;
    std::string no_calls_;
    bool over_socket_ = false;
    net::event_loops loops_{1};
    std::vector<std::shared_ptr<media_line>> lines_;  ///< since the last `take_exchanges`
};

}  // namespace cxb::cli::conformance
