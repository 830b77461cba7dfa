#pragma once
/// @file
/// One attempt of a delivery, whatever is delivered (spec 21 §3.3): through the outbound guard,
/// behind the gate of its target host, judged by one rule. CRM pushes and webhooks share one
/// sender, so the limits per host count both.
///
/// ```cpp
/// if (auto const busy = co_await sender.enter(url)) co_return job_verdict::put_back(*busy);
/// auto const answer = co_await sender.send(*std::move(request), timeout, entry);
/// auto verdict = sender.judge(job, answer, entry);       // done, retry or dead
/// ```
/// Thread-safety: usable from all event loops.

#include "cxb/client/transport.hpp"
#include "server/api/calls/integration_log.hpp"
#include "server/api/push/host_gate.hpp"
#include "server/common/jobs/job_context.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

/// The receiver wants no more of this at all.
inline constexpr int gone_status = 410;

/// The host of a URL as places and pauses are kept for it: its origin.
[[nodiscard]] std::string push_host(std::string const& url);

class push_sender {
  public:
    /// `wait_scale` other than 1 is for tests.
    push_sender(store::document_store& store, client::transport& outbound,
                server::metrics_registry& metrics, clock const& time, random_source& random,
                double wait_scale)
        : outbound_(outbound),
          metrics_(metrics),
          time_(time),
          random_(random),
          wait_scale_(wait_scale),
          gate_(store, time) {}

    /// Takes a place at the host of `url`; `send` or `leave` gives it back. A moment: the host is
    /// full or paused, the job goes back until then without losing an attempt.
    boost::asio::awaitable<std::optional<time_point>> enter(std::string url);
    /// Gives the place back although nothing was sent.
    boost::asio::awaitable<void> leave(std::string url);

    /// Sends and fills what `entry` tells of it: moment, time taken, status, answer.
    boost::asio::awaitable<result<wire::http_response>> send(client::outgoing_request request,
                                                             milliseconds timeout,
                                                             integration_entry& entry);

    /// How the attempt ends its job; `entry` gets outcome, fault word (unless it has one) and next
    /// attempt.
    [[nodiscard]] server::job_verdict judge(server::job_context const& job,
                                            result<wire::http_response> const& answer,
                                            integration_entry& entry);
    /// The job cannot succeed, with or without an attempt.
    [[nodiscard]] server::job_verdict hopeless(integration_entry& entry, std::string reason);

  private:
    client::transport& outbound_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    double wait_scale_;
    host_gate gate_;
};

}  // namespace cxb::api
