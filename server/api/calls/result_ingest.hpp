#pragma once
/// @file
/// Taking a call's result: one decision, one transaction (spec 21 §1.2, §1.3; 10 §4.5).
///
/// The write of the call is bound to the `rev` that was read (an insert to absence); when somebody
/// was faster nothing is changed and all is decided anew, at most 5 times. Posts of one session_id
/// take turns inside the process. What was acknowledged is on disk together with its job rows.
/// Errors: those of `domain::read_result`, `unavailable` with Retry-After 1.
/// Thread-safety: usable from all event loops.

#include <functional>
#include <string>

#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/domain/result_merge.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

/// How a decision gets into the store, for those who write under a lease.
using commit_fn = std::function<store::async<store::commit_outcome>(store::batch writes)>;

struct ingest_options {
    std::string phone_region = "IN";
    std::string base;  ///< of public links; kept in the push job
    commit_fn commit;  ///< unset: the store's own
};

class trace_rows;
class webhook_directory;

class result_ingest {
  public:
    result_ingest(store::document_store& store, bot_directory& bots,
                  webhook_directory const& endpoints, server::keyed_turn& turns,
                  server::metrics_registry& metrics, clock const& time, random_source& random)
        : store_(store),
          bots_(bots),
          endpoints_(endpoints),
          turns_(turns),
          metrics_(metrics),
          time_(time),
          random_(random) {}

    store::async<contract::call_results::call_results_ack> take(std::string body,
                                                                ingest_options options);

    /// For a call whose result never came: a minimal result in its place (spec 21 §1.6). False: it
    /// has one by now, or is not there; nothing was changed. Errors: `unavailable`.
    store::async<bool> take_missing(std::string session_id, ingest_options options);

  private:
    struct decision;
    store::async<decision> settle(domain::posted_result const& posted,
                                  ingest_options const& options, bool by_reaper);
    store::async<bool> token_is_taken(std::string token, std::string session_id);
    store::async<void> know_bot(decision const& made, domain::posted_result const& posted);
    store::async<void> decide(decision& made, domain::posted_result const& posted,
                              ingest_options const& options);
    store::async<void> add_effects(decision& made, ingest_options const& options,
                                   trace_rows& trace);
    void honour_retention(decision& made);
    void add_webhooks(decision& made);
    void fill_orphan(decision& made) const;
    void fill_from_call(decision& made, ingest_options const& options) const;

    store::document_store& store_;
    bot_directory& bots_;
    webhook_directory const& endpoints_;
    server::keyed_turn& turns_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
};

}  // namespace cxb::api
