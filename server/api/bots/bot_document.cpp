#include "server/api/bots/bot_document.hpp"

#include "cxb/contract/runtime_config/list_rules.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

using wire::field;
namespace patterns = wire::patterns;

namespace {

constexpr std::size_t prompt_bytes = 256 * limits::kib;
constexpr std::size_t message_bytes = 8 * limits::kib;
constexpr std::size_t post_call_bytes = 64 * limits::kib;
constexpr std::string_view mode_words[] = {"legacy", "direct"};

// What a provider caches must not hold one customer's data (spec 20 §5.1).
void check_caches(bot_document const& bot, wire::fault_sink& sink) {
    if (bot.is_direct() && domain::compiled_template(bot.static_system_prompt).has_tokens())
        sink.add("/static_system_prompt", "must not hold template tokens in direct mode");
    if (!bot.post_call_cache.enabled) return;
    auto const check = [&](std::optional<std::string> const& prompt, char const* at) {
        if (!prompt) return;
        for (auto const& token : domain::compiled_template(*prompt).tokens()) {
            using enum domain::token_namespace;
            if (token.space == call || token.space == crm || token.space == flat)
                return sink.add(at, "must not hold call., crm. or flat tokens while cached");
        }
    };
    check(bot.post_call_analysis_prompt, "/post_call_analysis_prompt");
    check(bot.qc_prompt, "/qc_prompt");
}

// The runtime config carries it as one member, which has its own bound.
void check_policy(bot_document const& bot, wire::fault_sink& sink) {
    if (!bot.conversation_policy) return;
    auto const& policy = *bot.conversation_policy;
    if (policy.enabled && bot.is_direct())
        sink.add("/conversation_policy", "not together with prompt_mode direct");
    if (wire::check(policy) && wire::to_text(wire::to_object(policy)).size() > limits::policy_json)
        sink.add("/conversation_policy",
                 "at most " + std::to_string(limits::policy_json) + " bytes");
}

void check_bot(bot_document const& bot, wire::fault_sink& sink) {
    rc::check_lists(bot.tools, bot.transfer_targets, sink);
    check_caches(bot, sink);
    if (!domain::is_time_zone(bot.timezone)) sink.add("/timezone", "unknown time zone");
    if (bot.active_hours.enabled && bot.active_hours.days.empty())
        sink.add("/active_hours/days", "must not be empty");
    check_policy(bot, sink);
}

}  // namespace

