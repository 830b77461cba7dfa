#include "server/common/settings/setting.hpp"
#include "server/common/settings/setting_checks.hpp"

namespace cxb::server {
namespace {

using namespace setting_checks;

template <class T>
constexpr setting with(setting row, T setting::* column, T value) {
    row.*column = value;
    return row;
}

// One row being written: `text_row(path, default, sentence).core().range(1, 9)`.
class entry {
  public:
    constexpr entry(setting row) : row_(row) {}  // NOLINT(google-explicit-constructor)
    constexpr entry core() const { return with(row_, &setting::used_by, for_core); }
    constexpr entry both() const { return with(row_, &setting::used_by, for_both); }
    constexpr entry hidden() const { return with(row_, &setting::secret, true); }
    constexpr entry one_of(std::string_view words) const {
        return with(row_, &setting::words, words);
    }
    constexpr entry alias(std::string_view names) const {
        return with(row_, &setting::aliases, names);
    }
    constexpr entry rule(text_check check) const { return with(row_, &setting::check, check); }
    constexpr entry range(std::int64_t low, std::int64_t high) const {
        return with(with(row_, &setting::low, low), &setting::high, high);
    }
    constexpr operator setting() const { return row_; }  // NOLINT(google-explicit-constructor)

  private:
    setting row_;
};

using sv = std::string_view;
constexpr entry text_row(sv path, sv fallback, sv doc) {
    return setting{path, setting_kind::text, fallback, doc};
}
constexpr entry integer_row(sv path, sv fallback, sv doc) {
    return setting{path, setting_kind::integer, fallback, doc};
}
constexpr entry boolean_row(sv path, sv fallback, sv doc) {
    return setting{path, setting_kind::boolean, fallback, doc};
}
constexpr entry list_row(sv path, sv fallback, sv doc) {
    return setting{path, setting_kind::list, fallback, doc};
}
constexpr entry document_row(sv path, sv fallback, sv doc) {
    return setting{path, setting_kind::document, fallback, doc};
}

constexpr setting rows[] = {
    text_row("env", "development", "Kind of installation; production refuses weak set-ups")
        .both()
        .one_of("development|test|production"),
    text_row("data_dir", "./data", "Folder for everything this process keeps; must be writable"),

    text_row("http.bind", "127.0.0.1", "Address to listen on").rule(ip_text),
    integer_row("http.port", "8080", "Port to listen on; 0 = any free port").range(0, 65535),
    integer_row("http.threads", "0", "Event loops; 0 = one per processor").range(0, 256),
    text_row("http.public_url", "",
             "Base of links given to CRMs and browsers; required in production; empty = scheme and "
             "host of the request at hand"),
    text_row(
        "http.internal_url", "",
        "Base of webhook_url and config_url in private networks; empty = as the worker reached us")
        .rule(base_url),
    list_row("http.trusted_proxies", "", "CIDRs whose X-Forwarded-For, -Proto and -Host count")
        .rule(cidr_text),
    text_row("http.tls_cert", "",
             "PEM certificate chain; with tls_key: HTTPS on the port; read again on SIGHUP"),
    text_row("http.tls_key", "", "PEM private key"),
    text_row("http.ca_file", "", "PEM roots for outgoing TLS; empty = the system's"),
    list_row("http.cors_origins", "",
             "Exact origins that may call from browsers; empty = same origin only")
        .rule(origin_text),
    integer_row("http.request_timeout_seconds", "30",
                "Deadline of a request unless its route has another")
        .range(1, 600),
    integer_row("http.shutdown_grace_seconds", "20",
                "Time running requests get when the process stops")
        .range(0, 600),

    text_row("store.url", "",
             "Document store: empty = sqlite:{data_dir}/cxb.db, or sqlite:PATH, or mongodb://...")
        .hidden()
        .rule(store_url),
    text_row("store.db", "cxb", "Database name of a remote store").alias("MONGODB_DB"),
    text_row("redis.url", "",
             "Redis shared by several cxb-api: redis://[user:password@]host:port/db or "
             "unix:///path?db=N; empty = one process alone")
        .hidden()
        .rule(redis_url),
    text_row(
        "objects.url", "",
        "Object store: empty = dir:{data_dir}/objects, dir:PATH, or s3://bucket?endpoint=&region=")
        .rule(objects_url),
    text_row("objects.access_key", "", "Access key of the object store").hidden(),
    text_row("objects.secret_key", "", "Secret key of the object store").hidden(),
    text_row("vectors.url", "", "Vector store: empty = embedded, or http(s)://... of Qdrant")
        .rule(optional_http_url),

    text_row("jwt.secret", "",
             "Signs the tokens of people; at least 32 bytes in production; outside production "
             "empty = made once and kept in {data_dir}/dev-jwt")
        .hidden()
        .alias("JWT_SECRET"),
    text_row("jwt.secret_previous", "", "Also accepted while secrets are rotated").hidden(),
    text_row("jwt.algorithm", "HS256", "Signature of tokens; no other is accepted")
        .one_of("HS256|HS384|HS512"),
    integer_row("jwt.expire_minutes", "480", "Life of a token").range(5, 10080),

    text_row("core.secret", "",
             "Shared secret of all our processes; at least 32 bytes in production, outside it "
             "empty = dev-secret; read again on SIGHUP")
        .both()
        .hidden()
        .alias("CXBCORE_SECRET VOXCORE_SECRET"),
    text_row("core.secret_previous", "",
             "Also accepted while the shared secret is rotated; read again on SIGHUP")
        .both()
        .hidden(),
    integer_row("core.workers", "16", "Worker processes of this host, one call each")
        .core()
        .range(1, 256)
        .alias("CXBCORE_WORKERS VOXCORE_WORKERS"),
    integer_row("core.max_concurrent_calls", "1",
                "Calls per worker; other values than 1 are refused in production")
        .core()
        .range(1, 64)
        .alias("MAX_CONCURRENT_CALLS"),
    text_row("core.listen", "127.0.0.1:8001",
             "Address and port of the front; port 0 = any free one")
        .core()
        .rule(address_and_port),
    text_row("core.socket", "/tmp/cxbcore_{id}.sock", "Unix socket of each worker; must hold {id}")
        .core()
        .rule(socket_path),
    text_row("core.tls_cert", "", "PEM certificate chain of the front; with tls_key: HTTPS").core(),
    text_row("core.tls_key", "", "PEM private key of the front").core(),
    text_row("core.config_url", "",
             "Where calls fetch their config unless told otherwise; required in production, "
             "outside it empty = http://127.0.0.1:8080/api/v1/config")
        .core()
        .alias("CXB_API_CONFIG_URL VOXBRIDGE_CONFIG_URL")
        .rule(optional_http_url),
    list_row("core.config_hosts", "", "Hosts a config_url may name; empty = any")
        .core()
        .alias("CXB_CONFIG_HOSTS"),
    text_row("core.ws_auth", "off", "token: media WebSockets need ?t=")
        .core()
        .one_of("off|token")
        .alias("CXB_WS_AUTH"),
    text_row("core.media", "",
             "Rooms: livekit, simulated or none; empty = livekit if livekit.url is set, else "
             "simulated outside production, else none")
        .core()
        .one_of("livekit|simulated|none"),
    text_row("core.outbox_dir", "/var/lib/cxb/outbox", "Folder of results not yet delivered")
        .core()
        .alias("CXB_OUTBOX_DIR"),
    integer_row("core.drain_seconds", "660", "Time running calls get when the process stops")
        .core()
        .range(0, 86400)
        .alias("CXB_DRAIN_SECONDS"),
    text_row("core.recordings_dir", "/var/lib/cxb/recordings",
             "Folder of recordings until they are uploaded")
        .core(),
    integer_row("core.recordings_keep_hours", "48", "How long an uploaded recording stays here")
        .core()
        .range(0, 8760),
    text_row("core.tts_cache_dir", "/var/cache/cxb/tts",
             "Folder of spoken sentences kept for reuse")
        .core(),
    integer_row("core.tts_cache_mib", "256", "Size of that folder; 0 = nothing is kept")
        .core()
        .range(0, 1048576),
    integer_row("core.post_call_seconds", "60",
                "Time analysis and quality control get after a call")
        .core()
        .range(10, 300),
    integer_row("core.sim_seed", "1", "Seed of simulated parties; not in production")
        .core()
        .range(0, 9007199254740991),
    boolean_row("core.sim_fast", "false",
                "Simulated calls run on a clock that jumps; not in production")
        .core(),
    text_row("core.sim_scripts_dir", "", "Folder of scripts for simulated parties").core(),
    document_row("core.stt_fallback", "",
                 "Provider block used when a call's own speech recognition is unknown")
        .core(),
    document_row("core.llm_fallback", "", "Provider block used when a call's own model is unknown")
        .core(),
    document_row("core.tts_fallback", "", "Provider block used when a call's own voice is unknown")
        .core(),
    list_row("core.preload", "",
             "Local models loaded before a worker says ready: pocketsphinx, flite")
        .core()
        .rule(preload_word),

    text_row("sip.bind", "", "Address and port of direct SIP; empty = off")
        .core()
        .rule(optional_address_and_port),
    list_row("sip.allow", "", "CIDRs that may call by SIP").core().rule(cidr_text),
    text_row("sip.rtp_ports", "20000-20999", "Ports for RTP").core().rule(port_range),

    text_row("secrets.key", "",
             "Encrypts secrets at rest: base64 of 32 bytes; empty = stored as they are")
        .hidden()
        .rule(aes_key),
    text_row("secrets.key_previous", "", "Still readable while the key is rotated")
        .hidden()
        .rule(aes_key),
    text_row("bootstrap.admin_email", "",
             "Email of the first super_admin, made at the first start"),
    text_row("bootstrap.admin_password", "", "Password of the first super_admin").hidden(),
    text_row("bootstrap.admin_name", "Administrator", "Name of the first super_admin"),

    text_row("livekit.url", "", "LiveKit server").both().alias("LIVEKIT_URL").rule(livekit_url),
    text_row("livekit.api_key", "", "API key of the LiveKit server")
        .both()
        .alias("LIVEKIT_API_KEY"),
    text_row("livekit.api_secret", "", "API secret of the LiveKit server")
        .both()
        .hidden()
        .alias("LIVEKIT_API_SECRET"),
    boolean_row("telephony.simulated", "",
                "Simulated carrier; not set = outside production without livekit.url; refused in "
                "production"),
    text_row("phone.default_region", "IN",
             "Region of numbers written without country code (ISO 3166 alpha-2)")
        .rule(region_code),

    list_row("fleet.urls", "", "Core hosts, used only while the stored list is empty")
        .alias("FLEET_URLS")
        .rule(fleet_url),
    integer_row("fleet.health_timeout_seconds", "20",
                "Wait for a host's health; a busy host may need 3-6 s")
        .range(1, 120),
    integer_row("fleet.dialout_timeout_seconds", "60", "Wait for a host to accept a dialout")
        .range(1, 300),
    integer_row("fleet.dispatch_timeout_seconds", "10", "Wait for a host to accept an inbound call")
        .range(1, 120),
    integer_row("fleet.widget_timeout_seconds", "10", "Wait for a host to accept a widget call")
        .range(1, 120),
    integer_row("fleet.snapshot_max_age_ms", "1000",
                "How old a health snapshot may be when a host is chosen")
        .range(0, 60000),
    integer_row("fleet.reservation_seconds", "15", "How long a chosen slot is held for its call")
        .range(1, 300),
    text_row("fleet.public_wss_base", "", "Public base of the media WebSockets").rule(wss_url),

    integer_row("config.deadline_ms", "4500",
                "Whole build of a runtime config with its pre-fetch; a worker gives up after 5 s")
        .range(500, 60000),
    integer_row("live_prompt_cache.prewarm_hour", "7", "Local hour at which prompt caches are made")
        .range(0, 23),
    integer_row("live_prompt_cache.cleanup_hour", "23",
                "Local hour at which unused prompt caches are removed")
        .range(0, 23),
    integer_row("live_prompt_cache.ttl_hours", "25", "Life of a prompt cache").range(1, 168),
    text_row("live_prompt_cache.timezone", "Asia/Kolkata", "Zone of these hours").rule(zone_name),
    integer_row("jobs.workers", "4", "Claim loops for after-effects, up to 16 jobs at once each")
        .range(1, 64),
    integer_row("jobs.poll_ms", "1000", "How often a claim loop looks without being woken")
        .range(10, 60000),
    integer_row("jobs.lease_seconds", "60", "How long a job belongs to its worker").range(5, 3600),
    integer_row("loops.lease_seconds", "90",
                "How long a loop that one process runs for all belongs to it")
        .range(5, 600),
    integer_row("loops.clean_up_seconds", "600",
                "Wait between two looks for what is to be removed (retention, what has expired)")
        .range(1, 86400),
    integer_row("push.rotation_hours", "24", "How long a replaced signing secret signs along")
        .range(1, 168),
    integer_row("push.wait_scale_percent", "100",
                "Waits between push attempts; other than 100 only outside production, for tests")
        .range(0, 100),
    list_row(
        "guard.allow", "",
        "Targets the outbound guard lets through: host, *.suffix or CIDR, each with optional :port")
        .both()
        .rule(guard_entry),
    integer_row("audit.retention_days", "400", "How long audit rows are kept; 0 = for ever")
        .range(0, 36500),
    text_row("log.level", "info", "Least level that is written")
        .both()
        .one_of("debug|info|warn|error|off"),
    text_row("log.format", "json", "json = one object a line, text = readable")
        .both()
        .one_of("json|text"),
};

constexpr std::string_view foreign_paths[] = {"agent_desk.", "edge.",    "admin.token",
                                              "knowledge.",  "console.", "campaign.",
                                              "phone.check", "dialler."};

// Variables that are no settings: the command line's, and what tests look at.
constexpr std::string_view other_variables[] = {"CXB_CONFIG", "CXB_URL", "CXB_TOKEN",
                                                "CXB_API_KEY"};

std::vector<std::string> split_blank(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const blank = text.find(' ');
        out.emplace_back(text.substr(0, blank));
        text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    }
    return out;
}

}  // namespace

