#pragma once
/// @file
/// A worker as the outside sees it (spec 10 §7, §8, §11): takes calls, runs them through a
/// `call_handler` and hands each result to an outbox. Serves any listener of `src/net`.
///
/// ```cpp
/// worker::worker_host host(options, handler);
/// CXB_CHECK(host.open());                      // locks and recovers the outbox
/// co_spawn(io, host.run(), ...);               // delivers results until drained
/// net::http_server server(loops, host, {.unix_path = socket});
/// ```
/// | route                          | access | answer                                            |
/// |--------------------------------|--------|---------------------------------------------------|
/// | POST /attach                   | secret | 200 accepted, else problem+json with `error`      |
/// | POST /livekit/dialout, widget, dispatch | secret | the same                                 |
/// | GET /health                    | none   | worker_health                                     |
/// | GET /health/fleet              | none   | fleet_health of this one worker                   |
/// | GET /ready                     | none   | 200 or 503 with reasons                           |
/// | GET /metrics                   | none   | `options::metrics_text`, else 404                 |
/// | GET /recordings/{key}          | secret | audio bytes, Range honoured                       |
/// | GET /calls                     | secret | live calls                                        |
/// | POST /calls/{call_id}/end      | secret | 200, 404                                          |
/// | POST /drain                    | secret | 200                                               |
/// | POST /undrain                  | secret | 200; 409 once `drain` began                       |
/// | WS /ws/{bot_id}, /exotel/{bot_id} | `?t=` if wanted | a call, see media_leg.hpp; 426 without |
/// |                                |        | upgrade                                           |
///
/// Order of checks on a start: secret, body, room media, slot; then the journal is written, the
/// answer sent, and the call runs on. The slot is free once the result is durable.
/// A refused config ends the call: attach, dialout and WebSockets post a minimal result, dispatch
/// and widget none.
///
/// Order on a WebSocket: token, upgrade, slot (none: 1008), handshake, journal (not written: 1011),
/// config (none: 1011), `run`. What ends before the journal leaves no trace.
///
/// Thread-safety: everything on one executor. Lifetime: handler, transport, clock and random
/// outlive the host; the host outlives its calls (`drain`), and goes before its event loops do,
/// stopped: calls that were cut hold sockets and timers of them.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/worker/call_handler.hpp"
#include "cxb/worker/call_slots.hpp"
#include "cxb/worker/listener.hpp"
#include "cxb/worker/result_outbox.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// What the host tells whoever counts and logs.
struct call_summary {
    std::string call_id;
    std::string session_id;
    std::string transport;
    std::string disconnected_by;  ///< "" when no result was posted
    std::string config_outcome;
};

struct host_options {
    std::string worker_id = "1";
    int workers = 1;  ///< of this host, for `/health`
    std::size_t max_calls = 1;
    bool room_media = false;  ///< rooms can be joined (or are simulated)
    /// `/ready` names a missing LIVEKIT_URL; only where rooms are wanted.
    bool rooms_expected = false;
    std::string no_media_detail = "LiveKit is not configured";
    std::string host_name;  ///< for `X-CXB-Worker: {host}/{worker_id}`; "" = the machine's
    std::function<std::shared_ptr<contract::shared_secret::keyring const>()> keys;  ///< required
    bool socket_token = false;  ///< media WebSockets need `?t=` (`CXB_WS_AUTH=token`)
    socket_options sockets;
    media_limits media;
    std::string config_url;  ///< default base of the config fetch
    std::vector<std::string> config_hosts;
    std::filesystem::path outbox_dir;
    std::filesystem::path recordings_dir;  ///< "" = none are served
    client::transport* transport = nullptr;
    clock const* time = nullptr;
    random_source* random = nullptr;
    outbox_directory::options disk;
    /// First wait between the tries to post a result the disk did not take; then twice as long.
    std::chrono::milliseconds direct_wait{1000};
    std::function<void(occupancy)> on_change;
    std::function<void(call_summary const&)> on_call_end;
    std::function<std::string()> metrics_text;
    std::function<void(bool error, std::string const& text)> log;
};

class worker_host final : public http_handler {
  public:
    worker_host(host_options options, call_handler& handler);
    ~worker_host() override;

    /// Opens the outbox: results of crashed calls are made here. Errors as `result_outbox::open`.
    [[nodiscard]] result<void> open();
    /// Delivers results until `drain` ended.
    [[nodiscard]] boost::asio::awaitable<void> run();

    boost::asio::awaitable<head_verdict> accept_head(wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    boost::asio::awaitable<void> serve(wire::http_request request,
                                       std::shared_ptr<media_socket> socket) override;
    wire::http_response refusal(int status) override;

    /// What a fleet report says now; a full outbox shows no free slot.
    [[nodiscard]] occupancy now() const;
    [[nodiscard]] outbox_metrics outbox_numbers() const;
    /// No new calls from now on.
    void begin_drain();
    /// Ends all calls as error with service_error{worker, code}.
    void stop_calls(std::string const& code);
    /// `begin_drain`, waits up to `longest` for the calls, ends the rest (`drain_deadline`,
    /// up to 20 s), flushes the outbox up to 10 s and ends `run`.
    [[nodiscard]] boost::asio::awaitable<void> drain(std::chrono::milliseconds longest);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
