#include "cxb/contract/registry.hpp"

#include <algorithm>

#include "cxb/contract/agent_desk/customer_disconnected.hpp"
#include "cxb/contract/agent_desk/desk_events.hpp"
#include "cxb/contract/agent_desk/desk_recording.hpp"
#include "cxb/contract/agent_desk/desk_transcript.hpp"
#include "cxb/contract/agent_desk/enqueue_ack.hpp"
#include "cxb/contract/agent_desk/enqueue_request.hpp"
#include "cxb/contract/attach/attach_request.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/dialout/dialout_request.hpp"
#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/livekit/token_request.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "cxb/contract/lookup/knowledge.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/contract/lookup/prompt_cache.hpp"
#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/contract/media_ws/dialler.hpp"
#include "cxb/contract/media_ws/exotel.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/contract/webhook/webhook_event.hpp"
#include "cxb/contract/widget/widget_request.hpp"
#include "src/contract/fleet/fleet_documents.hpp"

namespace cxb::inline v1 {
namespace contract {
namespace {

template <class T>
wire::object_table const& table_of() {
    return wire_table(wire::tag<T>{});
}

template <class T>
std::string_view schema_of() {
    static std::string const text = wire::schema_text(table_of<T>());
    return text;
}

/// `serialize` of the type itself, not of the engine: call results also drop secrets there.
template <class T>
result<std::string> normalised(std::string_view text, wire::parse_options how) {
    CXB_TRY(auto const value, wire::read<T>(text, how));
    return serialize(value);
}

/// Events at the desk come in two forms.
result<std::string> normalised_events(std::string_view text, wire::parse_options how) {
    CXB_TRY(auto const value, agent_desk::parse_desk_events(text, how));
    return agent_desk::serialize(value);
}

template <class T>
constexpr document_type entry(std::string_view contract, std::string_view name,
                              std::size_t max_bytes) {
    return {name, contract, max_bytes, &table_of<T>, &schema_of<T>, &normalised<T>};
}

using namespace limits;
namespace dialler = media_ws::dialler;
namespace exotel = media_ws::exotel;

constexpr document_type desk_events_entry{"desk_events",
                                          "agent_desk",
                                          enqueue_body,
                                          &table_of<agent_desk::desk_events>,
                                          &schema_of<agent_desk::desk_events>,
                                          &normalised_events};

constexpr document_type all[] = {
    entry<agent_desk::customer_disconnected>("agent_desk", "customer_disconnected", default_body),
    entry<agent_desk::customer_disconnected_ack>("agent_desk", "customer_disconnected_ack",
                                                 default_body),
    desk_events_entry,
    entry<agent_desk::desk_events_ack>("agent_desk", "desk_events_ack", default_body),
    entry<agent_desk::desk_recording>("agent_desk", "desk_recording", default_body),
    entry<agent_desk::desk_recording_ack>("agent_desk", "desk_recording_ack", default_body),
    entry<agent_desk::desk_transcript>("agent_desk", "desk_transcript", enqueue_body),
    entry<agent_desk::desk_transcript_ack>("agent_desk", "desk_transcript_ack", config_body),
    entry<agent_desk::enqueue_ack>("agent_desk", "enqueue_ack", default_body),
    entry<agent_desk::enqueue_request>("agent_desk", "enqueue_request", enqueue_body),
    entry<attach::attach_request>("attach", "attach_request", call_start_body),
    entry<call_results::cache_summary>("call_results", "cache_summary", default_body),
    entry<call_results::call_results>("call_results", "call_results", results_body),
    entry<call_results::call_results_ack>("call_results", "call_results_ack", default_body),
    entry<call_results::event_item>("call_results", "event_item", default_body),
    entry<call_results::intent>("call_results", "intent", default_body),
    entry<call_results::latency>("call_results", "latency", default_body),
    entry<call_results::latency_sample>("call_results", "latency_sample", default_body),
    entry<call_results::transcript_item>("call_results", "transcript_item", default_body),
    entry<call_results::usage_entry>("call_results", "usage_entry", default_body),
    entry<cdr::cdr>("cdr", "cdr", cdr_body),
    entry<cdr::cdr_ack>("cdr", "cdr_ack", default_body),
    entry<dialout::call_accepted>("dialout", "call_accepted", default_body),
    entry<dialout::core_dialout_request>("dialout", "core_dialout_request", call_start_body),
    entry<dialout::dialout_request>("dialout", "dialout_request", call_start_body),
    entry<dispatch::dispatch_request>("dispatch", "dispatch_request", call_start_body),
    entry<fleet::fleet_health_document>("fleet", "fleet_health", health_body),
    entry<fleet::worker_health_document>("fleet", "worker_health", health_body),
    entry<livekit::livekit_event>("livekit", "livekit_event", livekit::webhook_body),
    entry<livekit::sip_grant>("livekit", "sip_grant", default_body),
    entry<livekit::token_request>("livekit", "token_request", call_start_body),
    entry<livekit::video_grant>("livekit", "video_grant", default_body),
    entry<lookup::cache_recreate_request>("lookup", "cache_recreate_request", default_body),
    entry<lookup::cache_recreated>("lookup", "cache_recreated", default_body),
    entry<lookup::did_binding>("lookup", "did_binding", default_body),
    entry<lookup::knowledge_hits>("lookup", "knowledge_hits", config_body),
    entry<lookup::knowledge_query>("lookup", "knowledge_query", default_body),
    entry<lookup::outbound_trunk>("lookup", "outbound_trunk", default_body),
    entry<dialler::answer_message>("media_ws", "dialler_answer", ws_text_frame),
    entry<dialler::connected_message>("media_ws", "dialler_connected", ws_text_frame),
    entry<dialler::hangup_call_message>("media_ws", "dialler_hangup_call", ws_text_frame),
    entry<dialler::media_message>("media_ws", "dialler_media", ws_text_frame),
    entry<dialler::reverse_call_transfer_message>("media_ws", "dialler_reverse_call_transfer",
                                                  ws_text_frame),
    entry<dialler::reverse_hangup_call_message>("media_ws", "dialler_reverse_hangup_call",
                                                ws_text_frame),
    entry<dialler::reverse_media_message>("media_ws", "dialler_reverse_media", ws_text_frame),
    entry<dialler::reverse_media_stop_message>("media_ws", "dialler_reverse_media_stop",
                                               ws_text_frame),
    entry<dialler::start_message>("media_ws", "dialler_start", ws_text_frame),
    entry<exotel::clear_message>("media_ws", "exotel_clear", ws_text_frame),
    entry<exotel::connected_message>("media_ws", "exotel_connected", ws_text_frame),
    entry<exotel::dtmf_message>("media_ws", "exotel_dtmf", ws_text_frame),
    entry<exotel::mark_message>("media_ws", "exotel_mark", ws_text_frame),
    entry<exotel::media_message>("media_ws", "exotel_media", ws_text_frame),
    entry<exotel::sent_media_message>("media_ws", "exotel_sent_media", media_ws::exotel_sent_frame),
    entry<exotel::start_message>("media_ws", "exotel_start", ws_text_frame),
    entry<exotel::stop_message>("media_ws", "exotel_stop", ws_text_frame),
    entry<runtime_config::config_request>("runtime_config", "config_request", call_start_body),
    entry<runtime_config::connected_event>("runtime_config", "connected_event", call_start_body),
    entry<runtime_config::runtime_config>("runtime_config", "runtime_config", config_body),
    entry<webhook::webhook_event>("webhook", "webhook_event", default_body),
    entry<widget::widget_request>("widget", "widget_request", call_start_body),
};

}  // namespace

std::span<document_type const> document_types() noexcept {
    return all;
}

document_type const* find_document_type(std::string_view name) noexcept {
    auto const found = std::ranges::find(all, name, &document_type::name);
    return found == std::end(all) ? nullptr : &*found;
}

}  // namespace contract
}  // namespace cxb::inline v1
