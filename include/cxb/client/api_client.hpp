#pragma once
/// @file
/// The control plane as seen from a Core, a CRM or a tool (spec 10 §12).
///
/// ```cpp
/// client::api_client api({.base_url = "http://127.0.0.1:8080", .keys = {secret("...")},
///                         .transport = &net});
/// auto fetched = co_await api.fetch_config({.bot_id = bot, .request = {...}});
/// if (!fetched) return reject(client::outcome_of(fetched.error()));
/// co_await api.deliver_result({.body = serialize(done), .url = fetched->config.webhook_url});
/// ```
///
/// | operation             | timeout of a try      | repeated by itself when             | access |
/// |-----------------------|-----------------------|-------------------------------------|--------|
/// | fetch_config          | 5 s, 8 s for all      | unavailable, timeout (one fetch_id) | secret |
/// | deliver_result        | 15 s                  | any not final failure (result_id)   | secret |
/// | deliver_cdr           | 15 s                  | the same (stream id)                | secret |
/// | enqueue               | 15 s                  | the same (call_id and room)         | secret |
/// | post_*                | 15 s                  | the same (ids of events, turns)     | secret |
/// | look_up_*             | 3 s                   | unavailable, once                   | secret |
/// | search_knowledge      | 3 s, `timeout_ms` + 1 | unavailable, once                   | secret |
/// | recreate_prompt_cache | 25 s                  | unavailable, once                   | secret |
/// | dialout               | 75 s                  | with a key: unavailable, timeout    | key    |
/// | send                  | `timeout` (30 s)      | GET, repeatable: the same           | key    |
///
/// A search that says `timeout_ms` is given a second more than that, at least 3 s. A dialout
/// without a key is never repeated; any other `send` only if nothing was sent.
/// Access "secret" sends the shared secret headers, "key" the API key or else the bearer token.
/// The same calls with callbacks: background.hpp; without any event loop: blocking.hpp. What lies
/// between client and network (logs, metrics, headers of your own): transport_chain.hpp.
///
/// Errors: those of response_error.hpp and transport.hpp; an unreadable 2xx body is `corrupt_data`,
/// one over the contract's limit `too_large`. `request_sent()` tells whether the peer may have
/// acted. `invalid` without a request: the parameters break the contract.
/// Ownership: parameters are taken by value; the client must outlive its calls.
/// Thread-safety: calls may run on any executors at once; they complete on their own.

#include <memory>

#include "cxb/client/client_options.hpp"
#include "cxb/contract/agent_desk/customer_disconnected.hpp"
#include "cxb/contract/agent_desk/desk_events.hpp"
#include "cxb/contract/agent_desk/desk_recording.hpp"
#include "cxb/contract/agent_desk/desk_transcript.hpp"
#include "cxb/contract/agent_desk/enqueue_ack.hpp"
#include "cxb/contract/agent_desk/enqueue_request.hpp"
#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/dialout_request.hpp"
#include "cxb/contract/lookup/knowledge.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/contract/lookup/prompt_cache.hpp"
#include "cxb/contract/runtime_config/config_outcome.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// `config_url`: base ending in `/config` from the ingress body; "" = `{base_url}/api/v1/config`.
/// Without `request.fetch_id` one is made, so that the tries are one call. A URL over 16 KiB is
/// sent as POST.
struct fetch_config_params {
    std::string bot_id;
    contract::runtime_config::config_request request;
    std::string config_url;
};

struct fetched_config {
    contract::runtime_config::runtime_config config;
    std::string body;             ///< the exact bytes
    std::string fetch_id;         ///< the one sent
    std::vector<fault> warnings;  ///< broken tools and transfer targets that were left out
};

/// `url`: the config's `webhook_url`, or `results_url(config_url)`; "" = `{base_url}/api/v1/…`.
/// `body`: a serialized call_results (any JSON object for a CDR), sent as it is.
struct deliver_params {
    std::string body;
    std::string url;
};

/// Which bot a dialled number has; 404 is `not_found`. `config_url`: as of fetch_config, the API
/// that is asked is its own; "" = `base_url`.
struct number_lookup_params {
    std::string number;
    std::string config_url;
};

/// Which trunk calls from a number take; as number_lookup_params.
struct trunk_lookup_params {
    std::string from_number;
    std::string config_url;
};

