#include "server/core/call/bot_mapping.hpp"

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/recording_key.hpp"
#include "cxb/domain/transfer_choice.hpp"

namespace cxb::inline v1 {
namespace core {

namespace rc = contract::runtime_config;

namespace {

milliseconds to_ms(real_seconds length) {
    return std::chrono::round<milliseconds>(length);
}

std::vector<conversation_tool> tools_of(rc::runtime_config const& config) {
    std::vector<conversation_tool> out;
    for (auto const& tool : config.tools) {
        conversation_tool one;
        one.name = tool.function.name;
        one.http = tool.kind.is(rc::tool_kind::http);
        if (tool.function.parameters) one.parameters = tool.function.parameters->to_object();
        one.pre_message = tool.pre_message;
        one.sensitive = tool.http && tool.http->sensitive;
        out.push_back(std::move(one));
    }
    return out;
}

std::string destination_of(rc::transfer_target const& target) {
    return target.method.is(rc::transfer_method::livekit_sip_refer) ? domain::refer_uri(target)
                                                                    : target.value;
}

void map_model(conversation_config& out, rc::runtime_config const& config) {
    if (config.stt) out.stt_provider = config.stt->provider;
    if (config.tts) out.tts_provider = config.tts->provider;
    if (!config.llm) return;
    out.llm_provider = config.llm->provider == "simulated" ? "scripted" : config.llm->provider;
    out.llm_model = config.llm->model;
    auto const extra = config.llm->extra.to_object();
    auto const* const script = extra.if_contains("script");
    if (script != nullptr && script->is_object()) out.script = script->as_object();
}

void map_timing(conversation_config& out, rc::runtime_config const& config) {
    out.opening_delay = config.opening.delay_ms;
    out.opening_interruptible = config.opening.interruptible;
    if (config.re_engagement) {
        auto const& given = *config.re_engagement;
        out.re_engagement = {given.enabled, to_ms(given.timeout_seconds), given.max_attempts,
                             given.messages, given.end_message};
    }
    out.dead_air = config.dead_air_seconds;
    out.max_duration = config.max_call_duration_seconds;
    out.interruption = {config.interruption.enabled, config.min_words_interruption,
                        config.interruption.backchannels, config.interruption.high_intent_phrases};
    if (config.turn.strategy.is(rc::turn_strategy::provider))
        out.turn.strategy = turn_strategy::provider;
    out.turn.stop = to_ms(config.vad.stop_secs);
    out.turn.end_silence = config.turn.end_silence_ms;
    out.turn.max_wait = config.turn.max_wait_ms;
    out.voicemail = {config.voicemail.detection_enabled, config.voicemail.max_detection_seconds,
                     config.voicemail_message};
}

}  // namespace

vad_settings ear_of(rc::runtime_config const& config) {
    auto const& given = config.vad;
    return {given.confidence, given.min_volume, to_ms(given.start_secs), to_ms(given.stop_secs)};
}

std::string recording_key_for(rc::runtime_config const& config) {
    return domain::is_recording_key(config.recording.key) ? config.recording.key
                                                          : config.session_id + ".wav";
}

conversation_config conversation_of(rc::runtime_config const& config,
                                    std::string const& transport) {
    conversation_config out;
    out.session_id = config.session_id;
    out.transport = transport;
    out.outbound = transport == word_of(rc::transport_kind::livekit_outbound);
    out.opening_message = config.opening_message;
    out.max_duration_message = config.max_duration_message;
    out.pre_transfer_message = config.pre_transfer_message;
    out.system_prompt = config.system_prompt;
    map_timing(out, config);
    map_model(out, config);
    out.tools = tools_of(config);
    out.choose_target = [transport, targets = config.transfer_targets,
                         numbers = domain::transfer_numbers(config.transfer_numbers.begin(),
                                                            config.transfer_numbers.end())](
                            std::string_view requested) -> result<transfer_plan> {
        CXB_TRY(auto const target, domain::choose_target(transport, requested, targets, numbers));
        return transfer_plan{target.id.value_or(target.label), target.method.text(),
                             destination_of(target)};
    };
    out.recording = config.recording.enabled;
    out.recording_key = recording_key_for(config);
    out.recording_announcement = config.recording.announcement;
    return out;
}

wire::json_object pipeline_snapshot(rc::runtime_config const& config, std::string const& transport,
                                    std::string const& worker_id) {
    auto const block = [](std::string const& provider, std::string const& model) {
        return wire::json_object{{"provider", provider}, {"model", model}};
    };
    wire::json_object out{{"transport", transport},
                          {"worker_id", worker_id},
                          {"config_version", config.config_version}};
    out["stt"] =
        config.stt ? block(config.stt->provider, config.stt->model) : block("simulated", "");
    out["llm"] =
        config.llm ? block(config.llm->provider, config.llm->model) : block("scripted", "");
    out["tts"] =
        config.tts ? block(config.tts->provider, config.tts->model) : block("simulated", "");
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
