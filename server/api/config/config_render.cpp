#include "server/api/config/config_render.hpp"

#include <algorithm>

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/call_variables.hpp"
#include "cxb/domain/prompt_version.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/recordings/upload_link.hpp"

namespace cxb::api {
namespace {

using domain::unresolved_policy;
using wire::json_object;

constexpr std::string_view local_providers[] = {"simulated", "scripted", "pocketsphinx", "flite",
                                                "espeak_ng"};
constexpr std::chrono::hours upload_grace{24};

class renderer {
  public:
    renderer(render_input const& input, render_output& out) : in_(input), out_(out) {
        variables_.call = &input.names.call;
        variables_.crm = &input.names.crm;
        variables_.system = &input.names.system;
    }

    std::string text(std::string_view source) {
        return domain::render_template(source, variables_, unresolved_policy::literal,
                                       &out_.unresolved);
    }
    std::optional<std::string> optional_text(std::optional<std::string> const& source) {
        if (!source) return std::nullopt;
        return text(*source);
    }
    std::string url(std::string_view source) {
        return domain::compiled_template(std::string(source))
            .render_url(variables_, unresolved_policy::literal, &out_.unresolved);
    }
    wire::raw_json json(wire::raw_json const& source) {
        return wire::raw_json::from_value(domain::render_json(
            source.to_value(), variables_, unresolved_policy::literal, &out_.unresolved));
    }

    result<void> all();

  private:
    void prompts();
    void messages();
    void tools();
    void desk_and_recording();
    void post_call();
    void variables();
    template <class Settings>
    result<void> provider(std::optional<Settings>& block, char const* name);
    template <class Block>
    void key_of(Block& block);

