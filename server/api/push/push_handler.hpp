#pragma once
/// @file
/// Works off `crm_push` jobs (spec 21 §3.3): freezes the request at the first attempt, sends the
/// same bytes at every attempt, writes job, `push_state`, integration log and trace together.
/// Thread-safety: one handler for all job workers.

#include "server/api/bots/bot_directory.hpp"
#include "server/api/push/push_request.hpp"
#include "server/api/push/push_sender.hpp"

namespace cxb::api {

class push_handler {
  public:
    push_handler(store::document_store& store, bot_directory& bots, push_sender& sender,
                 oauth_tokens& tokens, clock const& time, random_source& random)
        : store_(store),
          bots_(bots),
          sender_(sender),
          tokens_(tokens),
          time_(time),
          random_(random) {}

    boost::asio::awaitable<server::job_verdict> run(server::job_context job);
    /// What goes with a job that the runner gave up by itself: `push_state`, counters, integration
    /// log and trace, as with one that died here.
    void given_up(server::job_context const& job, server::job_verdict& verdict);

  private:
    struct attempt;
    [[nodiscard]] attempt begin(server::job_context job) const;
    store::async<frozen_push> freeze(attempt& at);
    boost::asio::awaitable<server::job_verdict> send(attempt& at, frozen_push const& push);
    boost::asio::awaitable<std::optional<result<wire::http_response>>> send_once(
        attempt& at, frozen_push const& push, secret& bearer);
    store::async<secret> token_for(attempt& at, oauth_client client, seconds at_most);
    [[nodiscard]] server::job_verdict hopeless(attempt& at, std::string reason);
    void add_writes(attempt& at, server::job_verdict& verdict);

    store::document_store& store_;
    bot_directory& bots_;
    push_sender& sender_;
    oauth_tokens& tokens_;
    clock const& time_;
    random_source& random_;
};

}  // namespace cxb::api
