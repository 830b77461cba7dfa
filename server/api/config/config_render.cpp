#include "server/api/config/config_render.hpp"

#include <algorithm>
#include <array>

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/call_variables.hpp"
#include "cxb/domain/prompt_version.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/recordings/upload_link.hpp"
#include "server/api/settings/provider_keys.hpp"

namespace cxb::api {
namespace {

using domain::unresolved_policy;
using wire::json_object;

constexpr std::chrono::hours upload_grace{24};
constexpr std::size_t rest_of_body = 4096;  // members of the call, at a guess

}  // namespace

// Fills a config from the bot's texts; without a call it knows no variables.
class config_plan::renderer {
  public:
    renderer(config_plan const& plan, rc::runtime_config& config, render_input const* call)
        : plan_(plan), bot_(plan.bot_->bot), config_(config), call_(call) {
        if (call == nullptr) return;
        variables_.call = &call->names.call;
        variables_.crm = &call->names.crm;
        variables_.system = &call->names.system;
    }

    void prompts();
    void opening_message() { config_.opening_message = text(bot_.opening_message); }
    void voicemail_message() { config_.voicemail_message = text(bot_.voicemail_message); }
    void pre_transfer_message() { config_.pre_transfer_message = text(bot_.pre_transfer_message); }
    void max_duration_message() { config_.max_duration_message = text(bot_.max_duration_message); }
    void re_engagement();
    void tools();
    void transfer_targets();
    void transfer_numbers();
    void desk();
    void recording();
    void analysis() {
        config_.post_call_analysis_prompt = optional_text(bot_.post_call_analysis_prompt);
    }
    void qc() { config_.qc_prompt = optional_text(bot_.qc_prompt); }
    void ids();
    void variables();

    domain::unresolved_list unresolved;
    bool varies = false;  ///< a text depends on the call, whatever tokens it has

  private:
    std::string callback_text();
    std::string policy_text() {
        varies = true;
        if (call_ == nullptr) return {};
        return plan_.policy_prompt_->render(variables_, call_->now, plan_.zone_, &unresolved);
    }
    std::string text(domain::compiled_template const& source) {
        return source.render(variables_, unresolved_policy::literal, &unresolved);
    }
    std::string text(std::string_view source) {
        return domain::render_template(source, variables_, unresolved_policy::literal, &unresolved);
    }
    std::optional<std::string> optional_text(std::optional<std::string> const& source) {
        if (!source) return std::nullopt;
        return text(*source);
    }
    std::string url(std::string_view source) {
        return domain::compiled_template(std::string(source))
            .render_url(variables_, unresolved_policy::literal, &unresolved);
    }
    wire::raw_json json(wire::raw_json const& source) {
        return wire::raw_json::from_value(domain::render_json(
            source.to_value(), variables_, unresolved_policy::literal, &unresolved));
    }

