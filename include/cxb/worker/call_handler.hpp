#pragma once
/// @file
/// What a Core author writes: `call_handler::run`, one call from its config to its result
/// (spec 10 §11.2). Everything around it is done by `worker_host`.
///
/// ```cpp
/// struct my_handler : worker::call_handler {
///     asio::awaitable<result<worker::call_end>> run(worker::call_context call) override {
///         call.control->show({.state = "talking"});
///         ...                                       // media, speech, model
///         worker::call_end end;
///         end.result.disconnected_by = contract::call_results::disconnect_word::customer;
///         co_return end;
///     }
/// };
/// ```
/// A handler that fails or throws gives a result `error` with service_error{worker,
/// handler_failed}. `run` gets one call at a time per slot, all on the host's executor.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/worker/call_start.hpp"
#include "cxb/worker/media_leg.hpp"
#include "cxb/worker/outbox_directory.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// What `GET /calls` shows of a live call; set by the handler as the call moves on.
struct call_view {
    std::string state = "accepted";
    std::string waiting_for = "config";
    int turn = 0;
};

/// The two-way line between host and handler of one call. Thread-safety: the host's executor.
class call_control {
  public:
    using stop_fn = std::function<void(std::string code, std::string message)>;

    void show(call_view view) { view_ = std::move(view); }
    [[nodiscard]] call_view const& view() const noexcept { return view_; }
    /// How the call is ended from outside (operator, drain deadline). A stop that was asked before
    /// is told at once. Empty: the handler listens no more.
    void on_stop(stop_fn stop);
    /// Asks the call to end as `error`. The first one counts.
    void stop(std::string code, std::string message);
    /// Has somebody asked? For handlers without `on_stop`.
    [[nodiscard]] bool stopped() const noexcept { return asked_.has_value(); }

  private:
    call_view view_;
    stop_fn stop_;
    std::optional<std::pair<std::string, std::string>> asked_;
};

struct call_context {
    std::string call_id;
    std::string worker_id;
    call_start start;  ///< as it came in; `room_name` and `config_url` filled
    contract::runtime_config::runtime_config config;
    std::vector<fault> config_warnings;  ///< each becomes a `config_warning` event
    time_point accepted_at;
    std::shared_ptr<call_control> control;
    /// The line of a call over a media WebSocket; null for the others. It may be gone already.
    std::shared_ptr<media_leg> media;
};

struct call_end {
    /// `session_id`, `result_id`, `bot_id`, `worker_id` and `core_version` are filled by the host
    /// when absent.
    contract::call_results::call_results result;
    /// Set: run after the result is durable and the slot free; a value is posted as a correction
    /// (same `result_id`, `result_seq` as given).
    std::function<boost::asio::awaitable<std::optional<contract::call_results::call_results>>()>
        afterwards;
    /// Told once that correction is durable, or that there is none.
    std::function<void()> settled;
};

/// What is left to do for a call whose result was posted by an earlier process, or made after its
/// crash: `end.afterwards` is run, its value posted to `url`.
struct unfinished_call {
    std::string url;
    call_end end;
};

class call_handler {
  public:
    call_handler() = default;
    call_handler(call_handler const&) = delete;
    call_handler& operator=(call_handler const&) = delete;
    virtual ~call_handler() = default;
    virtual boost::asio::awaitable<result<call_end>> run(call_context call) = 0;
    /// What the journal of a starting call remembers beside the ids, for `after_crash`.
    virtual wire::json_object remember(call_context const& /*call*/) { return {}; }
    /// Adds to the result of a call that died with its worker (a repaired recording).
    virtual void after_crash(call_journal const& /*journal*/,
                             contract::call_results::call_results& /*result*/) {}
    /// Corrections that an earlier process owed, each given once (a recording not yet uploaded).
    /// Asked for when the host begins to run and after each result of a crashed call.
    virtual std::vector<unfinished_call> unfinished() { return {}; }
    /// Removes the caller of a refused dispatch from its room (spec 10 §7): before 429 and 404 are
    /// answered, never when the worker drains. `bot_id` is unknown.
    virtual boost::asio::awaitable<void> turn_away(call_start /*start*/) { co_return; }
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