constexpr wire::field_row bot_rows[] = {
    field<&bot_document::name>("name").required().bytes(1, bot_name_bytes).doc("Shown name."),
    field<&bot_document::description>("description").max_bytes(2000).doc("For people."),
    field<&bot_document::tags>("tags").max_items(20).max_bytes(40).doc("For people."),
    field<&bot_document::is_active>("is_active").doc("False: calls are refused."),
    field<&bot_document::timezone>("timezone").max_bytes(64).doc("IANA zone."),
    field<&bot_document::active_hours>("active_hours").doc("When the bot takes calls."),
    field<&bot_document::system_prompt>("system_prompt").max_bytes(prompt_bytes).doc("Template."),
    field<&bot_document::static_system_prompt>("static_system_prompt")
        .max_bytes(prompt_bytes)
        .doc("Direct mode: the part without tokens."),
    field<&bot_document::dynamic_runtime_prompt>("dynamic_runtime_prompt")
        .max_bytes(prompt_bytes)
        .doc("Direct mode: template."),
    field<&bot_document::prompt_mode>("prompt_mode")
        .words(mode_words)
        .doc("Absent: direct when the static part is not empty."),
    field<&bot_document::opening_message>("opening_message")
        .max_bytes(message_bytes)
        .doc("Template; empty: wait for the caller."),
    field<&bot_document::opening>("opening").doc("How the opening is spoken."),
    field<&bot_document::re_engagement>("re_engagement").doc("Silence of the caller; null: off."),
    field<&bot_document::dead_air_seconds>("dead_air_seconds")
        .range(10, 600)
        .doc("Neither side speaks this long: RNR."),
    field<&bot_document::max_call_duration_seconds>("max_call_duration_seconds")
        .range(10, 14400)
        .doc("Then the call ends as timeout."),
    field<&bot_document::max_duration_message>("max_duration_message")
        .max_bytes(message_bytes)
        .doc("Spoken before that end."),
    field<&bot_document::min_words_interruption>("min_words_interruption")
        .range(0, 20)
        .doc("Fewer words do not interrupt."),
    field<&bot_document::interruption>("interruption").doc("What cuts the bot's speech."),
    field<&bot_document::vad>("vad").doc("Voice activity detection."),
    field<&bot_document::turn>("turn").doc("When the caller's turn ends."),
    field<&bot_document::voicemail_message>("voicemail_message")
        .max_bytes(message_bytes)
        .doc("Spoken on voicemail."),
    field<&bot_document::voicemail>("voicemail").doc("Answering machines."),
    field<&bot_document::pre_transfer_message>("pre_transfer_message")
        .max_bytes(message_bytes)
        .doc("Spoken before a transfer."),
    field<&bot_document::stt>("stt").doc("Speech to text; null: the system's default."),
    field<&bot_document::llm>("llm").doc("Language model; null: the system's default."),
    field<&bot_document::tts>("tts").doc("Text to speech; null: the system's default."),
    field<&bot_document::tools>("tools").max_items(limits::tools).doc("What the model may call."),
    field<&bot_document::transfer_targets>("transfer_targets")
        .max_items(limits::transfer_targets)
        .doc("Where a call may go."),
    field<&bot_document::transfer_numbers>("transfer_numbers")
        .max_items(limits::transfer_targets)
        .doc("Label to number; legacy."),
    field<&bot_document::agent_desk>("agent_desk").doc("Hand-off to people."),
    field<&bot_document::recording>("recording").doc("Recording of calls."),
    field<&bot_document::conversation_policy>("conversation_policy")
        .doc("Prompt from building blocks; not with prompt_mode direct."),
    field<&bot_document::post_call_analysis_prompt>("post_call_analysis_prompt")
        .max_bytes(post_call_bytes)
        .doc("Template of the analysis; null: none."),
    field<&bot_document::qc_prompt>("qc_prompt")
        .max_bytes(post_call_bytes)
        .doc("Template of the quality check; null: none."),
    field<&bot_document::post_call_llm>("post_call_llm").doc("Model of the analysis."),
    field<&bot_document::auto_dispositions>("auto_dispositions")
        .doc("For calls that are not analysed."),
    field<&bot_document::callback_prompt_injection>("callback_prompt_injection")
        .doc("Add the call-back text to the prompt."),
    field<&bot_document::callback_prompt>("callback_prompt")
        .max_bytes(4000)
        .doc("Replaces the built-in text."),
    field<&bot_document::sip_header_config>("sip_header_config").doc("SIP headers as variables."),
    field<&bot_document::pre_call_fetch>("pre_call_fetch").doc("Asking the CRM before the call."),
    field<&bot_document::post_call_push>("post_call_push").doc("Telling the CRM after the call."),
    field<&bot_document::knowledge_enabled>("knowledge_enabled").doc("May the bot search?"),
    field<&bot_document::knowledge_trigger_instructions>("knowledge_trigger_instructions")
        .max_bytes(4000)
        .doc("Tells the model when."),
    field<&bot_document::knowledge_kb_ids>("knowledge_kb_ids").max_items(20).doc("Bases."),
    field<&bot_document::knowledge_top_k>("knowledge_top_k").range(1, 10).doc("Most hits."),
    field<&bot_document::knowledge_score_threshold>("knowledge_score_threshold")
        .range(0, 1)
        .doc("Least score."),
    field<&bot_document::knowledge_strict>("knowledge_strict").doc("No hit: the fallback."),
    field<&bot_document::knowledge_fallback_message>("knowledge_fallback_message")
        .max_bytes(1000)
        .doc("Said when nothing was found."),
    field<&bot_document::widget_allowed_origins>("widget_allowed_origins")
        .max_items(50)
        .doc("Origins of the web widget; empty: any."),
    field<&bot_document::post_call_cache>("post_call_cache").doc("Cache of post-call prompts."),
    field<&bot_document::live_prompt_cache>("live_prompt_cache").doc("Live prompt cache."),
};
CXB_WIRE_TYPE(bot_document, wire::table<bot_document>("A bot.", bot_rows)
                                .keep_unknown<&bot_document::unknown>(limits::ext_json)
                                .check<check_bot>())

}  // namespace cxb::api
