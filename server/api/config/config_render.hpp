#pragma once
/// @file
/// From a bot and the variables of one call to its runtime config: steps 12 and 13 of spec 20 §8,
/// without I/O. Equal input gives equal output.
///
/// Most of a config is the same for every call of a bot. A `config_plan` holds that part as JSON
/// text, made once for a bot's version and the settings' version; a call renders only the members
/// whose texts hold tokens or that name the call. Nothing of a customer is in a plan.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/domain/callback_prompt.hpp"
#include "cxb/domain/policy_prompt.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/wire/prepared_text.hpp"
#include "server/api/prompt_cache/cache_state.hpp"

namespace cxb::api {

/// Beginning of the note about a provider without a key; its name follows.
inline constexpr std::string_view key_missing_note = "provider_key_missing:";

/// The three namespaces of a call.
struct call_namespaces {
    wire::json_object call;
    wire::json_object crm;
    wire::json_object system;
};

/// Where an S3 store takes this recording until `end`; empty: none does.
using presigned_fn =
    std::function<std::optional<secret>(std::string_view key, time_point now, time_point end)>;

struct render_input {
    call_namespaces const& names;
    wire::json_object const& sip_headers;  ///< `sip_context.headers`
    std::string session_id;
    std::string base;  ///< scheme and host for links of the worker
    time_point now;
    time_point call_began;  ///< of the call's first config; names its recording
    secret upload_key;
    domain::callback_link const* callback = nullptr;  ///< of a call linked to a campaign
    presigned_fn presigned;                           ///< unset: none
};

struct render_output {
    std::string body;                    ///< the runtime config, JSON
    std::vector<std::string> notes;      ///< `provider_key_missing:deepgram`, ...
    domain::unresolved_list unresolved;  ///< tokens that stayed literal
    std::string cached_prompts;          ///< `post_call_cache_version` if they are to be cached
};

/// Thread-safety: const use from any thread.
class config_plan {
  public:
    /// Errors: `unavailable` `bot_incomplete: <block>` (production only).
    [[nodiscard]] static result<std::shared_ptr<config_plan const>> make(bot_ptr bot,
                                                                         settings_ptr system,
                                                                         bool production);
    [[nodiscard]] render_output render(render_input const& input) const;
    /// Names the two post-call prompts and the model they are for, whether or not it is cached.
    [[nodiscard]] std::string const& post_call_cache_version() const noexcept {
        return common_.post_call_cache_version;
    }
    /// What every config of the bot notes: `provider_key_missing:deepgram`, ...
    [[nodiscard]] std::vector<std::string> const& notes() const noexcept { return notes_; }
    [[nodiscard]] bool is_of(bot_ptr const& bot, settings_ptr const& system) const noexcept {
        return bot_ == bot && system_ == system;
    }

  private:
    class renderer;
    struct part;
    static part const parts[];
    config_plan(bot_ptr bot, settings_ptr system)
        : bot_(std::move(bot)),
          system_(std::move(system)),
          zone_(domain::time_zone_or_utc(bot_->bot.timezone)),
          system_prompt_(bot_->bot.system_prompt),
          dynamic_prompt_(bot_->bot.dynamic_runtime_prompt) {
        auto const& policy = bot_->bot.conversation_policy;
        if (auto const type = domain::active_policy_type(policy))
            policy_prompt_.emplace(*type, *policy, bot_->bot.system_prompt);
    }
    void find_varying();

    bot_ptr bot_;
    settings_ptr system_;
    domain::time_zone zone_;
    std::optional<domain::policy_prompt> policy_prompt_;  ///< in place of the bot's plain prompt
    domain::compiled_template system_prompt_;  ///< the long texts; others are read as they come
    domain::compiled_template dynamic_prompt_;
    rc::runtime_config common_;
    std::optional<cache_state> held_cache_;  ///< of who may have a cache object at the provider
    std::vector<std::string> notes_;
    std::vector<part const*> varying_;
    std::optional<wire::prepared_text> text_;
};

/// The plans of the bots that are asked for. Thread-safety: all members from any thread.
class config_plans {
  public:
    explicit config_plans(bool production) : production_(production) {}
    /// Errors: those of `config_plan::make`; nothing is kept then.
    [[nodiscard]] result<std::shared_ptr<config_plan const>> get(bot_ptr const& bot,
                                                                 settings_ptr const& system);
    [[nodiscard]] std::size_t size() const;

  private:
    bool production_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<config_plan const>> by_bot_;
};

}  // namespace cxb::api
