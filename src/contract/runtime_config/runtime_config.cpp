#include "cxb/contract/runtime_config/runtime_config.hpp"

#include "cxb/contract/runtime_config/list_rules.hpp"
namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;
using rc = runtime_config;
constexpr std::size_t prompt_bytes = 256 * limits::kib;
constexpr std::size_t message_bytes = 8 * limits::kib;
constexpr std::size_t post_call_bytes = 64 * limits::kib;
constexpr std::size_t variables_bytes = 512 * limits::kib;

constexpr wire::field_row variables_rows[] = {
    field<&variable_namespaces::call>("call")
        .object()
        .max_bytes(variables_bytes)
        .personal()
        .doc("Variables of the call."),
    field<&variable_namespaces::crm>("crm")
        .object()
        .max_bytes(variables_bytes)
        .personal()
        .doc("Variables of the customer."),
    field<&variable_namespaces::system>("system")
        .object()
        .max_bytes(variables_bytes)
        .doc("Date, time, zone."),
};
CXB_WIRE_PART(variable_namespaces,
              wire::table<variable_namespaces>("Variables as texts.", variables_rows))

constexpr wire::field_row sip_rows[] = {
    field<&sip_context::headers>("headers").max_items(64).personal().doc("Lower-case names."),
    field<&sip_context::call_id>("call_id").doc("SIP Call-ID."),
    field<&sip_context::trunk_id>("trunk_id").doc("Trunk the call came by."),
    field<&sip_context::caller_number>("caller_number").personal().doc("Calling number."),
    field<&sip_context::dialed_number>("dialed_number").personal().doc("Dialled number."),
};
CXB_WIRE_PART(sip_context, wire::table<sip_context>("SIP facts of the call.", sip_rows))

constexpr wire::field_row config_rows[] = {
    field<&rc::session_id>("session_id")
        .required()
        .pattern(patterns::session_id)
        .doc("Unique per call; keys everything after."),
    field<&rc::bot_id>("bot_id").doc("Bot of the call."),
    field<&rc::bot_name>("bot_name").doc("Its name."),
    field<&rc::config_version>("config_version").doc("Copy it to pipeline_config."),
    field<&rc::webhook_url>("webhook_url")
        .required()
        .pattern(patterns::url)
        .doc("The result goes here."),
    field<&rc::system_prompt>("system_prompt")
        .required()
        .max_bytes(prompt_bytes)
        .personal()
        .doc("Rendered prompt."),
    field<&rc::opening_message>("opening_message")
        .required()
        .max_bytes(message_bytes)
        .personal()
        .doc("First utterance; empty: wait for the caller."),
    field<&rc::timezone>("timezone").max_bytes(64).doc("IANA zone; unknown counts as UTC."),
    field<&rc::prompt_parts>("prompt_parts").doc("For prompt caches."),
    field<&rc::opening>("opening").doc("How the opening is spoken."),
    field<&rc::re_engagement>("re_engagement").doc("Silence of the caller; absent: off."),
    field<&rc::dead_air_seconds>("dead_air_seconds")
        .range(10, 600)
        .doc("Neither side speaks this long: RNR."),
    field<&rc::max_call_duration_seconds>("max_call_duration_seconds")
        .range(10, 14400)
        .doc("Then the call ends as timeout."),
    field<&rc::max_duration_message>("max_duration_message")
        .max_bytes(message_bytes)
        .doc("Spoken before that end."),
    field<&rc::min_words_interruption>("min_words_interruption")
        .range(0, 20)
        .doc("Fewer words do not interrupt."),
    field<&rc::interruption>("interruption").doc("What cuts the bot's speech."),
    field<&rc::vad>("vad").doc("Voice activity detection."),
    field<&rc::turn>("turn").doc("When the caller's turn ends."),
    field<&rc::voicemail_message>("voicemail_message")
        .max_bytes(message_bytes)
        .doc("Spoken on voicemail, then hang up."),
    field<&rc::voicemail>("voicemail").doc("Answering machines."),
    field<&rc::pre_transfer_message>("pre_transfer_message")
        .max_bytes(message_bytes)
        .doc("Spoken before a transfer."),
    field<&rc::stt>("stt").doc("Speech to text."),
    field<&rc::llm>("llm").doc("Language model."),
    field<&rc::tts>("tts").doc("Text to speech."),
    field<&rc::tools>("tools").max_items(limits::tools).tolerant().doc("What the model may call."),
    field<&rc::transfer_targets>("transfer_targets")
        .max_items(limits::transfer_targets)
        .tolerant()
        .doc("Where the call may go."),
    field<&rc::transfer_numbers>("transfer_numbers")
        .max_items(limits::transfer_targets)
        .doc("Label to number; legacy."),
    field<&rc::knowledge>("knowledge").doc("Search in knowledge bases."),
    field<&rc::agent_desk>("agent_desk").doc("Hand-off to people."),
    field<&rc::recording>("recording").doc("The recording of the call."),
    field<&rc::variables>("variables").doc("Variables as texts."),
    field<&rc::sip_context>("sip_context").doc("SIP facts of the call."),
    field<&rc::callback_detection_enabled>("callback_detection_enabled")
        .doc("The analysis also asks for callback members."),
    field<&rc::conversation_policy>("conversation_policy")
        .object()
        .max_bytes(limits::policy_json)
        .doc("Informational; the prompt is already built from it."),
    field<&rc::post_call_analysis_prompt>("post_call_analysis_prompt")
        .max_bytes(post_call_bytes)
        .doc("Prompt of the analysis; absent: none."),
    field<&rc::qc_prompt>("qc_prompt").max_bytes(post_call_bytes).doc("Prompt of the QC."),
    field<&rc::post_call_cache_enabled>("post_call_cache_enabled")
        .doc("Cache the post-call prompts."),
    field<&rc::post_call_cache_version>("post_call_cache_version").doc("A change invalidates."),
    field<&rc::post_call_cache>("post_call_cache").doc("How to cache."),
    field<&rc::post_call_llm>("post_call_llm").doc("Model of the analysis; absent: the call's."),
    field<&rc::auto_dispositions>("auto_dispositions").doc("For calls that are not analysed."),
};

void forgive_lists(rc& value, wire::fault_sink& sink) {
    if (sink.tolerant()) drop_repeated(value.tools, value.transfer_targets, sink);
}
void check_config(rc const& value, wire::fault_sink& sink) {
    check_lists(value.tools, value.transfer_targets, sink);
}

CXB_WIRE_TYPE(runtime_config,
              wire::table<runtime_config>("Everything a worker needs for one call.", config_rows)
                  .after_read<forgive_lists>()
                  .check<check_config>())

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
