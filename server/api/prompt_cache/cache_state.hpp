#pragma once
/// @file
/// What a bot knows of its cache at the provider, and what it would need (spec 20 §10): rules
/// without I/O, shared by configs, saving and the makers of caches.
///
/// | status   | meaning                                              | cache_name           |
/// |----------|------------------------------------------------------|----------------------|
/// | none     | nothing was ever made, or it was cleared             | ""                   |
/// | creating | somebody makes one                                   | the former one's; "" |
/// |          |                                                      | if gone or stale     |
/// | ready    | the last try worked                                  | of that try          |
/// | stale    | saved, needs another one; or it is being deleted     | the former one's     |
/// | failed   | the last try failed, `last_error` says why           | the former one's     |
/// Calls are served whatever is named, is of their `static_version`, and lives long enough; only
/// `stale` is never served.
/// Thread-safety: plain values and pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "server/api/bots/bot_directory.hpp"
#include "server/api/settings/settings_directory.hpp"

namespace cxb::api {

using settings_ptr = std::shared_ptr<system_settings const>;

/// A cache that ends sooner than this is not begun with.
inline constexpr std::chrono::minutes cache_margin{5};

namespace cache_status {
inline constexpr char const* none = "none";
inline constexpr char const* creating = "creating";
inline constexpr char const* ready = "ready";
inline constexpr char const* stale = "stale";
inline constexpr char const* failed = "failed";
}  // namespace cache_status

/// `live_prompt_cache_state` of the bot; all members absent but `status`: none.
struct cache_state {
    std::string provider;
    std::string model;
    std::string cache_name;
    std::string static_version;
    std::string status = cache_status::none;
    std::optional<time_point> created_at;
    std::optional<time_point> expires_at;
    std::optional<std::string> last_error;
    std::string refreshed_by;  ///< a person, `save`, `prewarm`, `worker`
};
CXB_WIRE_DECLARE(cache_state);

/// The member of the bot; one that cannot be read counts as none.
[[nodiscard]] cache_state cache_state_of(wire::json_object const& stored);

/// Is there anything to be cleared?
[[nodiscard]] bool has_state(bot_entry const& bot);

/// Only these hold a cache object; others are told hints alone.
[[nodiscard]] bool holds_caches(std::string_view provider) noexcept;

/// Names static prompt and tools for a model. Equal for all calls of a version of the bot.
[[nodiscard]] std::string static_version_of(bot_entry const& bot, std::string_view provider,
                                            std::string_view model);

/// May a call that begins now be served with it?
[[nodiscard]] bool serves(cache_state const& state, std::string_view static_version,
                          time_point now);

/// What a call is told of it: the object when it serves, and where to ask for another one.
void add_held_cache(rc::prompt_parts& parts, cache_state const& state, std::string_view bot_id,
                    std::string_view base, time_point now);

/// The model that talks: the bot's own block, else the system's default; null: none.
[[nodiscard]] rc::llm_settings const* talking_model(bot_entry const& bot,
                                                    system_settings const& system) noexcept;

/// What a bot wants of a provider's cache.
enum class cache_need {
    off,     ///< not enabled, not active or deleted: what there is, is to be deleted
    no_use,  ///< not direct, or its model's provider holds none
    wanted,
};
[[nodiscard]] cache_need cache_need_of(bot_entry const& bot,
                                       system_settings const& system) noexcept;

/// Of a bot that wants one: `static_version` of what it needs.
[[nodiscard]] std::string wanted_version(bot_entry const& bot, system_settings const& system);

}  // namespace cxb::api
