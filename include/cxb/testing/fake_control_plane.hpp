#pragma once
/// @file
/// A control plane inside a test or a tool: it listens on a port, serves configs, keeps results by
/// the real merge rule (spec 10 §4.5) and remembers all it was asked. Nothing is kept on disk.
///
/// ```cpp
/// testing::fake_control_plane plane;                        // or {.port = 8090}
/// CXB_CHECK(plane.start());
/// plane.serve_config("bot-1", {{"system_prompt", "Hello"}, {"opening_message", "Hi"}});
/// plane.fail({.path = "/api/v1/call-results", .status = 500, .times = 4});
/// run_core(plane.config_url(), ...);                        // the Core under test
/// EXPECT_TRUE(plane.wait_until([&] { return plane.call("s-1").has_value(); }, seconds(30)));
/// ```
/// | route                                | access | answer                                     |
/// |--------------------------------------|--------|--------------------------------------------|
/// | GET, POST /api/v1/config/{bot_id}    | secret | the config served for that bot, else 404   |
/// | GET /api/v1/config?bot_id=           | secret | the same                                   |
/// | POST /api/v1/call-results            | secret | call_results_ack, faults as spec 10 §4     |
/// | POST /api/v1/cdr                     | secret | cdr_ack; waits for its call if need be     |
/// | GET /api/v1/sip/lookup, /outbound-trunk | secret | what was added, else 404                |
/// | POST /api/v1/knowledge-bases/search  | secret | knowledge_hits, empty unless set           |
/// | POST /api/v1/agent-desk/enqueue      | secret | enqueue_ack; 409 as spec 10 §10            |
/// | POST /api/v1/agent-desk/calls/{id}/  | secret | `…_ack` of each; 404 for a call that was   |
/// |   events, transcript, recording,     |        | not enqueued                               |
/// |   customer-disconnected              |        |                                            |
/// | GET /api/v1/calls/{session_id}       | bearer | the stored call                            |
/// | GET /health                          | none   | `{"status":"ok"}`                          |
///
/// Unknown paths are 404, other methods 405 with `Allow`, bodies over the limits of spec 10 §1.3
/// 413, other content types 415; all as problem+json. A config fetch makes the skeleton of a call:
/// the same `_campaign_session_id` or `fetch_id` is the same call, and once it has its result the
/// answer is 409 `session_completed`.
///
/// The agent desk has a queue and no agents. A call that is enqueued waits; `agent_joined` among
/// its events makes it active. When the caller leaves (`customer-disconnected`, or the event
/// `customer_left`) a waiting call is ended, an active one in wrap_up. Nothing times out.
///
/// ```cpp
/// plane.fail({.path = "/api/v1/agent-desk/enqueue", .status = 503, .times = 2});
/// run_core_that_hands_over(plane.config_url(), ...);
/// EXPECT_TRUE(plane.wait_until([&] { return plane.desk_queue().size() == 1; }, seconds(30)));
/// EXPECT_EQ(plane.desk_call("s-1")->request.priority, 5);
/// ```
///
/// Failures of `start`: `unavailable` (the port is taken). Everything else succeeds.
/// Ownership: the object owns its thread and its socket; `stop` or destruction ends both.
/// Thread-safety: every member may be called from any thread; not from a handler of its own.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/agent_desk/customer_disconnected.hpp"
#include "cxb/contract/agent_desk/desk_events.hpp"
#include "cxb/contract/agent_desk/desk_recording.hpp"
#include "cxb/contract/agent_desk/enqueue_request.hpp"
#include "cxb/contract/lookup/knowledge.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/listener.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// | field   | unset means               | meaning                                              |
/// |---------|---------------------------|------------------------------------------------------|
/// | address | 127.0.0.1                 | IP address to listen on                              |
/// | port    | any free one              | kept over `stop` and `start`                         |
/// | keys    | the development secret    | what opens the routes of access "secret"             |
/// | bearer  | those routes answer 401   | token that opens the routes of access "bearer"       |
/// | time    | the real clock            | times in stored calls                                |
struct fake_control_plane_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    contract::shared_secret::keyring keys{
        secret(std::string(contract::shared_secret::development_secret)), {}};
    secret bearer;
    clock const* time = nullptr;
};

/// An answer given in place of the real one. The first rule that fits and is not used up counts;
/// a request that it answers has no effect.
///
/// | field     | unset means | meaning                                                          |
/// |-----------|-------------|------------------------------------------------------------------|
/// | path      | any         | the request's path starts with it                                |
/// | body_has  | any         | the request's body contains it, e.g. a session_id                |
/// | status    | 500         | of the answer                                                    |
/// | times     | 1           | requests it answers; 0 = all from now on                         |
/// | detail    | "Scripted"  | of the problem+json body                                         |
/// | headers   | none        | added to the answer, e.g. `Retry-After`                          |
struct scripted_failure {
    std::string path;
    std::string body_has;
    int status = 500;
    int times = 1;
    std::string detail = "Scripted";
    wire::header_list headers;
};