std::span<setting const> all_settings() noexcept {
    return rows;
}

setting const* find_setting(std::string_view path) noexcept {
    for (auto const& row : rows)
        if (row.path == path) return &row;
    return nullptr;
}

std::string env_name(std::string_view path) {
    std::string out = "CXB_";
    for (char const c : path)
        out.push_back(c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 32) : c);
    return out;
}

std::vector<std::string> env_names(setting const& row) {
    std::vector<std::string> out{env_name(row.path)};
    for (auto& alias : split_blank(row.aliases))
        out.push_back(std::move(alias));
    return out;
}

bool is_foreign_path(std::string_view path) noexcept {
    for (auto const& known : foreign_paths) {
        bool const section = known.back() == '.';
        auto const bare = section ? known.substr(0, known.size() - 1) : known;
        if (path == bare || path.substr(0, bare.size() + 1) == std::string(bare) + '.') return true;
    }
    return false;
}

bool is_known_variable(std::string_view name) {
    for (auto const& known : other_variables)
        if (name == known) return true;
    if (name.substr(0, 9) == "CXB_TEST_") return true;
    for (auto const& row : rows)
        for (auto const& known : env_names(row))
            if (name == known || (row.secret && name == known + "_FILE")) return true;
    for (auto const& known : foreign_paths) {
        auto const prefix = env_name(known);
        if (name == prefix || (known.back() == '.' && name.substr(0, prefix.size()) == prefix) ||
            name == prefix + "_FILE")
            return true;
    }
    return false;
}

}  // namespace cxb::server
