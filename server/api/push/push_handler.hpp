#pragma once
/// @file
/// Works off `crm_push` jobs (spec 21 §3.3): freezes the request at the first attempt, sends the
/// same bytes at every attempt, writes job, `push_state`, integration log and trace together.
/// Thread-safety: one handler for all job workers.

#include "cxb/client/transport.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/calls/integration_log.hpp"
#include "server/api/push/host_gate.hpp"
#include "server/api/push/push_request.hpp"
#include "server/common/jobs/job_context.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

class push_handler {
  public:
    /// `wait_scale` other than 1 is for tests.
    push_handler(store::document_store& store, bot_directory& bots, client::transport& outbound,
                 server::metrics_registry& metrics, clock const& time, random_source& random,
                 double wait_scale)
        : store_(store),
          bots_(bots),
          outbound_(outbound),
          metrics_(metrics),
          time_(time),
          random_(random),
          wait_scale_(wait_scale),
          gate_(store, time) {}

    boost::asio::awaitable<server::job_verdict> run(server::job_context job);

  private:
    struct attempt;
    store::async<frozen_push> freeze(attempt& at);
    boost::asio::awaitable<server::job_verdict> send(attempt& at, frozen_push const& push);
    [[nodiscard]] server::job_verdict judge(attempt& at, result<wire::http_response> const& answer);
    [[nodiscard]] server::job_verdict hopeless(attempt& at, std::string reason);
    void add_writes(attempt& at, server::job_verdict& verdict, char const* state,
                    char const* trace_name);

    store::document_store& store_;
    bot_directory& bots_;
    client::transport& outbound_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    double wait_scale_;
    host_gate gate_;
};

}  // namespace cxb::api
