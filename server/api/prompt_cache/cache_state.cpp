#include "server/api/prompt_cache/cache_state.hpp"

#include "cxb/contract/runtime_config/prompt_parts.hpp"
#include "cxb/domain/prompt_version.hpp"

namespace cxb::api {

using wire::field;

constexpr wire::field_row state_rows[] = {
    field<&cache_state::provider>("provider").doc("Who holds the cache."),
    field<&cache_state::model>("model").doc("The model it is for."),
    field<&cache_state::cache_name>("cache_name").doc("The provider's cache object."),
    field<&cache_state::static_version>("static_version").doc("What it was made from."),
    field<&cache_state::status>("status").doc("none, creating, ready, stale or failed."),
    field<&cache_state::created_at>("created_at").doc("When it was made."),
    field<&cache_state::expires_at>("expires_at").doc("Until when it lives."),
    field<&cache_state::last_error>("last_error").doc("Why the last try failed."),
    field<&cache_state::refreshed_by>("refreshed_by").doc("Who had it made."),
};
CXB_WIRE_TYPE(cache_state, wire::table<cache_state>("State of a live prompt cache.", state_rows))

cache_state cache_state_of(wire::json_object const& stored) {
    auto const* const member = stored.if_contains("live_prompt_cache_state");
    if (member == nullptr || !member->is_object()) return {};
    auto state = parse_cache_state(wire::json_view(*member));
    return state ? *std::move(state) : cache_state{};
}

bool has_state(bot_entry const& bot) {
    auto const state = cache_state_of(bot.stored);
    return state.status != cache_status::none || !state.cache_name.empty();
}

bool holds_caches(std::string_view provider) noexcept {
    return provider == "google" || provider == "google_vertex";
}

std::string static_version_of(bot_entry const& bot, std::string_view provider,
                              std::string_view model) {
    auto const* const tools = bot.stored.if_contains("tools");
    return domain::static_prompt_version(
        provider, model, bot.bot.static_system_prompt,
        tools != nullptr ? *tools : wire::json_value(wire::json_array{}));
}

bool serves(cache_state const& state, std::string_view static_version, time_point now) {
    return !state.cache_name.empty() && state.status != cache_status::stale &&
           state.static_version == static_version && state.expires_at &&
           *state.expires_at > now + cache_margin;
}

void add_held_cache(rc::prompt_parts& parts, cache_state const& state, std::string_view bot_id,
                    std::string_view base, time_point now) {
    parts.recreate_url =
        std::string(base) + "/api/v1/bots/" + std::string(bot_id) + "/live-prompt-cache/recreate";
    if (!serves(state, parts.static_version, now)) return;
    parts.cached_content_name = state.cache_name;
    parts.cached_content_expires_at = state.expires_at;
}

rc::llm_settings const* talking_model(bot_entry const& bot,
                                      system_settings const& system) noexcept {
    auto const& block = bot.bot.llm ? bot.bot.llm : system.voice_defaults.llm;
    return block ? &*block : nullptr;
}

cache_need cache_need_of(bot_entry const& bot, system_settings const& system) noexcept {
    if (bot.deleted || !bot.bot.is_active || !bot.bot.live_prompt_cache.enabled)
        return cache_need::off;
    auto const* const model = talking_model(bot, system);
    bool const held = model != nullptr && holds_caches(model->provider);
    return held && bot.bot.is_direct() && !bot.bot.static_system_prompt.empty()
               ? cache_need::wanted
               : cache_need::no_use;
}

std::string wanted_version(bot_entry const& bot, system_settings const& system) {
    auto const* const model = talking_model(bot, system);
    return model == nullptr ? std::string() : static_version_of(bot, model->provider, model->model);
}

}  // namespace cxb::api