    config_plan const& plan_;
    bot_document const& bot_;
    rc::runtime_config& config_;
    render_input const* call_;
    domain::template_variables variables_;
};

// Members that are filled together. `of_call`: other for each call, whatever the texts.
struct config_plan::part {
    std::array<std::string_view, 3> members;
    void (renderer::*fill)();
    bool of_call = false;
};

config_plan::part const config_plan::parts[] = {
    {{"session_id", "webhook_url"}, &renderer::ids, true},
    {{"system_prompt", "prompt_parts", "callback_detection_enabled"}, &renderer::prompts},
    {{"opening_message"}, &renderer::opening_message},
    {{"voicemail_message"}, &renderer::voicemail_message},
    {{"pre_transfer_message"}, &renderer::pre_transfer_message},
    {{"max_duration_message"}, &renderer::max_duration_message},
    {{"re_engagement"}, &renderer::re_engagement},
    {{"tools"}, &renderer::tools},
    {{"transfer_targets"}, &renderer::transfer_targets},
    {{"transfer_numbers"}, &renderer::transfer_numbers},
    {{"agent_desk"}, &renderer::desk, true},
    {{"recording"}, &renderer::recording, true},
    {{"variables", "sip_context"}, &renderer::variables, true},
    {{"post_call_analysis_prompt"}, &renderer::analysis},
    {{"qc_prompt"}, &renderer::qc},
};

void config_plan::renderer::ids() {
    config_.session_id = call_->session_id;
    config_.webhook_url = call_->base + "/api/v1/call-results";
}

void config_plan::renderer::prompts() {
    std::string const callback = callback_text();
    std::string dynamic = text(plan_.dynamic_prompt_);
    domain::add_paragraph(dynamic, callback);
    config_.system_prompt = plan_.policy_prompt_ ? policy_text() : text(plan_.system_prompt_);
    if (bot_.is_direct() && config_.system_prompt.empty()) {
        config_.system_prompt = bot_.static_system_prompt;
        domain::add_paragraph(config_.system_prompt, dynamic);
    } else {
        domain::add_paragraph(config_.system_prompt, callback);
    }
    config_.prompt_parts = plan_.common_.prompt_parts;
    config_.prompt_parts.dynamic_runtime_prompt = std::move(dynamic);
    if (!plan_.held_cache_) return;
    varies = true;
    if (call_ != nullptr)
        add_held_cache(config_.prompt_parts, *plan_.held_cache_, plan_.bot_->id, call_->base,
                       call_->now);
}

// "" unless bot and campaign want it (spec 20 §8 step 11).
std::string config_plan::renderer::callback_text() {
    varies = varies || bot_.callback_prompt_injection;
    auto const* const link = call_ == nullptr ? nullptr : call_->callback;
    config_.callback_detection_enabled =
        domain::is_callback_detected(bot_.callback_prompt_injection, link);
    if (!config_.callback_detection_enabled) return {};
    auto const own = optional_text(bot_.callback_prompt);
    return domain::callback_text(own.value_or(std::string(domain::builtin_callback_text)), *link);
}

void config_plan::renderer::re_engagement() {
    config_.re_engagement = bot_.re_engagement;
    if (!config_.re_engagement) return;
    for (auto& message : config_.re_engagement->messages)
        message = text(message);
    config_.re_engagement->end_message = text(config_.re_engagement->end_message);
}

void config_plan::renderer::tools() {
    config_.tools = bot_.tools;
    for (auto& tool : config_.tools) {
        tool.function.description = text(tool.function.description);
        tool.pre_message = text(tool.pre_message);
        if (!tool.http) continue;
        tool.http->url = url(tool.http->url);
        for (auto& [name, value] : tool.http->headers)
            value = text(value);
        for (auto& [name, value] : tool.http->query)
            value = text(value);
        if (tool.http->body) tool.http->body = json(*tool.http->body);
    }
}

void config_plan::renderer::transfer_targets() {
    config_.transfer_targets = bot_.transfer_targets;
    for (auto& target : config_.transfer_targets)
        target.value = text(target.value);
}

void config_plan::renderer::transfer_numbers() {
    config_.transfer_numbers = bot_.transfer_numbers;
    for (auto& [label, number] : config_.transfer_numbers)
        number = text(number);
}

void config_plan::renderer::desk() {
    auto& desk = config_.agent_desk;
    desk.enabled = bot_.agent_desk.enabled;
    desk.queue = bot_.agent_desk.queue;
    desk.language = bot_.agent_desk.language;
    desk.priority = bot_.agent_desk.priority;
    desk.hold_message = text(bot_.agent_desk.hold_message);
    desk.hold_audio_url = bot_.agent_desk.hold_audio_url;
    desk.timeout_seconds = bot_.agent_desk.timeout_seconds;
    if (desk.enabled) desk.base_url = call_->base + "/api/v1/agent-desk";
}

void config_plan::renderer::recording() {
    auto& recording = config_.recording;
    recording.enabled = bot_.recording.enabled;
    recording.channels = bot_.recording.channels;
    recording.announcement = text(bot_.recording.announcement);
    if (!recording.enabled) {
        recording.storage.kind = rc::storage_kind::none;
        return;
    }
    time_point const end = call_->now + bot_.max_call_duration_seconds + upload_grace;
    recording.key = domain::make_recording_key(call_->session_id, call_->call_began);
    recording.storage.kind = rc::storage_kind::upload_url;
    if (call_->presigned)
        recording.storage.upload_url = call_->presigned(recording.key, call_->now, end);
    if (!recording.storage.upload_url)
        recording.storage.upload_url = make_upload_link(call_->base, call_->upload_key,
                                                        call_->session_id, call_->call_began, end);
    recording.storage.expires_at = end;
}

void config_plan::renderer::variables() {
    auto const texts = [](json_object const& values) {
        return wire::raw_json::from_object(contract::runtime_config::stringify_variables(values));
    };
    auto const& names = call_->names;
    config_.variables = {texts(names.call), texts(names.crm), texts(names.system)};
    if (call_->sip_headers.empty()) return;
    rc::sip_context context;
    for (auto const& [name, value] : call_->sip_headers)
        context.headers.emplace(name, domain::value_as_text(value));
    config_.sip_context = std::move(context);
}

namespace {

// What no text and no call has a part in.
class common_members {
  public:
    common_members(bot_entry const& bot, system_settings const& system, rc::runtime_config& config,
                   std::vector<std::string>& notes)
        : entry_(bot), bot_(bot.bot), system_(system), config_(config), notes_(notes) {}

