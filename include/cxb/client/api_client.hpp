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
/// | operation      | timeout            | repeated by itself when                      | access |
/// |----------------|--------------------|----------------------------------------------|--------|
/// | fetch_config   | 5 s a try, 8 s all | unavailable, timeout (one fetch_id)          | secret |
/// | deliver_result | 15 s a try         | any failure that is not final (result_id)    | secret |
/// | deliver_cdr    | 15 s a try         | the same                                     | secret |
/// | dialout        | 75 s a try         | with a key: unavailable, timeout; else never | key    |
/// | send           | `timeout` (30 s)   | GET, repeatable: the same; else if unsent    | key    |
///
/// Access "secret" sends the shared secret headers, "key" the API key or else the bearer token.
///
/// Errors: those of response_error.hpp and transport.hpp; an unreadable 2xx body is `corrupt_data`,
/// one over the contract's limit `too_large`. `request_sent()` tells whether the peer may have
/// acted. `invalid` without a request: the parameters break the contract.
/// Ownership: parameters are taken by value; the client must outlive its calls.
/// Thread-safety: calls may run on any executors at once; they complete on their own.

#include <memory>

#include "cxb/client/client_options.hpp"
#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/dialout_request.hpp"
#include "cxb/contract/runtime_config/config_outcome.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

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
