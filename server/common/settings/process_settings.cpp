#include "server/common/settings/process_settings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/base/random.hpp"
#include "server/common/settings/setting_rules.hpp"

namespace cxb::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

void fill_common(setting_values const& values, common_settings& out) {
    auto const& env = values.text("env");
    out.env = env == "production" ? installation::production
              : env == "test"     ? installation::test
                                  : installation::development;
    out.core_secret = {values.secret("core.secret"), values.secret("core.secret_previous")};
    if (out.core_secret.current.empty() && !out.production())
        out.core_secret.current = secret(std::string(contract::shared_secret::development_secret));
    out.livekit = {values.text("livekit.url"), values.text("livekit.api_key"),
                   values.secret("livekit.api_secret")};
    out.guard_allow = values.list("guard.allow");
    out.log.level = log_level_of(values.text("log.level"));
    out.log.format = log_format_of(values.text("log.format"));
}

http_settings make_http(setting_values const& values) {
    http_settings out;
    out.bind = values.text("http.bind");
    out.port = static_cast<std::uint16_t>(values.integer("http.port"));
    out.threads = static_cast<std::size_t>(values.integer("http.threads"));
    out.public_url = values.text("http.public_url");
    out.internal_url = values.text("http.internal_url");
    out.trusted_proxies = values.list("http.trusted_proxies");
    out.tls_cert = values.text("http.tls_cert");
    out.tls_key = values.text("http.tls_key");
    out.ca_file = values.text("http.ca_file");
    out.cors_origins = values.list("http.cors_origins");
    out.request_timeout = seconds{values.integer("http.request_timeout_seconds")};
    out.shutdown_grace = seconds{values.integer("http.shutdown_grace_seconds")};
    return out;
}

std::string or_else(std::string const& text, std::string const& fallback) {
    return text.empty() ? fallback : text;
}

store_settings make_store(setting_values const& values, std::string const& data_dir) {
    store_settings out;
    out.url = or_else(values.text("store.url"), "sqlite:" + data_dir + "/cxb.db");
    out.db = values.text("store.db");
    out.redis_url = values.text("redis.url");
    out.objects_url = or_else(values.text("objects.url"), "dir:" + data_dir + "/objects");
    out.objects_access_key = values.secret("objects.access_key");
    out.objects_secret_key = values.secret("objects.secret_key");
    out.vectors_url = values.text("vectors.url");
    return out;
}

fleet_settings make_fleet(setting_values const& values) {
    fleet_settings out;
    out.urls = values.list("fleet.urls");
    out.health_timeout = seconds{values.integer("fleet.health_timeout_seconds")};
    out.dialout_timeout = seconds{values.integer("fleet.dialout_timeout_seconds")};
    out.dispatch_timeout = seconds{values.integer("fleet.dispatch_timeout_seconds")};
    out.widget_timeout = seconds{values.integer("fleet.widget_timeout_seconds")};
    out.snapshot_max_age = milliseconds{values.integer("fleet.snapshot_max_age_ms")};
    out.reservation = seconds{values.integer("fleet.reservation_seconds")};
    out.public_wss_base = values.text("fleet.public_wss_base");
    return out;
}

media_kind media_of(setting_values const& values, bool production) {
    auto const& word = values.text("core.media");
    if (word == "livekit") return media_kind::livekit;
    if (word == "simulated") return media_kind::simulated;
    if (word == "none") return media_kind::none;
    if (!values.text("livekit.url").empty()) return media_kind::livekit;
    return production ? media_kind::none : media_kind::simulated;
}

// The check of the row made sure of the form.
void fill_rtp(std::string const& range, core_settings& out) {
    auto const dash = range.find('-');
    out.rtp_first = static_cast<std::uint16_t>(std::stoi(range.substr(0, dash)));
    out.rtp_last = static_cast<std::uint16_t>(std::stoi(range.substr(dash + 1)));
}

template <class Settings>
checked_settings<Settings> check(unsigned process, settings_source const& source,
                                 Settings (*make)(setting_values const&)) {
    auto loaded = load_settings(process, source);
    checked_settings<Settings> out;
    out.warnings = std::move(loaded.warnings);
    for (auto& one : cross_faults(process, loaded.values))
        loaded.faults.push_back(std::move(one));
    for (auto const& one : loaded.faults)
        out.problems.push_back("fault: " + one.pointer + ": " + one.reason);
    for (auto& line : production_refusals(process, loaded.values))
        out.problems.push_back(std::move(line));
    for (auto& line : setting_warnings(process, loaded.values))
        out.warnings.push_back(std::move(line));
    if (!out.problems.empty()) return out;
    out.settings = make(loaded.values);
    out.settings->file = loaded.file;
    return out;
}

}  // namespace

