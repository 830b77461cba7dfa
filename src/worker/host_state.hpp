#pragma once
/// @file
/// The state of a `worker_host`, shared by its calls. Private to src/worker.

#include <boost/asio/any_io_executor.hpp>
#include <map>

#include "cxb/contract/call_results/failure_result.hpp"
#include "cxb/worker/call_start_memory.hpp"
#include "cxb/worker/config_fetch.hpp"
#include "cxb/worker/media_route.hpp"
#include "cxb/worker/worker_host.hpp"
#include "src/worker/socket_leg.hpp"

namespace cxb::inline v1 {
namespace worker {

struct live_call {
    call_start start;
    std::string call_id;
    std::string session_id;
    std::string results_to;  ///< where its result is posted
    time_point since;
    std::shared_ptr<call_control> control;
    std::shared_ptr<socket_leg> leg;  ///< of a call over a WebSocket
};

struct worker_host::state : std::enable_shared_from_this<state> {
    state(host_options given, call_handler& runs);

    // host_starts.cpp: from request to accepted call
    boost::asio::awaitable<wire::http_response> start_call(
        contract::runtime_config::transport_kind transport, wire::http_request request);
    boost::asio::awaitable<result<wire::http_response>> accept(
        contract::runtime_config::transport_kind transport, std::string body);
    boost::asio::awaitable<result<void>> look_up_bot(call_start& start);
    [[nodiscard]] result<call_slots::slot> take_slot(
        contract::runtime_config::transport_kind transport, std::string call_id);
    boost::asio::awaitable<void> turn_away(call_start start);
    boost::asio::awaitable<result<void>> make_ready(live_call& call);

    // host_media.cpp: from WebSocket to accepted call
    [[nodiscard]] head_verdict judge_socket(media_place const& place,
                                            wire::http_request const& request) const;
    boost::asio::awaitable<void> take_socket_call(std::shared_ptr<socket_leg> leg,
                                                  media_place place);

    // host_calls.cpp: from accepted call to durable result
    boost::asio::awaitable<void> run_call(call_slots::slot slot, std::shared_ptr<live_call> call);
    boost::asio::awaitable<std::optional<call_end>> run_to_end(live_call& call, call_summary& told);
    boost::asio::awaitable<std::optional<call_end>> run_handler(live_call& call,
                                                                fetched_config fetched);
    boost::asio::awaitable<void> finish(live_call& call, call_end end);
    boost::asio::awaitable<bool> post_directly(std::string url, std::string body);
    void begin_correction(boost::asio::any_io_executor const& on, std::string url, call_end end);
    boost::asio::awaitable<void> correct(std::string url, call_end end);
    void take_unfinished();
    [[nodiscard]] call_end failed(live_call const& call, std::string_view word,
                                  std::string_view reason) const;
    [[nodiscard]] call_journal journal_of(live_call const& call) const;
    [[nodiscard]] contract::call_results::result_ids ids_of(live_call const& call) const;
    [[nodiscard]] std::optional<outbox_item> crashed(call_journal const& journal);

    // worker_host.cpp
    void stop_all(std::string const& code);
    bool written(result<void> const& outcome, std::string_view what);
    [[nodiscard]] wire::header_list headers() const;
    [[nodiscard]] wire::http_response ready() const;
    [[nodiscard]] std::string calls_text() const;
    [[nodiscard]] occupancy now() const;
    [[nodiscard]] result<void> check_secret(wire::header_list const& given) const;
    wire::http_response end_call(std::string_view call_id, std::string_view body);
    boost::asio::awaitable<wire::http_response> route(wire::http_request request);
    void note(bool error, std::string const& text) const {
        if (options.log) options.log(error, text);
    }

    host_options options;
    call_handler& handler;
    clock const& time;
    random_source& random;
    call_slots slots;
    call_start_memory memory;
    std::unique_ptr<result_outbox> outbox;
    std::map<std::string, std::shared_ptr<live_call>> calls;
    bool disk_failed = false;                              ///< until the next write that works
    bool leaving = false;                                  ///< `drain` began: there is no way back
    std::optional<boost::asio::any_io_executor> executor;  ///< that of `run`
};

/// Bytes of a finished recording, or 404; `root` "" serves nothing.
[[nodiscard]] wire::http_response recording_answer(std::filesystem::path const& root,
                                                   std::string_view encoded_key,
                                                   wire::http_request const& request);

}  // namespace worker
}  // namespace cxb::inline v1