    result<void> fill(bool production) {
        config_.bot_id = entry_.id;
        config_.bot_name = bot_.name;
        config_.config_version = entry_.config_version;
        config_.timezone = bot_.timezone;
        auto const& defaults = system_.voice_defaults;
        CXB_CHECK(provider(config_.stt, bot_.stt, defaults.stt, "stt", production));
        CXB_CHECK(provider(config_.llm, bot_.llm, defaults.llm, "llm", production));
        CXB_CHECK(provider(config_.tts, bot_.tts, defaults.tts, "tts", production));
        prompt_parts();
        config_.opening = bot_.opening;
        config_.dead_air_seconds = bot_.dead_air_seconds;
        config_.max_call_duration_seconds = bot_.max_call_duration_seconds;
        config_.min_words_interruption = bot_.min_words_interruption;
        config_.interruption = bot_.interruption;
        config_.vad = bot_.vad;
        config_.turn = bot_.turn;
        config_.voicemail = bot_.voicemail;
        policy();
        post_call();
        return {};
    }

  private:
    void prompt_parts();
    void policy();
    void post_call();
    template <class Settings>
    result<void> provider(std::optional<Settings>& block, std::optional<Settings> const& own,
                          std::optional<Settings> const& standard, char const* name,
                          bool production);
    template <class Block>
    void key_of(Block& block, block_of whose);