    render_input const& in_;
    render_output& out_;
    domain::template_variables variables_;
};

wire::json_value tools_json(bot_entry const& bot) {
    auto const* tools = bot.stored.if_contains("tools");
    return tools != nullptr ? *tools : wire::json_value(wire::json_array{});
}

void renderer::prompts() {
    bot_document const& bot = in_.bot.bot;
    auto& config = out_.config;
    std::string const dynamic = text(bot.dynamic_runtime_prompt);
    config.system_prompt = text(bot.system_prompt);
    auto& parts = config.prompt_parts;
    bool const direct = bot.is_direct();
    parts.mode = direct ? rc::prompt_mode::direct : rc::prompt_mode::legacy;
    parts.static_system_prompt = bot.static_system_prompt;
    parts.dynamic_runtime_prompt = dynamic;
    if (direct && config.system_prompt.empty()) {
        config.system_prompt = bot.static_system_prompt;
        if (!dynamic.empty()) config.system_prompt += "\n\n" + dynamic;
    }
    parts.static_version = domain::static_prompt_version(
        config.llm ? config.llm->provider : "", config.llm ? config.llm->model : "",
        bot.static_system_prompt, tools_json(in_.bot));
    parts.prompt_cache_key = "cxb-" + in_.bot.id + "-" + parts.static_version;
    parts.prompt_cache_retention =
        open_enum<rc::cache_retention>::from_text(bot.live_prompt_cache.retention);
    parts.cache_enabled = direct && bot.live_prompt_cache.enabled;
}

void renderer::messages() {
    bot_document const& bot = in_.bot.bot;
    auto& config = out_.config;
    config.opening_message = text(bot.opening_message);
    config.voicemail_message = text(bot.voicemail_message);
    config.pre_transfer_message = text(bot.pre_transfer_message);
    config.max_duration_message = text(bot.max_duration_message);
    config.re_engagement = bot.re_engagement;
    if (config.re_engagement) {
        for (auto& message : config.re_engagement->messages)
            message = text(message);
        config.re_engagement->end_message = text(config.re_engagement->end_message);
    }
    config.opening = bot.opening;
    config.dead_air_seconds = bot.dead_air_seconds;
    config.max_call_duration_seconds = bot.max_call_duration_seconds;
    config.min_words_interruption = bot.min_words_interruption;
    config.interruption = bot.interruption;
    config.vad = bot.vad;
    config.turn = bot.turn;
    config.voicemail = bot.voicemail;
}

void renderer::tools() {
    auto& config = out_.config;
    config.tools = in_.bot.bot.tools;
    for (auto& tool : config.tools) {
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
    config.transfer_targets = in_.bot.bot.transfer_targets;
    for (auto& target : config.transfer_targets)
        target.value = text(target.value);
    config.transfer_numbers = in_.bot.bot.transfer_numbers;
    for (auto& [label, number] : config.transfer_numbers)
        number = text(number);
}

void renderer::desk_and_recording() {
    bot_document const& bot = in_.bot.bot;
    auto& config = out_.config;
    auto& desk = config.agent_desk;
    desk.enabled = bot.agent_desk.enabled;
    desk.queue = bot.agent_desk.queue;
    desk.language = bot.agent_desk.language;
    desk.priority = bot.agent_desk.priority;
    desk.hold_message = text(bot.agent_desk.hold_message);
    desk.hold_audio_url = bot.agent_desk.hold_audio_url;
    desk.timeout_seconds = bot.agent_desk.timeout_seconds;
    if (desk.enabled) desk.base_url = in_.base + "/api/v1/agent-desk";
    auto& recording = config.recording;
    recording.enabled = bot.recording.enabled;
    recording.channels = bot.recording.channels;
    recording.announcement = text(bot.recording.announcement);
    if (!recording.enabled) {
        recording.storage.kind = rc::storage_kind::none;
        return;
    }
    time_point const end = in_.now + bot.max_call_duration_seconds + upload_grace;
    recording.key = domain::make_recording_key(in_.session_id, in_.call_began);
    recording.storage.kind = rc::storage_kind::upload_url;
    recording.storage.upload_url =
        make_upload_link(in_.base, in_.upload_key, in_.session_id, in_.call_began, end);
    recording.storage.expires_at = end;
}

void renderer::post_call() {
    bot_document const& bot = in_.bot.bot;
    auto& config = out_.config;
    config.post_call_analysis_prompt = optional_text(bot.post_call_analysis_prompt);
    config.qc_prompt = optional_text(bot.qc_prompt);
    config.post_call_llm = bot.post_call_llm;
    if (config.post_call_llm) key_of(*config.post_call_llm);
    config.auto_dispositions = bot.auto_dispositions;
    config.post_call_cache_enabled = bot.post_call_cache.enabled;
    auto const& model = config.post_call_llm ? config.post_call_llm : config.llm;
    config.post_call_cache_version = domain::post_call_cache_version(
        model ? model->provider : "", model ? model->model : "",
        bot.post_call_analysis_prompt.value_or(""), bot.qc_prompt.value_or(""),
        bot.post_call_cache.version_override);
    if (config.post_call_cache_enabled)
        config.post_call_cache =
            rc::post_call_cache{"cxb-pc-" + in_.bot.id + "-" + config.post_call_cache_version};
}

void renderer::variables() {
    auto const texts = [](json_object const& values) {
        return wire::raw_json::from_object(contract::runtime_config::stringify_variables(values));
    };
    out_.config.variables = {texts(in_.names.call), texts(in_.names.crm), texts(in_.names.system)};
    if (in_.sip_headers.empty()) return;
    rc::sip_context context;
    for (auto const& [name, value] : in_.sip_headers)
        context.headers.emplace(name, domain::value_as_text(value));
    out_.config.sip_context = std::move(context);
}

template <class Block>
void renderer::key_of(Block& block) {
    bool const local = std::find(std::begin(local_providers), std::end(local_providers),
                                 block.provider) != std::end(local_providers);
    if (block.api_key.empty()) {
        auto const known = in_.system.api_keys.find(block.provider);
        if (known != in_.system.api_keys.end())
            block.api_key = known->second;
        else if (!local)
            out_.notes.push_back("provider_key_missing:" + block.provider);
    }
    if (block.provider == "google_vertex" && !block.api_key.empty()) {
        auto const account = wire::parse_json(block.api_key.reveal());
        json_object extra = block.extra.to_object();
        if (account && account->is_object() && !extra.contains("project_id")) {
            extra["project_id"] = wire::text_at(account->as_object(), "project_id");
            block.extra = wire::raw_json::from_object(extra);
        }
    }
}

template <class Settings>
result<void> renderer::provider(std::optional<Settings>& block, char const* name) {
    if (!block) {
        if (in_.production)
            return error{errc::unavailable, std::string("bot_incomplete: ") + name}.with_reason(
                "bot_incomplete");
        block.emplace();
        block->provider = "simulated";
        block->model = "simulated";
        return {};
    }
    key_of(*block);
    if (block->fallback) key_of(*block->fallback);
    return {};
}

result<void> renderer::all() {
    auto& config = out_.config;
    config.session_id = in_.session_id;
    config.bot_id = in_.bot.id;
    config.bot_name = in_.bot.bot.name;
    config.config_version = in_.bot.config_version;
    config.webhook_url = in_.base + "/api/v1/call-results";
    config.timezone = in_.bot.bot.timezone;
    config.stt = in_.bot.bot.stt;
    config.llm = in_.bot.bot.llm;
    config.tts = in_.bot.bot.tts;
    CXB_CHECK(provider(config.stt, "stt"));
    CXB_CHECK(provider(config.llm, "llm"));
    CXB_CHECK(provider(config.tts, "tts"));
    prompts();
    messages();
    tools();
    desk_and_recording();
    post_call();
    variables();
    config.conversation_policy = in_.bot.bot.conversation_policy;
    return {};
}

}  // namespace

result<render_output> render_config(render_input const& input) {
    render_output out;
    CXB_CHECK(renderer(input, out).all());
    return out;
}

}  // namespace cxb::api
