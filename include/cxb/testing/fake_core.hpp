#pragma once
/// @file
/// A Core inside a test: it listens on a port and does all of spec 10 §7–§9 with the real worker
/// kit, so checks, their order and all answers are the real ones. Its calls are short and speak to
/// nobody. For tests of whatever starts calls: control planes, diallers, carriers, CRMs.
///
/// ```cpp
/// testing::fake_core core({.max_calls = 2});
/// CXB_CHECK(core.start());
/// core.fail({.path = "/livekit/dialout", .status = 429, .detail = "At capacity"});
/// core.hold_calls();                                      // they keep their slots
/// dial(core.url(), ...);                                  // the code under test
/// EXPECT_EQ(core.requests("/livekit/dialout").size(), 2U);
/// core.release_calls();
/// ```
/// | route                                           | access | answer                            |
/// |-------------------------------------------------|--------|-----------------------------------|
/// | POST /attach, /livekit/dialout, dispatch, widget| secret | 200, 403, 422, 429, 404 (§7)      |
/// | GET /health, /health/fleet, /ready              | none   | one worker (§8)                   |
/// | GET /recordings/{key}                           | secret | what `add_recording` was given    |
/// | WS /ws/{bot_id}, /exotel/{bot_id}               | none   | a call that plays back all audio  |
/// | the other routes of worker_host.hpp             |        |                                   |
///
/// Without a `config_url` the Core brings its own control plane, `plane()`, asked without a
/// network: every bot has the config of `make_config()` and every number belongs to a bot, and the
/// results are there: `core.plane().result_posts(session_id)`.
///
/// What calls it over the WebSockets: fake_media_dialler.hpp.
///
/// A call of the routes ends after `call_time` as `customer`, or when an operator ends it; a media
/// call when the far side leaves. `calls` replaces all that.
///
/// Failures of `start`: `unavailable` (the port is taken). Ownership: the object owns its thread,
/// its socket and a folder for its outbox. Thread-safety: every member may be called from any
/// thread, `start`, `stop` and `set_control_plane` by one at a time; none from a call or a hook.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/client/transport.hpp"
#include "cxb/testing/fake_control_plane.hpp"
#include "cxb/worker/call_handler.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// | field      | unset means            | meaning                                              |
/// |------------|------------------------|------------------------------------------------------|
/// | address, port | 127.0.0.1, any free | where it listens; the port stays over stop and start |
/// | keys       | the development secret | what opens the routes, and is sent to control planes |
/// | max_calls  | 1                      | slots                                                |
/// | room_media | true                   | false: attach, dispatch, widget, dialout are 503     |
/// | config_url | its own control plane  | base of config fetches                               |
/// | call_time  | 30 ms                  | how long a call lasts                                |
/// | calls      | as above               | what a call does; outlives the double                |
/// | transport  | real HTTP              | its requests to a control plane; outlives the double |
/// | asked      | nothing                | changes requests before they are judged              |
/// | answered   | nothing                | changes answers before they are sent                 |
/// | line       | as it is               | what stands for a media WebSocket towards its call   |
struct fake_core_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    contract::shared_secret::keyring keys{
        secret(std::string(contract::shared_secret::development_secret)), {}};
    std::size_t max_calls = 1;
    bool room_media = true;
    std::string config_url{};
    std::chrono::milliseconds call_time{30};
    worker::call_handler* calls = nullptr;
    client::transport* transport = nullptr;
    std::function<void(wire::http_request&)> asked{};
    std::function<void(wire::http_request const&, wire::http_response&)> answered{};
    std::function<std::shared_ptr<worker::media_socket>(std::shared_ptr<worker::media_socket>)>
        line{};
};

class fake_core {
  public:
    explicit fake_core(fake_core_options options = {});
    ~fake_core();
    fake_core(fake_core const&) = delete;
    fake_core& operator=(fake_core const&) = delete;

    /// Listens before it returns. After `stop`: on the same port, with the same outbox; calls that
    /// `stop` cut get the result of a crashed worker.
    [[nodiscard]] result<void> start();
    /// As `kill -9` would: sockets and calls are gone at once.
    void stop();
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:8001`
    [[nodiscard]] std::string url() const;
    /// `ws://127.0.0.1:8001/ws/{bot_id}`; `route` may be `exotel`.
    [[nodiscard]] std::string socket_url(std::string_view bot_id,
                                         std::string_view route = "ws") const;
    /// From the next `start` on.
    void set_control_plane(std::string config_url, contract::shared_secret::keyring keys);
    /// The control plane it brings; not asked when there is a `config_url`.
    [[nodiscard]] fake_control_plane& plane() noexcept;

    /// Calls of the routes last until `release_calls`.
    void hold_calls();
    void release_calls();
    /// Calls that wait for it now.
    [[nodiscard]] std::size_t held_calls() const;
    /// No new calls: 429, dispatch 503, no capacity in the health. Precondition: started.
    void drain();

    /// The answer given in place of the real one, after secret and path were judged.
    void fail(scripted_failure rule);
    void clear_failures();
    void add_recording(std::string const& key, std::string_view bytes);

    /// All requests so far whose path starts so, refused ones included; no WebSockets.
    [[nodiscard]] std::vector<seen_request> requests(std::string_view path = {}) const;
    /// Looks at `done` now and after every answered request and every held call.
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
