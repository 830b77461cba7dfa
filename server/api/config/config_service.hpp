#pragma once
/// @file
/// Building and serving the runtime config of one call: the whole sequence of spec 20 §8.
///
/// The call's skeleton and its trace rows are durable before the answer goes out. The same
/// `_campaign_session_id` or `fetch_id` gives the same call; after its result 409. A store that
/// needs more than 1 s for the skeleton counts as down: the worker's next try finds the call.
/// Whatever a build waits for (store, CRM, another build of the same call), its answer goes out at
/// `config_options::deadline`; then it writes nothing that it has not begun to write.
///
/// | errc, reason                     | detail                                        |
/// |----------------------------------|-----------------------------------------------|
/// | not_found                        | Bot not found                                 |
/// | unavailable bot_inactive         | bot_inactive: <name>                          |
/// | unavailable outside_active_hours | outside_active_hours: …, member next_open_at  |
/// | unavailable bot_incomplete       | bot_incomplete: <block>                       |
/// | unavailable crm_prefetch_failed  | crm_prefetch_failed: <reason>                 |
/// | unavailable config_deadline      | the whole build took too long                 |
/// | unavailable store_unavailable    | not stored; Retry-After 1                     |
/// | conflict session_completed       | session_completed                             |
/// Thread-safety: usable from all event loops.

#include <map>
#include <optional>
#include <string>

#include "cxb/contract/runtime_config/request.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/config/config_render.hpp"
#include "server/api/config/crm_prefetch.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

/// Reason of a refusal because the CRM did not answer.
inline constexpr std::string_view prefetch_refusal = "crm_prefetch_failed";

struct config_ask {
    std::string bot_id;
    rc::config_request request;
    bool event_malformed = false;  ///< `connected_event` was not a JSON object
    std::string base;              ///< scheme and host for links of the worker
};

struct config_options {
    bool production = false;
    std::string phone_region = "IN";
    milliseconds deadline{4500};
    secret upload_key;
    presigned_fn presigned;  ///< unset: recordings come by our own link
};

/// What a preview is asked for (spec 20 §5.2).
struct preview_ask {
    std::string bot_id;
    rc::config_request request;
    std::optional<time_point> at;
    std::string base;
};

class config_service {
  public:
    config_service(store::document_store& store, bot_directory& bots, settings_directory& system,
                   crm_prefetch& prefetch, webhook_directory const& endpoints,
                   server::keyed_turn& turns, server::metrics_registry& metrics, clock const& time,
                   random_source& random, config_options options)
        : store_(store),
          bots_(bots),
          system_(system),
          prefetch_(prefetch),
          endpoints_(endpoints),
          turns_(turns),
          metrics_(metrics),
          time_(time),
          random_(random),
          options_(std::move(options)),
          plans_(options_.production),
          served_(metrics.get_counter("cxb_config_total", {"served"})) {
        for (char const* phase : {"variables", "prefetch", "render", "store"})
            phases_[phase] = metrics.get_histogram("cxb_config_build_seconds", {phase});
    }

    /// The answer's body and the session it is for.
    struct served {
        std::string body;
        std::string session_id;
    };
    store::async<served> serve(config_ask ask);
    /// The same build without any write.
    store::async<wire::json_object> preview(preview_ask ask);
    /// What configs of this bot say. Errors: those of `config_plan::make`.
    [[nodiscard]] result<std::string> post_call_cache_version(bot_ptr const& bot);
    /// What every config of this bot notes, as it is given. Errors: those of `config_plan::make`.
    [[nodiscard]] result<std::vector<std::string>> notes_of(bot_ptr bot) const;

  private:
    struct build;
    store::async<served> serve_in_time(config_ask ask, std::chrono::nanoseconds began);
    store::async<served> serve_bot(build& at);
    void count(result<served> const& outcome);
    store::async<void> refuse(build const& at, error const& why);
    [[nodiscard]] static bool asks_crm(build const& at);
    void assume_new_call(build& at);
    store::async<void> find_session(build& at);
    store::async<void> look_again(build& at);
    void name_variables(build& at) const;
    store::async<void> fetch_customer(build& at);
    result<void> render(build& at);
    [[nodiscard]] wire::json_object skeleton(build const& at) const;
    store::async<bool> write_skeleton(build& at);
    store::async<void> find_dialout(build& at);
    store::async<void> link_campaign(build& at);

    store::document_store& store_;
    bot_directory& bots_;
    settings_directory& system_;
    crm_prefetch& prefetch_;
    webhook_directory const& endpoints_;
    server::keyed_turn& turns_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    config_options options_;
    config_plans plans_;
    server::counter served_;
    std::map<std::string, server::histogram, std::less<>> phases_;  ///< by name; fixed
};

}  // namespace cxb::api