/// `url`: the config's `knowledge.search_url`; "" = `{base_url}/api/v1/knowledge-bases/search`.
struct knowledge_search_params {
    contract::lookup::knowledge_query request;
    std::string url;
};

/// `url`: the config's `prompt_parts.recreate_url`; "" = that of `bot_id` below `base_url`. After
/// `not_found`, `conflict` and `upstream_failed` the call goes on without a cache.
struct cache_recreate_params {
    contract::lookup::cache_recreate_request request;
    std::string url;
    std::string bot_id;
};

/// `desk_url`: the config's `agent_desk.base_url`; "" = `{base_url}/api/v1/agent-desk`. The answer
/// to a repeat says `duplicate`.
struct enqueue_params {
    contract::agent_desk::enqueue_request request;
    std::string desk_url;
};

/// News of a call at the desk. Events, and turns that are appended, get an id if they have none,
/// so that a repeat is told from a second event. Unknown call: `not_found`.
template <class Body>
struct desk_update_params {
    std::string call_id;  ///< the one that was enqueued
    Body body;
    std::string desk_url;  ///< as of enqueue_params
};

/// A key of at most 255 characters makes the dialout safe to repeat for 24 h; "" = none.
struct dialout_params {
    contract::dialout::dialout_request request;
    std::string idempotency_key;
};

/// Any other route, for tools: `target` is path and query, e.g. `/api/v1/bots?limit=5`.
struct send_params {
    std::string method = "GET";
    std::string target;
    std::string body;  ///< "" = none; sent as `application/json`
    wire::header_list headers;
    std::chrono::milliseconds timeout{30000};
    bool use_secret = false;  ///< shared secret instead of key or bearer
    bool repeatable = false;  ///< a repeat is harmless (Idempotency-Key): tried again as a GET is
    std::size_t max_response_bytes = limits::results_body;
};

class api_client {
  public:
    /// Precondition: `options.transport` is set.
    explicit api_client(client_options options);
    ~api_client();
    api_client(api_client&&) noexcept;
    api_client& operator=(api_client&&) noexcept;

    [[nodiscard]] async<fetched_config> fetch_config(fetch_config_params params,
                                                     call_options how = {});
    [[nodiscard]] async<contract::call_results::call_results_ack> deliver_result(
        deliver_params params, call_options how = {});
    [[nodiscard]] async<contract::cdr::cdr_ack> deliver_cdr(deliver_params params,
                                                            call_options how = {});
    [[nodiscard]] async<contract::dialout::call_accepted> dialout(dialout_params params,
                                                                  call_options how = {});

    [[nodiscard]] async<contract::lookup::did_binding> look_up_number(number_lookup_params params,
                                                                      call_options how = {});
    [[nodiscard]] async<contract::lookup::outbound_trunk> look_up_trunk(trunk_lookup_params params,
                                                                        call_options how = {});
    [[nodiscard]] async<contract::lookup::knowledge_hits> search_knowledge(
        knowledge_search_params params, call_options how = {});
    [[nodiscard]] async<contract::lookup::cache_recreated> recreate_prompt_cache(
        cache_recreate_params params, call_options how = {});

    [[nodiscard]] async<contract::agent_desk::enqueue_ack> enqueue(enqueue_params params,
                                                                   call_options how = {});
    [[nodiscard]] async<contract::agent_desk::desk_events_ack> post_desk_events(
        desk_update_params<contract::agent_desk::desk_events> params, call_options how = {});
    [[nodiscard]] async<contract::agent_desk::desk_transcript_ack> post_desk_transcript(
        desk_update_params<contract::agent_desk::desk_transcript> params, call_options how = {});
    [[nodiscard]] async<contract::agent_desk::desk_recording_ack> post_desk_recording(
        desk_update_params<contract::agent_desk::desk_recording> params, call_options how = {});
    [[nodiscard]] async<contract::agent_desk::customer_disconnected_ack> post_customer_disconnected(
        desk_update_params<contract::agent_desk::customer_disconnected> params,
        call_options how = {});

    /// The 2xx answer, or an error. Headers of the parameters replace the client's own.
    [[nodiscard]] async<wire::http_response> send(send_params params, call_options how = {});

    /// Tokens left for repeats, see retry_policy.hpp.
    [[nodiscard]] double retry_tokens() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// What a Core makes of a failed fetch_config (spec 10 §3.1); never `ok`.
[[nodiscard]] contract::runtime_config::config_outcome outcome_of(error const& failure) noexcept;

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
