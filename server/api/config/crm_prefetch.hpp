#pragma once
/// @file
/// Asking the CRM for the customer before a call (spec 20 §9).
///
/// Identical requests in flight share one exchange and its outcome, good or bad; answers are kept
/// for `cache_ttl_seconds` and may serve `stale_if_error_seconds` longer after a failure. At most
/// 10,000 answers and 64 MiB are kept. Never takes longer than the block's `timeout_ms` or the
/// time given, also while waiting for the exchange of another.
/// | reason of a failure                                                              |
/// |----------------------------------------------------------------------------------|
/// | timeout, connect, tls, blocked, status_<n>, too_large, not_json, shape           |
/// Thread-safety: usable from all event loops.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "cxb/base/clock.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/api/calls/integration_log.hpp"
#include "server/api/config/config_render.hpp"

namespace cxb::api {

struct prefetch_ids {
    std::string caller_id;
    std::string bot_id;
    std::string session_id;
};

/// The request of a pre-fetch. Pure.
[[nodiscard]] client::outgoing_request prefetch_request(pre_call_fetch_block const& block,
                                                        call_namespaces const& names,
                                                        prefetch_ids const& ids);
/// What is wrong with the body of a 2xx: not_json, shape, too_large; "" = it can be used. Pure.
[[nodiscard]] std::string prefetch_fault(pre_call_fetch_block const& block, std::string_view body);

/// Longest answer that is read.
inline constexpr std::size_t max_prefetch_answer = 256 * limits::kib;

struct prefetch_outcome {
    std::optional<wire::json_object> members;  ///< to be laid over `crm.*`; empty: nothing
    std::string reason;                        ///< "" = success
    bool from_cache = false;
    bool stale = false;
    std::optional<integration_entry> entry;  ///< absent when the cache answered
};

class crm_prefetch {
  public:
    crm_prefetch(client::transport& outbound, clock const& time)
        : outbound_(outbound), time_(time) {}

    boost::asio::awaitable<prefetch_outcome> run(pre_call_fetch_block block,
                                                 call_namespaces const& names, prefetch_ids ids,
                                                 milliseconds at_most);

  private:
    struct cached {
        std::shared_ptr<wire::json_object const> members;
        std::size_t bytes = 0;
        std::chrono::nanoseconds at{0};  ///< steady
    };
    struct prepared;
    struct fetched;
    struct flight;
    struct landing;
    struct joined;
    [[nodiscard]] prepared prepare(pre_call_fetch_block const& block, call_namespaces const& names,
                                   prefetch_ids const& ids) const;
    boost::asio::awaitable<fetched> exchange(pre_call_fetch_block const& block,
                                             prepared const& request, milliseconds at_most);
    boost::asio::awaitable<fetched> fly(joined const& with, pre_call_fetch_block const& block,
                                        prepared const& request, milliseconds at_most);
    [[nodiscard]] joined join(pre_call_fetch_block const& block, std::string const& key,
                              boost::asio::any_io_executor const& executor);
    void land(std::string const& key, flight& done, std::optional<fetched> outcome,
              bool keep_answer);
    [[nodiscard]] std::shared_ptr<wire::json_object const> look_up(std::string const& key,
                                                                   seconds younger_than) const;
    void keep(std::string const& key, wire::json_object const& members, std::size_t bytes);

    client::transport& outbound_;
    clock const& time_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, cached> cache_;
    std::size_t cached_bytes_ = 0;
    std::unordered_map<std::string, std::shared_ptr<flight>> flights_;
};

}  // namespace cxb::api
