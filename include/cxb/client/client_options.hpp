#pragma once
/// @file
/// How a client reaches its peer and who it says it is; shared by `api_client` and `core_client`.
///
/// | field     | unset means          | meaning                                                   |
/// |-----------|----------------------|-----------------------------------------------------------|
/// | base_url  | (required)           | `http(s)://host:port`, a trailing `/` is ignored          |
/// | keys      | no secret header     | shared secret for worker routes; only `current` is sent   |
/// | api_key   | none                 | `X-API-Key` on routes for API keys                        |
/// | bearer    | none                 | `Authorization: Bearer`; used when there is no API key    |
/// | transport | (required)           | carries the requests, e.g. the pooled one of `src/net`    |
/// | time      | the real clock       | deadlines                                                 |
/// | random    | the system's         | jitter, ids                                               |
/// | retry     | 3 tries, 200 ms, 2 s | see retry_policy.hpp                                      |
/// | pause     | a timer              | how waits between tries are made; tests replace it        |
/// | worker    | no header            | `X-CXB-Worker`: `{host}/{worker_id}`, for logs only       |
///
/// TLS roots, proxies, the pool (16 connections, 100 waiting) and the rule that redirects are never
/// followed belong to the transport (net/http_client.hpp). Pointers must outlive the client.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/client/retry_policy.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

template <class T>
using async = boost::asio::awaitable<result<T>>;

struct client_options {
    std::string base_url;
    contract::shared_secret::keyring keys;
    secret api_key;
    secret bearer;
    client::transport* transport = nullptr;
    clock const* time = nullptr;
    random_source* random = nullptr;
    retry_policy retry;
    std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)> pause;
    std::string worker;
    std::chrono::milliseconds connect_timeout{2000};
};

/// What one call may say beside its parameters.
struct call_options {
    /// Moment of `clock::steady()` at which the call ends, repeats included; unset: the operation's
    /// own limit. It can only shorten.
    std::optional<std::chrono::nanoseconds> deadline;
    std::string request_id;   ///< `X-Request-Id`; "" = the peer makes one
    std::string traceparent;  ///< W3C trace context; "" = none
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
