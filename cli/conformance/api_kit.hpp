#pragma once
/// @file
/// What the checks of a control plane share (spec 10 §13, A01–A30): its routes, an admin's token,
/// bots made for the run, the stored calls.
///
/// Bots and keys made here are removed by `clean_up`; calls stay, all named `conformance-…`.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/conformance/check.hpp"
#include "cli/conformance/expect.hpp"
#include "cli/conformance/kit_host.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::cli::conformance {

struct api_options {
    std::string url;
    secret core_secret;
    secret bearer;      ///< of an admin; "" none
    std::string email;  ///< signs in when there is no bearer
    secret password;
    std::string bot_id;  ///< used when no bot can be made
    bool fleet = false;  ///< the kit may list itself as the only host of the fleet
    listen_address listen;
    std::string livekit_key;
    secret livekit_secret;
};

/// Who asks.
enum class as { nobody, core, admin, key };

class api_kit {
  public:
    api_kit(client::transport& transport, api_options options);

    /// Reaches the API, signs in, makes bots. An error: nothing can be judged.
    [[nodiscard]] result<void> prepare();
    void clean_up();
    [[nodiscard]] std::string missing(need one) const;
    [[nodiscard]] std::vector<exchange> take_exchanges() { return http_.take_exchanges(); }
    [[nodiscard]] std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
    /// A part of the running check that cannot be judged.
    void note(std::string text) { notes_.push_back(std::move(text)); }

    [[nodiscard]] api_options const& options() const noexcept { return options_; }
    [[nodiscard]] kit_host& host() noexcept { return host_; }
    /// "" where none could be had.
    [[nodiscard]] std::string const& bot() const noexcept { return bot_; }
    /// A bot that is never open; "" where none could be made.
    [[nodiscard]] std::string const& closed_bot() const noexcept { return closed_bot_; }
    /// Did the kit make `bot` (so that its prompt is known)?
    [[nodiscard]] bool own_bot() const noexcept { return own_bot_; }

    answer send(as who, std::string method, std::string const& target, std::string body = {},
                wire::header_list extra = {});
    answer send(as who, std::string method, std::string const& target,
                wire::json_object const& body, wire::header_list extra = {});
    [[nodiscard]] ask prepared(as who, std::string method, std::string const& target,
                               std::string body = {}, wire::header_list extra = {}) const;
    [[nodiscard]] std::vector<answer> send_all(std::vector<ask> all) {
        return http_.send_all(std::move(all));
    }

    /// A session_id nobody else uses.
    [[nodiscard]] static std::string new_session();
    /// The config of a bot for `session`, with more members of connected_event and query.
    answer fetch_config(std::string const& session, wire::json_object event = {},
                        wire::query_list query = {}, std::string const& bot = {});
    /// Fetches a config, so that the call is known. A fault when it is refused.
    [[nodiscard]] result<std::string> open_call(wire::json_object event = {},
                                                wire::query_list query = {});
    answer post_result(wire::json_object const& result);
    /// Posts and expects 200. Gives the answer.
    [[nodiscard]] result<answer> stored_result(wire::json_object const& result);
    /// The call as an admin reads it. A fault when it cannot be had.
    [[nodiscard]] result<wire::json_object> call(std::string const& session);
    /// A finished call, whole.
    [[nodiscard]] wire::json_object full_result(std::string const& session) const;
    /// Do after-effects (pushes) of this API reach the kit? Found out once.
    [[nodiscard]] bool sees_pushes();
    /// Waits for the push of a call, then for that of one finished after it: the count is final.
    [[nodiscard]] result<int> settled_pushes(std::string const& session);
    /// Makes the kit the only host; the list as it was comes back in `clean_up`.
    [[nodiscard]] result<void> become_fleet();
    [[nodiscard]] result<void> empty_fleet();
    /// An API key for dialouts; made once.
    [[nodiscard]] result<std::string> dialout_key();

  private:
    [[nodiscard]] result<void> sign_in();
    [[nodiscard]] result<std::string> make_bot(wire::json_object changes);
    [[nodiscard]] result<void> remember_fleet();
    [[nodiscard]] result<void> put_fleet(wire::json_array urls);

    http_peer http_;
    api_options options_;
    kit_host host_;
    std::vector<std::string> notes_;
    std::string bot_;
    std::string closed_bot_;
    std::string no_bot_;  // why there is none
    bool own_bot_ = false;
    std::optional<bool> sees_pushes_;
    std::optional<wire::json_array> fleet_before_;
    std::string key_;
    std::vector<std::string> to_delete_;  // targets
};

}  // namespace cxb::cli::conformance
