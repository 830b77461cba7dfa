#pragma once
/// @file
/// A Core host as seen from the control plane, the dialler or a test: call starts and health
/// (spec 10 §6–8, §12). One client per host; the shared secret goes with the four call starts.
///
/// | operation    | route                     | timeout | repeated by itself when     |
/// |--------------|---------------------------|---------|-----------------------------|
/// | attach       | POST /attach              | 10 s    | only if nothing was sent    |
/// | widget       | POST /livekit/widget      | 10 s    | only if nothing was sent    |
/// | dispatch     | POST /livekit/dispatch    | 10 s    | never                       |
/// | dialout      | POST /livekit/dialout     | 60 s    | only if nothing was sent, 429 |
/// | health       | GET /health               | 20 s    | never (a poller calls again) |
/// | fleet_health | GET /health/fleet         | 20 s    | never                       |
/// | recording    | GET /recordings/{key}     | 5 s, to the head when streamed | never |
///
/// After 429 or 503 of attach and widget the caller takes another host; never after dispatch, whose
/// worker has removed the participant. `deadline_exceeded` with `request_sent` other than no means
/// the call may run: ask by dial_id or room before dialling again.
///
/// Errors: those of response_error.hpp and transport.hpp; `invalid` without a request when the
/// parameters break the contract; `corrupt_data` for an unreadable 2xx body.
/// fleet_health fails only when the client itself may not ask: an unusable host is a `fleet_fault`.
/// Thread-safety and ownership: as api_client.

#include <memory>

#include "cxb/client/client_options.hpp"
#include "cxb/contract/attach/attach_request.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/contract/widget/widget_request.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// `idempotency_key`, at most 255 characters: a worker remembers 1,000 keys until it restarts; "" =
/// none.
struct attach_params {
    contract::attach::attach_request request;
    std::string idempotency_key;
};
struct core_dialout_params {
    contract::dialout::core_dialout_request request;
    std::string idempotency_key;
};

/// | field     | unset means    | meaning                                                      |
/// |-----------|----------------|--------------------------------------------------------------|
/// | key       | (required)     | `domain::is_recording_key`; segments are percent-encoded     |
/// | range     | the whole file | value of `Range`, e.g. `bytes=0-65535`; the status is 206    |
/// | stream    | false          | the answer carries `stream` instead of a body, see transport |
/// | max_bytes | 64 MiB         | longest body; over it `too_large`. Not used with `stream`    |
struct recording_params {
    std::string key;
    std::string range;
    bool stream = false;
    std::size_t max_bytes = 64 * limits::mib;
};

class core_client {
  public:
    /// Precondition: `options.transport` is set.
    explicit core_client(client_options options);
    ~core_client();
    core_client(core_client&&) noexcept;
    core_client& operator=(core_client&&) noexcept;

    [[nodiscard]] async<contract::dialout::call_accepted> attach(attach_params params,
                                                                 call_options how = {});
    [[nodiscard]] async<contract::dialout::call_accepted> dialout(core_dialout_params params,
                                                                  call_options how = {});
    [[nodiscard]] async<contract::dialout::call_accepted> dispatch(
        contract::dispatch::dispatch_request request, call_options how = {});
    [[nodiscard]] async<contract::dialout::call_accepted> widget(
        contract::widget::widget_request request, call_options how = {});
    [[nodiscard]] async<contract::fleet::worker_health> health(call_options how = {});
    [[nodiscard]] async<contract::fleet::fleet_answer> fleet_health(call_options how = {});
    /// Audio that still lies with the Core. `not_found`: not there, ask the next host.
    [[nodiscard]] async<wire::http_response> recording(recording_params params,
                                                       call_options how = {});

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
