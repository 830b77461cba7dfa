#pragma once
/// @file
/// The settings as the processes use them: typed, with defaults worked out, and only there when
/// everything is in order.
///
/// ```cpp
/// auto checked = load_api_settings({.config_path = path, .environment = process_environment()});
/// for (auto const& line : checked.warnings) log.warn(...);
/// if (!checked.settings) { print(checked.problems); return to_int(exit_code::bad_settings); }
/// ```
/// Problems are one line each: `fault: <yaml path>: <reason>` or `refused: <code>: <yaml path>`;
/// they never hold values.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "server/common/log.hpp"
#include "server/common/settings/load_settings.hpp"

namespace cxb::server {

enum class installation : std::uint8_t { development, test, production };

struct livekit_settings {
    std::string url;  ///< "" = none
    std::string api_key;
    secret api_secret;
};

/// What every process has.
struct common_settings {
    installation env = installation::development;
    contract::shared_secret::keyring core_secret;
    livekit_settings livekit;
    std::vector<std::string> guard_allow;
    log_options log;
    std::string file;  ///< yaml file used, "" = none

    [[nodiscard]] bool production() const noexcept { return env == installation::production; }
};

struct http_settings {
    std::string bind;
    std::uint16_t port = 0;
    std::size_t threads = 0;
    std::string public_url;
    std::string internal_url;
    std::vector<std::string> trusted_proxies;
    std::string tls_cert;
    std::string tls_key;
    std::string ca_file;
    std::vector<std::string> cors_origins;
    std::chrono::seconds request_timeout{30};
    std::chrono::seconds shutdown_grace{20};
};

struct store_settings {
    std::string url;  ///< never empty: `sqlite:…` or `mongodb…`; may hold credentials
    std::string db;
    std::string redis_url;    ///< "" = in this process; may hold credentials
    std::string objects_url;  ///< never empty: `dir:…` or `s3:…`
    secret objects_access_key;
    secret objects_secret_key;
    std::string vectors_url;  ///< "" = embedded
};

struct jwt_settings {
    secret current;  ///< "" outside production: see `development_jwt_secret`
    secret previous;
    std::string algorithm;
    std::chrono::minutes expire{480};
};

struct bootstrap_settings {
    std::string admin_email;
    secret admin_password;
    std::string admin_name;
};

struct fleet_settings {
    std::vector<std::string> urls;
    std::chrono::seconds health_timeout{20};
    std::chrono::seconds dialout_timeout{60};
    std::chrono::seconds dispatch_timeout{10};
    std::chrono::seconds widget_timeout{10};
    std::chrono::milliseconds snapshot_max_age{1000};
    std::chrono::seconds reservation{15};
    std::string public_wss_base;
};

struct prompt_cache_settings {
    int prewarm_hour = 7;
    int cleanup_hour = 23;
    std::chrono::hours ttl{25};
    std::string timezone;
};

struct job_settings {
    int workers = 4;
    std::chrono::milliseconds poll{1000};
    std::chrono::seconds lease{60};
};

struct api_settings : common_settings {
    std::string data_dir;
    http_settings http;
    store_settings store;
    jwt_settings jwt;
    secret secrets_key;  ///< base64; "" = secrets are stored as they are
    secret secrets_key_previous;
    bootstrap_settings bootstrap;
    bool telephony_simulated = false;
    std::string phone_region;
    fleet_settings fleet;
    std::chrono::milliseconds config_deadline{4500};
    prompt_cache_settings live_prompt_cache;
    job_settings jobs;
    std::chrono::seconds loop_lease{90};
    std::chrono::milliseconds clean_up_period{600'000};
    std::chrono::hours push_rotation{24};
    double push_wait_scale = 1;              ///< other than 1 only outside production, for tests
    std::chrono::days audit_retention{400};  ///< 0 = for ever
};

enum class media_kind : std::uint8_t { none, livekit, simulated };

struct core_settings : common_settings {
    int workers = 16;
    int max_concurrent_calls = 1;
    std::string listen;
    std::string socket;  ///< holds `{id}`
    std::string tls_cert;
    std::string tls_key;
    std::string config_url;
    std::vector<std::string> config_hosts;
    bool ws_token = false;
    media_kind media = media_kind::none;
    std::string outbox_dir;
    std::chrono::seconds drain{660};
    std::string recordings_dir;
    std::chrono::hours recordings_keep{48};
    std::string tts_cache_dir;
    std::int64_t tts_cache_bytes = 0;
    std::chrono::seconds post_call{60};
    std::uint64_t sim_seed = 1;
    bool sim_fast = false;
    std::string sim_scripts_dir;
    std::string stt_fallback;  ///< JSON object, "" = none
    std::string llm_fallback;
    std::string tts_fallback;
    std::vector<std::string> preload;
    std::string sip_bind;  ///< "" = off
    std::vector<std::string> sip_allow;
    std::uint16_t rtp_first = 0;
    std::uint16_t rtp_last = 0;
};

template <class Settings>
struct checked_settings {
    std::optional<Settings> settings;  ///< empty when there are problems
    std::vector<std::string> problems;
    std::vector<std::string> warnings;
};

[[nodiscard]] checked_settings<api_settings> load_api_settings(settings_source const& source);
[[nodiscard]] checked_settings<core_settings> load_core_settings(settings_source const& source);

/// The typed views alone, from values without faults.
[[nodiscard]] api_settings make_api_settings(setting_values const& values);
[[nodiscard]] core_settings make_core_settings(setting_values const& values);

/// Makes the folder if needed and proves that files can be written there. Errors: `unavailable`;
/// the process then ends with `exit_code::cannot_create`.
[[nodiscard]] result<void> prepare_folder(std::string const& path);

/// The token secret outside production when none is set: 32 random bytes as base64, kept in
/// `{data_dir}/dev-jwt` (mode 0600) so that tokens survive a restart. Errors: `unavailable`.
[[nodiscard]] result<secret> development_jwt_secret(std::string const& data_dir);

}  // namespace cxb::server