    bot_entry const& entry_;
    bot_document const& bot_;
    system_settings const& system_;
    rc::runtime_config& config_;
    std::vector<std::string>& notes_;
};

void common_members::prompt_parts() {
    auto& parts = config_.prompt_parts;
    bool const direct = bot_.is_direct();
    parts.mode = direct ? rc::prompt_mode::direct : rc::prompt_mode::legacy;
    parts.static_system_prompt = bot_.static_system_prompt;
    parts.static_version = static_version_of(entry_, config_.llm ? config_.llm->provider : "",
                                             config_.llm ? config_.llm->model : "");
    parts.prompt_cache_key = "cxb-" + entry_.id + "-" + parts.static_version;
    parts.prompt_cache_retention =
        open_enum<rc::cache_retention>::from_text(bot_.live_prompt_cache.retention);
    parts.cache_enabled = direct && bot_.live_prompt_cache.enabled;
}

void common_members::policy() {
    if (!entry_.zone_fault.empty()) notes_.push_back("timezone_unreadable:" + entry_.zone_fault);
    if (!entry_.policy_fault.empty())
        notes_.push_back("conversation_policy_unreadable:" + entry_.policy_fault);
    if (!bot_.conversation_policy) return;
    config_.conversation_policy =
        wire::raw_json::from_object(wire::to_object(*bot_.conversation_policy));
    auto const& type = bot_.conversation_policy->type;
    if (bot_.conversation_policy->enabled && type && !type->known())
        notes_.push_back("conversation_policy_type_unknown:" + type->text());
}

void common_members::post_call() {
    config_.post_call_llm = bot_.post_call_llm;
    if (config_.post_call_llm) key_of(*config_.post_call_llm, block_of::bot);
    config_.auto_dispositions = bot_.auto_dispositions;
    config_.post_call_cache_enabled = bot_.post_call_cache.enabled;
    auto const& model = config_.post_call_llm ? config_.post_call_llm : config_.llm;
    config_.post_call_cache_version = domain::post_call_cache_version(
        model ? model->provider : "", model ? model->model : "",
        bot_.post_call_analysis_prompt.value_or(""), bot_.qc_prompt.value_or(""),
        bot_.post_call_cache.version_override);
    if (config_.post_call_cache_enabled)
        config_.post_call_cache =
            rc::post_call_cache{"cxb-pc-" + entry_.id + "-" + config_.post_call_cache_version};
}

template <class Block>
void common_members::key_of(Block& block, block_of whose) {
    if (!fill_key(block, system_, whose))
        notes_.push_back(std::string(key_missing_note) + block.provider);
}

template <class Settings>
result<void> common_members::provider(std::optional<Settings>& block,
                                      std::optional<Settings> const& own,
                                      std::optional<Settings> const& standard, char const* name,
                                      bool production) {
    auto const whose = own ? block_of::bot : block_of::system;
    block = own ? own : standard;
    if (!block) {
        if (production)
            return error{errc::unavailable, std::string("bot_incomplete: ") + name}.with_reason(
                "bot_incomplete");
        block.emplace();
        block->provider = "simulated";
        block->model = "simulated";
        return {};
    }
    key_of(*block, whose);
    if (block->fallback) key_of(*block->fallback, whose);
    return {};
}

}  // namespace

result<std::shared_ptr<config_plan const>> config_plan::make(bot_ptr bot, settings_ptr system,
                                                             bool production) {
    std::shared_ptr<config_plan> made(new config_plan(std::move(bot), std::move(system)));
    common_members common(*made->bot_, *made->system_, made->common_, made->notes_);
    CXB_CHECK(common.fill(production));
    if (cache_need_of(*made->bot_, *made->system_) == cache_need::wanted)
        made->held_cache_ = cache_state_of(made->bot_->stored);
    made->find_varying();
    return std::shared_ptr<config_plan const>(std::move(made));
}

// A text varies when a token in it finds no value without a call.
void config_plan::find_varying() {
    std::vector<std::string_view> names;
    for (auto const& each : parts) {
        renderer render(*this, common_, nullptr);
        if (!each.of_call) (render.*each.fill)();
        if (!each.of_call && !render.varies && render.unresolved.empty()) continue;
        varying_.push_back(&each);
        for (auto const name : each.members)
            if (!name.empty()) names.push_back(name);
    }
    text_.emplace(common_, names);
}

render_output config_plan::render(render_input const& input) const {
    render_output out;
    rc::runtime_config config;
    renderer render(*this, config, &input);
    for (auto const* each : varying_)
        (render.*each->fill)();
    out.body.reserve(text_->size() + config.system_prompt.size() + rest_of_body);
    text_->write(config, out.body);
    out.notes = notes_;
    out.unresolved = std::move(render.unresolved);
    if (common_.post_call_cache_enabled) out.cached_prompts = common_.post_call_cache_version;
    return out;
}

}  // namespace cxb::api
