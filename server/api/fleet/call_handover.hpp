#pragma once
/// @file
/// Giving a call to a worker host: the best host with a free slot is chosen, the slot reserved, the
/// order posted; what the host answers decides whether another one is asked (spec 21 §5, §6 step 7,
/// §7, §8). At most 3 hosts, and 10 s more than one host may take.
///
/// | the host                     | dialout    | dispatch   | widget     |
/// |------------------------------|------------|------------|------------|
/// | took no byte of the order    | next host  | next host  | next host  |
/// | 429 `At capacity`            | next host  | its answer | next host  |
/// | 503                          | its answer | its answer | next host  |
/// | 403: its secret is not ours  | `secret_refused`, logged as an error |||
/// | any other status             | its answer                            |||
/// | nothing, after bytes of it   | `in_doubt`, nobody else is asked      |||
///
/// A worker that is full has removed an inbound caller from the room before it says 429, so nobody
/// can take that call any more; it has done nothing for a dialout or a widget call.
///
/// When no host is left, the last answer that sent us on counts; without one it is `unreachable`.
/// The reservation is renewed while a host thinks, given back after a refusal, kept a while after a
/// 200. Failures: those of the store at the first reservation.
/// Thread-safety: usable from all event loops.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"
#include "server/api/fleet/fleet_service.hpp"
#include "server/common/http/secret_gate.hpp"
#include "server/common/log.hpp"

namespace cxb::api {

/// What the kinds of calls differ in.
struct handover_kind {
    std::string_view path;        ///< at the host
    bool busy_goes_on = false;    ///< after 429 the next host is asked
    bool closed_goes_on = false;  ///< after 503 too
};
inline constexpr handover_kind dialout_handover{"/livekit/dialout", true};
inline constexpr handover_kind dispatch_handover{"/livekit/dispatch"};
inline constexpr handover_kind widget_handover{"/livekit/widget", true, true};

/// One host was asked; status 0: no answer.
struct handover_try {
    std::string host;
    int status = 0;
    milliseconds took{0};
};

struct handover_order {
    handover_kind kind;
    std::string body;                                ///< JSON, the same for every host
    milliseconds timeout{0};                         ///< of one host
    std::function<void(handover_try const&)> tried;  ///< told after each; may be empty
};

enum class handover_end { answered, none_free, unreachable, in_doubt, secret_refused };

struct handover_outcome {
    handover_end end = handover_end::unreachable;
    wire::http_response answer;  ///< of the host, when `answered`
    [[nodiscard]] bool accepted() const noexcept {
        return end == handover_end::answered && answer.status == 200;
    }
};

class call_handover {
  public:
    call_handover(fleet_service& fleet, client::transport& hosts, server::secret_gate const& core,
                  server::logger& log, clock const& time)
        : fleet_(fleet), hosts_(hosts), core_(core), log_(log), time_(time) {}

    /// Are there hosts at all? Asked before anything is written for a call.
    [[nodiscard]] bool has_hosts() const { return !fleet_.urls().empty(); }
    store::async<handover_outcome> place(handover_order order);

  private:
    boost::asio::awaitable<result<wire::http_response>> ask(handover_order const& order,
                                                            reserved_host held,
                                                            milliseconds at_most);

    fleet_service& fleet_;
    client::transport& hosts_;
    server::secret_gate const& core_;  ///< hosts are shown the secret that is current now
    server::logger& log_;
    clock const& time_;
};

}  // namespace cxb::api
