#pragma once
/// @file
/// Works off `webhook` jobs (spec 21 §10, delivery as §3.3): freezes the signed envelope at the
/// first attempt, sends the same bytes at every attempt, and switches an endpoint off that answers
/// 410 or has failed for five days. What an attempt of a call's webhook came to stands in the
/// integration log of the call.
/// Thread-safety: one handler for all job workers.

#include "server/api/push/frozen_push.hpp"
#include "server/api/push/push_sender.hpp"
#include "server/api/webhooks/webhook_directory.hpp"

namespace cxb::api {

/// What a test came to; `status` 0: nobody answered, `error` says why.
struct webhook_probe {
    int status = 0;
    milliseconds took{0};
    std::string error;
};

class webhook_handler {
  public:
    static constexpr seconds timeout{15};

    webhook_handler(store::document_store& store, webhook_directory& endpoints, push_sender& sender,
                    clock const& time, random_source& random)
        : store_(store), endpoints_(endpoints), sender_(sender), time_(time), random_(random) {}

    boost::asio::awaitable<server::job_verdict> run(server::job_context job);
    /// Sends one `webhook.test` at once, also to an endpoint that is off, and writes nothing.
    /// Errors: `not_found`, `unavailable` while the host is full or paused.
    store::async<webhook_probe> probe(std::string endpoint_id);

  private:
    struct attempt;
    store::async<frozen_push> freeze(attempt& at);
    [[nodiscard]] frozen_push render(wire::json_object const& endpoint, std::string_view type,
                                     time_point at, wire::json_object const& data);
    boost::asio::awaitable<server::job_verdict> send(attempt& at, frozen_push const& push);
    boost::asio::awaitable<void> judge_endpoint(attempt const& at, server::job_verdict& verdict);
    void log(attempt const& at, server::job_verdict& verdict) const;
    [[nodiscard]] server::job_verdict hopeless(attempt& at, std::string reason);

    store::document_store& store_;
    webhook_directory& endpoints_;
    push_sender& sender_;
    clock const& time_;
    random_source& random_;
};

}  // namespace cxb::api
