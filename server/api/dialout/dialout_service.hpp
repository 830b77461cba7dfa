#pragma once
/// @file
/// Placing one outbound call: a slot on a worker host, the hand-over, and a row that says what
/// became of it (spec 21 §6 steps 5–8).
///
/// A call is never dialled twice on doubt: only a host that took no byte of the request, or that
/// answered 429, is followed by another one (`call_handover`). A time-out or reset after the
/// request was sent is `deadline_exceeded` with reason `outcome_unknown`.
///
/// | errc, reason                        | detail                               | when            |
/// |-------------------------------------|--------------------------------------|-----------------|
/// | unavailable                         | No fleet servers configured          | empty list      |
/// | unavailable                         | No healthy fleet server available    | none has a slot |
/// | upstream_failed                     | Fleet rejected the core secret       | a host says 403 |
/// | upstream_failed                     | Fleet unreachable                    | refusals only   |
/// | deadline_exceeded `outcome_unknown` | The call may have been placed        | doubt           |
/// | as the host said                    | the host's `error`                   | other answers   |
/// Thread-safety: usable from all event loops.

#include <string>
#include <vector>

#include "cxb/contract/dialout/call_accepted.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/fleet/call_handover.hpp"
#include "server/common/log.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

struct dial_order {
    std::string bot_id;
    std::string to_number;  ///< dialable form
    std::optional<std::string> from_number;
    wire::json_object variables;  ///< values of any JSON kind, reserved ones allowed
    std::string config_base;      ///< scheme and host for `config_url`
    std::string actor;            ///< `api_key:…`, `user:…`
};

struct dialed_call {
    contract::dialout::call_accepted accepted;  ///< what the host said, with our session_id
};

class dialout_service {
  public:
    dialout_service(call_handover& handover, store::document_store& store, server::logger& log,
                    server::metrics_registry& metrics, clock const& time, random_source& random,
                    milliseconds timeout)
        : handover_(handover),
          store_(store),
          log_(log),
          metrics_(metrics),
          time_(time),
          random_(random),
          timeout_(timeout) {}

    store::async<dialed_call> dial(dial_order order);

  private:
    struct attempt;
    store::async<dialed_call> hand_over(attempt& at);
    store::async<void> open_row(attempt& at);
    store::async<void> close_row(attempt& at, result<dialed_call> const& outcome);

    call_handover& handover_;
    store::document_store& store_;
    server::logger& log_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    milliseconds timeout_;
};

}  // namespace cxb::api