/// One request in the order of arrival, and what it was answered.
struct seen_request {
    wire::http_request request;
    int status = 0;
};

/// What the answers to `enqueue` say of the desk.
///
/// | field              | unset means | meaning                                             |
/// |--------------------|-------------|-----------------------------------------------------|
/// | waiting_timeout    | 120 s       | how long a caller may wait; only told, see above    |
/// | eligible_available | 0           | agents who could take the call                      |
/// | transcribe         | false       | the Core stays in the room and posts the transcript |
struct desk_conditions {
    std::chrono::seconds waiting_timeout{120};
    int eligible_available = 0;
    bool transcribe = false;
};

/// A call at the desk, with all that was posted of it.
///
/// | field        | absent means | meaning                                              |
/// |--------------|--------------|------------------------------------------------------|
/// | request      |              | the first one                                        |
/// | session_id   |              | the desk's own record                                |
/// | status       |              | waiting, active, wrap_up, ended                      |
/// | events       |              | those that were new, in order                        |
/// | turns        |              | final ones; behind the transcript of the request     |
/// | recording    | none posted  | the last one, with the token that was answered       |
/// | disconnected | not posted   | the first one                                        |
struct desk_entry {
    contract::agent_desk::enqueue_request request;
    std::string session_id;
    std::string status;
    time_point enqueued_at;
    std::vector<contract::call_results::event_item> events;
    std::vector<contract::agent_desk::desk_turn> turns;
    std::optional<contract::agent_desk::desk_recording> recording;
    std::optional<contract::agent_desk::customer_disconnected> disconnected;
};

class fake_control_plane {
  public:
    explicit fake_control_plane(fake_control_plane_options options = {});
    ~fake_control_plane();
    fake_control_plane(fake_control_plane const&) = delete;
    fake_control_plane& operator=(fake_control_plane const&) = delete;

    /// Listens before it returns. After `stop` it listens on the same port again, with all it knew.
    [[nodiscard]] result<void> start();
    /// Closes the socket and all connections: peers are refused from now on.
    void stop();
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:8090`
    [[nodiscard]] std::string url() const;
    /// `{url}/api/v1/config`
    [[nodiscard]] std::string config_url() const;
    /// `{url}/api/v1/agent-desk`
    [[nodiscard]] std::string desk_url() const;
    /// The same routes for a listener of the caller's; `start` is not needed then.
    [[nodiscard]] worker::http_handler& handler() noexcept;

    /// Every fetch for that bot is answered with `config`. Filled in where absent: `session_id`,
    /// `bot_id`, `webhook_url`, and `agent_desk.base_url` where that block is enabled. `config` is
    /// not checked: it may break the contract on purpose. `bot_id` "": every bot that has none of
    /// its own.
    void serve_config(std::string bot_id, wire::json_object config);
    /// Every fetch for that bot is refused so.
    void refuse_config(std::string bot_id, int status, std::string detail);
    /// Fetches wait, unanswered, until `release_configs`: their calls hold a slot for certain.
    void hold_configs();
    void release_configs();
    /// Fetches that wait now.
    [[nodiscard]] std::size_t held_configs() const;

    void fail(scripted_failure rule);
    void clear_failures();
    /// `number` "": every number that has none of its own.
    void add_number(std::string number, contract::lookup::did_binding binding);
    void add_trunk(std::string from_number, contract::lookup::outbound_trunk trunk);
    void serve_knowledge(contract::lookup::knowledge_hits hits);
    /// From the next answer on.
    void set_desk(desk_conditions conditions);

    /// All requests so far whose path starts so.
    [[nodiscard]] std::vector<seen_request> requests(std::string_view path = {}) const;
    /// Posts of call results that name this session, refused ones included.
    [[nodiscard]] std::vector<seen_request> result_posts(std::string_view session_id) const;
    /// The stored call, as spec 10 §4.5 left it; empty when nothing is known.
    [[nodiscard]] std::optional<wire::json_object> call(std::string_view session_id) const;
    /// How often the after-effects of that call would have run: 1 after `stored`, 2 after an
    /// `updated` of a minimal result.
    [[nodiscard]] int effects(std::string_view session_id) const;

    /// A call at the agent desk; empty when it was not enqueued.
    [[nodiscard]] std::optional<desk_entry> desk_call(std::string_view call_id) const;
    /// Ids of the waiting calls, the next one first: by priority, then by arrival.
    [[nodiscard]] std::vector<std::string> desk_queue() const;

    /// Looks at `done` now and after every answered request. False when time ran out.
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
