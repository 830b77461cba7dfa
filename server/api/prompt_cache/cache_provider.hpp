#pragma once
/// @file
/// Cache objects at Google: the `cachedContents` resource of the Gemini API and of Vertex AI
/// (spec 20 §10). Made from a static system prompt and tools, named by the provider, gone after
/// their time.
///
/// | provider      | create                                                | access           |
/// |---------------|-------------------------------------------------------|------------------|
/// | google        | `{base}/v1beta/cachedContents`                        | `x-goog-api-key` |
/// | google_vertex | `{base}/v1/projects/{p}/locations/{l}/cachedContents` | OAuth token      |
/// Base: `llm.base_url`, else that of the provider's entry in the settings' `providers`, else
/// Google's own (of the location). A token is asked for each time: these calls are rare.
///
/// | errc              | detail                                                               |
/// |-------------------|----------------------------------------------------------------------|
/// | invalid           | key_missing, key_unreadable, model_missing, project_unreadable,      |
/// |                   | location_unreadable, name_unreadable: nothing was sent               |
/// | blocked           | outbound_blocked: <word of the guard>                                |
/// | upstream_failed   | status_<n>: <the provider's message> (also `status()`), timeout,     |
/// |                   | connect, tls, too_large, not_json, shape                             |
/// What went wrong with the token begins with `token: `. No detail holds a key.
/// Thread-safety: usable from all event loops; the rest is pure.

#include <string>
#include <vector>

#include "cxb/client/transport.hpp"
#include "server/api/prompt_cache/cache_state.hpp"

namespace cxb::api {

/// Longest time for making or deleting one, token included.
inline constexpr milliseconds cache_patience{18'000};
/// Largest answer of the provider.
inline constexpr std::size_t most_cache_answer = 256 * limits::kib;

/// How a provider is reached for one bot.
struct cache_access {
    std::string provider;
    secret key;            ///< API key, or the JSON of a service account
    std::string base_url;  ///< "": Google's own
    std::string project;   ///< google_vertex; "": the account's
    std::string location;  ///< google_vertex
};

/// What is to be cached.
struct cache_order {
    cache_access access;
    std::string model;
    std::string display_name;
    std::string static_prompt;
    std::vector<rc::tool> tools;
    seconds ttl{0};
};

struct made_cache {
    std::string name;
    time_point expires_at;
};

/// Will the same request fail again, whenever it is sent?
[[nodiscard]] bool is_hopeless(error const& of_provider) noexcept;

/// Who is asked for the caches of this bot; `provider` is the one that shall hold or holds it.
[[nodiscard]] cache_access cache_access_of(bot_entry const& bot, system_settings const& system,
                                           std::string_view provider);

/// The body of a creation: model by the provider's name for it, text, tools as declarations.
[[nodiscard]] wire::json_object creation_body(cache_order const& order,
                                              std::string_view model_name);

class cache_provider {
  public:
    cache_provider(client::transport& outbound, clock const& time,
                   milliseconds patience = cache_patience)
        : outbound_(outbound), time_(time), patience_(patience) {}

    store::async<made_cache> create(cache_order order);
    /// Success: it is gone, whoever did it.
    store::async<void> remove(cache_access access, std::string name);

  private:
    struct entrance;
    store::async<entrance> enter(cache_access access, std::chrono::nanoseconds end);
    store::async<wire::http_response> ask(client::outgoing_request request,
                                          std::chrono::nanoseconds end);

    client::transport& outbound_;
    clock const& time_;
    milliseconds patience_;
};

}  // namespace cxb::api