api_settings make_api_settings(setting_values const& values) {
    api_settings out;
    fill_common(values, out);
    out.data_dir = values.text("data_dir");
    out.http = make_http(values);
    out.store = make_store(values, out.data_dir);
    out.jwt = {values.secret("jwt.secret"), values.secret("jwt.secret_previous"),
               values.text("jwt.algorithm"),
               std::chrono::minutes{values.integer("jwt.expire_minutes")}};
    out.secrets_key = values.secret("secrets.key");
    out.secrets_key_previous = values.secret("secrets.key_previous");
    out.bootstrap = {values.text("bootstrap.admin_email"),
                     values.secret("bootstrap.admin_password"),
                     values.text("bootstrap.admin_name")};
    out.telephony_simulated = values.maybe_boolean("telephony.simulated")
                                  .value_or(!out.production() && out.livekit.url.empty());
    out.phone_region = values.text("phone.default_region");
    out.fleet = make_fleet(values);
    out.config_deadline = milliseconds{values.integer("config.deadline_ms")};
    out.live_prompt_cache = {static_cast<int>(values.integer("live_prompt_cache.prewarm_hour")),
                             static_cast<int>(values.integer("live_prompt_cache.cleanup_hour")),
                             hours{values.integer("live_prompt_cache.ttl_hours")},
                             values.text("live_prompt_cache.timezone")};
    out.jobs = {static_cast<int>(values.integer("jobs.workers")),
                milliseconds{values.integer("jobs.poll_ms")},
                seconds{values.integer("jobs.lease_seconds")}};
    out.loop_lease = seconds{values.integer("loops.lease_seconds")};
    out.clean_up_period = seconds{values.integer("loops.clean_up_seconds")};
    out.push_rotation = hours{values.integer("push.rotation_hours")};
    constexpr double percent = 100;
    out.push_wait_scale = static_cast<double>(values.integer("push.wait_scale_percent")) / percent;
    out.audit_retention = std::chrono::days{values.integer("audit.retention_days")};
    return out;
}

core_settings make_core_settings(setting_values const& values) {
    core_settings out;
    fill_common(values, out);
    out.workers = static_cast<int>(values.integer("core.workers"));
    out.max_concurrent_calls = static_cast<int>(values.integer("core.max_concurrent_calls"));
    out.listen = values.text("core.listen");
    out.socket = values.text("core.socket");
    out.tls_cert = values.text("core.tls_cert");
    out.tls_key = values.text("core.tls_key");
    out.config_url = or_else(values.text("core.config_url"), "http://127.0.0.1:8080/api/v1/config");
    out.config_hosts = values.list("core.config_hosts");
    out.ws_token = values.text("core.ws_auth") == "token";
    out.media = media_of(values, out.production());
    out.outbox_dir = values.text("core.outbox_dir");
    out.drain = seconds{values.integer("core.drain_seconds")};
    out.recordings_dir = values.text("core.recordings_dir");
    out.recordings_keep = hours{values.integer("core.recordings_keep_hours")};
    out.tts_cache_dir = values.text("core.tts_cache_dir");
    out.tts_cache_bytes =
        values.integer("core.tts_cache_mib") * static_cast<std::int64_t>(limits::mib);
    out.post_call = seconds{values.integer("core.post_call_seconds")};
    out.sim_seed = static_cast<std::uint64_t>(values.integer("core.sim_seed"));
    out.sim_fast = values.boolean("core.sim_fast");
    out.sim_scripts_dir = values.text("core.sim_scripts_dir");
    out.stt_fallback = values.text("core.stt_fallback");
    out.llm_fallback = values.text("core.llm_fallback");
    out.tts_fallback = values.text("core.tts_fallback");
    out.preload = values.list("core.preload");
    out.sip_bind = values.text("sip.bind");
    out.sip_allow = values.list("sip.allow");
    fill_rtp(values.text("sip.rtp_ports"), out);
    return out;
}

checked_settings<api_settings> load_api_settings(settings_source const& source) {
    return check(for_api, source, &make_api_settings);
}
checked_settings<core_settings> load_core_settings(settings_source const& source) {
    return check(for_core, source, &make_core_settings);
}

result<void> prepare_folder(std::string const& path) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    auto probe = path + "/.write-XXXXXX";
    int const file = failed ? -1 : ::mkstemp(probe.data());
    if (file < 0) return error{errc::unavailable, "Folder is not writable"}.with_note({path});
    ::close(file);
    ::unlink(probe.c_str());
    return {};
}

result<secret> development_jwt_secret(std::string const& data_dir) {
    auto const path = data_dir + "/dev-jwt";
    std::string raw(32, '\0');
    system_random().fill(std::as_writable_bytes(std::span(raw)));
    auto const text = to_base64(raw);
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        auto const written = ::write(file, text.data(), text.size());
        ::close(file);
        if (written == static_cast<ssize_t>(text.size())) return secret(text);
        ::unlink(path.c_str());
    } else if (errno == EEXIST) {
        std::ifstream in(path, std::ios::binary);
        std::string kept{std::istreambuf_iterator<char>(in), {}};
        if (kept.size() >= 32) return secret(std::move(kept));
    }
    return error{errc::unavailable, "The development token secret cannot be kept"}.with_note(
        {path});
}

}  // namespace cxb::server
