#pragma once
/// @file
/// Access tokens for pushes by OAuth 2.0 client credentials (RFC 6749 §4.4; spec 21 §3.1): asked
/// for through the outbound guard, kept in this process until 60 s before they end.
///
/// One POST of `grant_type=client_credentials` and `scope`, the client by HTTP Basic. Of the answer
/// `access_token`, `token_type` (Bearer, or absent) and `expires_in` are read; one without an end
/// is taken to live 5 min. Whoever asks while another already does shares the outcome.
///
/// | reason of a failure             | cause                                  | errc              |
/// |---------------------------------|----------------------------------------|-------------------|
/// | `oauth_token: timeout`          | no answer in time                      | deadline_exceeded |
/// | `oauth_token: connect`, `tls`   | not reached                            | as the transport  |
/// | `oauth_token: blocked`          | refused by the guard                   | blocked           |
/// | `oauth_token: too_large`        | answer over `max_answer`               | too_large         |
/// | `oauth_token: status_<n>`       | any answer but 2xx; `status()` is n    | upstream_failed   |
/// | `oauth_token: not_json`,        | 2xx without a token that can be used   | upstream_failed   |
/// | `shape`                         |                                        |                   |
/// Whether a delivery is tried again follows from code and status as for its own target.
///
/// Tokens and secrets stand in no error and no log. Thread-safety: usable from all event loops.

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/store/document_store.hpp"
#include "server/common/async/keyed_turn.hpp"

namespace cxb::api {

/// Who asks, and where. Another in any part is another client.
struct oauth_client {
    std::string token_url;
    std::string client_id;
    secret client_secret;
    std::string scope;  ///< "" = not sent
};

class oauth_tokens {
  public:
    static constexpr seconds margin{60};         ///< a token is not used so close to its end
    static constexpr seconds assumed_life{300};  ///< of one that names no end
    static constexpr std::size_t max_answer = 64 * limits::kib;
    static constexpr std::size_t max_token = 8 * limits::kib;
    static constexpr std::size_t max_kept = 1000;  ///< clients; beyond it one is forgotten

    /// Both must outlive this.
    oauth_tokens(client::transport& outbound, clock const& time)
        : outbound_(outbound), time_(time) {}

    /// A token that is good now, kept or fresh. Errors: the table above.
    store::async<secret> get(oauth_client who, milliseconds at_most);
    /// A token that is kept and good now; `get` would not ask for it.
    [[nodiscard]] std::optional<secret> known(oauth_client const& who) const;
    /// The target did not take this token: unless it was replaced already, the next `get` asks.
    void refuse(oauth_client const& who, secret const& token);
    /// Clients that are remembered; for tests.
    [[nodiscard]] std::size_t size() const;

  private:
    struct entry {
        secret token;
        std::chrono::nanoseconds until{0};  ///< steady
        std::optional<error> fault;         ///< why there is none
        std::uint64_t ended = 0;            ///< when it was learned, as `count_` counts
    };
    [[nodiscard]] std::optional<result<secret>> look_up(std::string const& key,
                                                        std::uint64_t asked) const;
    void keep(std::string const& key, entry learned);
    store::async<entry> ask(oauth_client const& who, milliseconds at_most);

    client::transport& outbound_;
    clock const& time_;
    server::keyed_turn turns_;
    mutable std::mutex mutex_;
    std::uint64_t count_ = 0;
    std::unordered_map<std::string, entry> kept_;
};

}  // namespace cxb::api
