#include "src/testing/control_plane_calls.hpp"

#include "cxb/base/ids.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/result_merge.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace rc = contract::runtime_config;

result<std::string> control_plane_calls::open(std::string const& bot_id,
                                              rc::config_request const& asked) {
    std::string session = asked.connected_event.flags.campaign_session_id.value_or("");
    if (session.empty() && asked.fetch_id) {
        auto& known = sessions_by_fetch_[*asked.fetch_id];
        if (known.empty()) known = make_uuid7(time_.now(), system_random());
        session = known;
    }
    if (session.empty()) session = make_uuid7(time_.now(), system_random());
    auto const [at, is_new] = calls_.try_emplace(session);
    if (!is_new && domain::has_result(at->second))
        return error{errc::conflict, "The call has its result already"}.with_reason(
            "session_completed");
    if (!is_new) return session;
    at->second = {{"session_id", session},
                  {"bot_id", bot_id},
                  {"caller_id", asked.caller_id},
                  {"connected_event", asked.connected_event.variables.to_object()},
                  {"status", "active"},
                  {"created_at", format_timestamp(time_.now())}};
    if (!asked.stream_id.empty()) at->second["stream_id"] = asked.stream_id;
    settle(at->second);
    return session;
}

result<std::string> control_plane_calls::take_result(std::string_view body) {
    CXB_TRY(auto const posted, domain::read_posted(body));
    auto const found = calls_.find(posted.value.session_id);
    auto* const stored = found == calls_.end() ? nullptr : &found->second;
    contract::call_results::call_results_ack ack;
    ack.session_id = posted.value.session_id;
    if (auto const known =
            stored == nullptr ? std::nullopt : domain::known_already(*stored, posted)) {
        ack.result = *known;
        return serialize(ack);
    }
    domain::merge_context context;
    context.now = time_.now();
    context.fresh_token = contract::recording_token::generate(system_random());
    auto outcome = domain::merge_result(stored, domain::make_payload(posted), context);
    auto& call = calls_[posted.value.session_id];
    for (auto const& [name, value] : outcome.set)
        call[name] = value;
    for (auto const& name : outcome.unset)
        call.erase(name);
    if (outcome.effect_round > 0) ++effects_[posted.value.session_id];
    settle(call);
    ack.result = outcome.decision;
    return serialize(ack);
}

result<std::string> control_plane_calls::take_cdr(std::string_view body) {
    wire::parse_options how;
    how.max_bytes = limits::cdr_body;
    CXB_TRY(auto const record, contract::cdr::parse_cdr(body, how));
    using contract::cdr::cdr_status;
    auto const stream = contract::cdr::stream_key(record);
    if (stream.empty()) return serialize(contract::cdr::make_cdr_ack(cdr_status::ignored));
    auto const newest = newest_of_stream_.find(stream);
    waiting_cdrs_[stream] = contract::cdr::stored_members(record);
    if (newest == newest_of_stream_.end())
        return serialize(contract::cdr::make_cdr_ack(cdr_status::not_found, stream));
    settle(calls_[newest->second]);
    return serialize(contract::cdr::make_cdr_ack(cdr_status::ok, stream));
}

// The CDR of its stream, whichever of the two came first.
void control_plane_calls::settle(wire::json_object& call) {
    std::string const stream(wire::text_at(call, "stream_id"));
    if (stream.empty()) return;
    newest_of_stream_[stream] = std::string(wire::text_at(call, "session_id"));
    auto const waiting = waiting_cdrs_.find(stream);
    if (waiting == waiting_cdrs_.end()) return;
    for (auto const& [name, value] : waiting->second)
        call[name] = value;
    waiting_cdrs_.erase(waiting);
}

wire::json_object const* control_plane_calls::find(std::string_view session_id) const {
    auto const found = calls_.find(session_id);
    return found == calls_.end() ? nullptr : &found->second;
}

int control_plane_calls::effects(std::string_view session_id) const {
    auto const found = effects_.find(session_id);
    return found == effects_.end() ? 0 : found->second;
}

}  // namespace testing
}  // namespace cxb::inline v1
