// Settings: order of the sources, faults, typed views (spec 20 §1, 80 §1).
#include <set>

#include "server/common/settings/example_yaml.hpp"
#include "server/common/settings/setting_rules.hpp"
#include "server/server_common/settings_kit.hpp"

namespace cxb::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

using Settings = SettingsTest;

TEST_F(Settings, DefaultsNeedNothing) {
    auto const at = api();
    EXPECT_EQ(at.env, installation::development);
    EXPECT_EQ(at.http.bind, "127.0.0.1");
    EXPECT_EQ(at.http.port, 8080);
    EXPECT_EQ(at.http.request_timeout, 30s);
    EXPECT_EQ(at.store.url, "sqlite:./data/cxb.db");
    EXPECT_EQ(at.store.objects_url, "dir:./data/objects");
    EXPECT_EQ(at.jwt.algorithm, "HS256");
    EXPECT_EQ(at.jwt.expire, 480min);
    EXPECT_EQ(at.core_secret.current.reveal(), "dev-secret");
    EXPECT_TRUE(at.telephony_simulated);
    EXPECT_EQ(at.phone_region, "IN");
    EXPECT_EQ(at.fleet.health_timeout, 20s);
    EXPECT_EQ(at.fleet.dialout_timeout, 60s);
    EXPECT_EQ(at.config_deadline, 4500ms);
    EXPECT_EQ(at.live_prompt_cache.timezone, "Asia/Kolkata");
    EXPECT_EQ(at.jobs.workers, 4);
    EXPECT_EQ(at.audit_retention, std::chrono::days{400});
    EXPECT_EQ(at.log.level, log_level::info);
    EXPECT_EQ(at.log.format, log_format::json);
    auto const worker = core();
    EXPECT_EQ(worker.workers, 16);
    EXPECT_EQ(worker.max_concurrent_calls, 1);
    EXPECT_EQ(worker.listen, "127.0.0.1:8001");
    EXPECT_EQ(worker.config_url, "http://127.0.0.1:8080/api/v1/config");
    EXPECT_EQ(worker.media, media_kind::simulated);
    EXPECT_EQ(worker.drain, 660s);
    EXPECT_EQ(worker.tts_cache_bytes, 256LL * 1024 * 1024);
    EXPECT_EQ(worker.rtp_first, 20000);
    EXPECT_EQ(worker.rtp_last, 20999);
    EXPECT_EQ(worker.core_secret.current.reveal(), "dev-secret");
}

TEST_F(Settings, EnvironmentWinsOverYamlWinsOverDefaults) {
    yaml(
        "http:\n  port: 9000\n  bind: 0.0.0.0\n  trusted_proxies: [10.0.0.0/8, '::1']\n"
        "fleet:\n  urls:\n    - http://core-1:8001\n");
    env("CXB_HTTP_PORT", "0");
    env("CXB_HTTP_CORS_ORIGINS", "https://a.example.com, https://b.example.com:8443");
    auto const at = api();
    EXPECT_EQ(at.http.port, 0);
    EXPECT_EQ(at.http.bind, "0.0.0.0");
    EXPECT_THAT(at.http.trusted_proxies, ElementsAre("10.0.0.0/8", "::1"));
    EXPECT_THAT(at.http.cors_origins,
                ElementsAre("https://a.example.com", "https://b.example.com:8443"));
    EXPECT_THAT(at.fleet.urls, ElementsAre("http://core-1:8001"));
    env("CXB_HTTP_PORT", "");  // empty counts as not set
    EXPECT_EQ(api().http.port, 9000);
}

TEST_F(Settings, RedisIsOneUrlThatIsReadAtOnce) {
    env("CXB_JWT_SECRET", strong_a);
    env("CXB_REDIS_URL", "redis://:hidden-word@cache:6379/2");
    EXPECT_EQ(api().store.redis_url, "redis://:hidden-word@cache:6379/2");
    EXPECT_THAT(warnings, IsEmpty());
    env("CXB_REDIS_URL", "unix:///run/redis.sock?db=1");
    EXPECT_EQ(api().store.redis_url, "unix:///run/redis.sock?db=1");
    EXPECT_EQ(api().loop_lease, 90s);
    env("CXB_JWT_SECRET", "");
    (void)api();
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("jwt.secret: several cxb-api need the same")));
    for (auto const& [url, reason] : {std::pair{"rediss://:hidden-word@cache", "no TLS"},
                                      {"redis://cache:x", "the port must be"},
                                      {"redis://cache/9999", "the database must be"},
                                      {"cache:6379", "must be redis://"}}) {
        env("CXB_REDIS_URL", url);
        auto const problems = api_problems();
        ASSERT_EQ(problems.size(), 1U) << url;
        EXPECT_THAT(problems.front(), HasSubstr(reason));
        EXPECT_TRUE(problems.front().starts_with("fault: redis.url: ")) << problems.front();
        EXPECT_EQ(problems.front().find("hidden-word"), std::string::npos);
    }
}

TEST_F(Settings, TheFileIsLookedForInOrder) {
    write("etc.yaml", "log: {level: error}");
    EXPECT_EQ(api().log.level, log_level::error);
    yaml("log: {level: warn}");
    EXPECT_EQ(api().log.level, log_level::warn);
    env("CXB_CONFIG", write("named.yaml", "log: {level: debug}"));
    EXPECT_EQ(api().log.level, log_level::debug);
    source.config_path = write("option.yaml", "log: {level: 'off'}");
    EXPECT_EQ(api().log.level, log_level::off);
    EXPECT_EQ(api().file, source.config_path);
    source.config_path = (folder / "missing.yaml").string();
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("missing.yaml: cannot be opened")));
}

// 20-3
TEST_F(Settings, AllFaultsAreNamedTogether) {
    yaml(
        "http:\n  port: 99999\n  prot: 1\n  trusted_proxies: [10.0.0.0/8, nonsense]\n"
        "jwt:\n  algorithm: none\nfleet: 7\nmystery: 1\nguard: {allow: 'a b'}\n"
        "core:\n  workers: {a: 1}\n");
    env("CXB_JOBS_POLL_MS", "soon");
    EXPECT_THAT(
        api_problems(),
        UnorderedElementsAre(
            "fault: http.port: must be an integer from 0 to 65535",
            "fault: http.prot: unknown setting",
            "fault: http.trusted_proxies: entry 2 must be an IP address or a CIDR block",
            "fault: jwt.algorithm: must be one of HS256, HS384, HS512",
            "fault: fleet: must be a map", "fault: mystery: unknown setting",
            "fault: guard.allow: entry 1 must be a host, *.suffix or CIDR, each with optional "
            ":port",
            "fault: jobs.poll_ms: must be an integer from 10 to 60000 (CXB_JOBS_POLL_MS)"));
}

TEST_F(Settings, UnreadableYamlNamesTheLine) {
    yaml("http:\n  port: [1\n");
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("cxb.yaml: line ")));
    yaml("http: {port: 1}\nhttp: {port: 2}\n");
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("key twice")));
    yaml("- a\n");
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("must be a map")));
    yaml("");
    EXPECT_THAT(api_problems(), IsEmpty());
    yaml("http:\nlog: ~\n");
    EXPECT_THAT(api_problems(), IsEmpty());
}

TEST_F(Settings, EachProcessChecksItsOwnAndKnowsTheOthers) {
    yaml(
        "core: {workers: 0, tts_fallback: 7}\njwt: {expire_minutes: 1}\n"
        "agent_desk: {anything: {goes: 1}}\nphone: {check: x}\ndialler: {a: 1}\n");
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("jwt.expire_minutes")));
    EXPECT_THAT(core_problems(),
                UnorderedElementsAre(HasSubstr("core.workers"), HasSubstr("core.tts_fallback")));
}

TEST_F(Settings, UnknownVariablesAreWarnedAboutByName) {
    env("CXB_HTPP_PORT", "hidden-value");
    env("CXB_AGENT_DESK_ANYTHING", "1");
    env("CXB_URL", "http://x");
    env("CXB_TEST_MONGODB_URL", "x");
    env("CXB_CORE_SECRET_FILE", "");
    (void)api();
    EXPECT_THAT(warnings, ElementsAre("unknown variable CXB_HTPP_PORT"));
}

TEST_F(Settings, AliasesAndTheirDifferences) {
    env("CXBCORE_SECRET", "from-alias");
    env("JWT_SECRET", "jwt-alias");
    env("MONGODB_DB", "other");
    env("LIVEKIT_URL", "wss://lk.example.com");
    env("FLEET_URLS", "http://a:1,http://b:2");
    auto at = api();
    EXPECT_EQ(at.core_secret.current.reveal(), "from-alias");
    EXPECT_EQ(at.jwt.current.reveal(), "jwt-alias");
    EXPECT_EQ(at.store.db, "other");
    EXPECT_EQ(at.livekit.url, "wss://lk.example.com");
    EXPECT_FALSE(at.telephony_simulated);
    EXPECT_EQ(at.fleet.urls.size(), 2U);
    EXPECT_THAT(warnings, IsEmpty());
    EXPECT_EQ(core().media, media_kind::livekit);
    env("CXB_CORE_SECRET", "from-name");
    env("VOXCORE_SECRET", "third");
    at = api();
    EXPECT_EQ(at.core_secret.current.reveal(), "from-name");
    EXPECT_THAT(warnings,
                ElementsAre("CXB_CORE_SECRET and CXBCORE_SECRET differ; CXB_CORE_SECRET is used",
                            "CXB_CORE_SECRET and VOXCORE_SECRET differ; CXB_CORE_SECRET is used"));
    env("CXBCORE_SECRET", "from-name");
    env("VOXCORE_SECRET", "from-name");
    (void)api();
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(Settings, SecretsMayComeFromFiles) {
    env("CXB_JWT_SECRET_FILE", write("jwt", strong_a + "\n"));
    env("VOXCORE_SECRET_FILE", write("core", strong_b));
    auto const at = api();
    EXPECT_EQ(at.jwt.current.reveal(), strong_a);
    EXPECT_EQ(at.core_secret.current.reveal(), strong_b);
    env("CXB_JWT_SECRET_FILE", (folder / "none").string());
    EXPECT_THAT(api_problems(),
                ElementsAre("fault: jwt.secret: file cannot be read (CXB_JWT_SECRET_FILE)"));
}

TEST_F(Settings, PairsGoTogether) {
    env("CXB_HTTP_TLS_CERT", "/x.pem");
    env("CXB_BOOTSTRAP_ADMIN_EMAIL", "a@example.com");
    EXPECT_THAT(api_problems(),
                UnorderedElementsAre("fault: http.tls_key: must be set together with http.tls_cert",
                                     "fault: bootstrap.admin_password: must be set together with "
                                     "bootstrap.admin_email"));
    env("CXB_CORE_TLS_KEY", "/x.key");
    EXPECT_THAT(core_problems(),
                ElementsAre("fault: core.tls_cert: must be set together with core.tls_key"));
}

TEST_F(Settings, AFirstAdminWhoCannotBeMadeIsToldBeforeTheFirstStart) {
    env("CXB_BOOTSTRAP_ADMIN_EMAIL", "a@@example.com");
    env("CXB_BOOTSTRAP_ADMIN_PASSWORD", "short");
    EXPECT_THAT(api_problems(),
                UnorderedElementsAre("fault: bootstrap.admin_email: not an email address",
                                     "fault: bootstrap.admin_password: must be 10 to 256 bytes"));
    env("CXB_BOOTSTRAP_ADMIN_EMAIL", "Somebody@Example.com");
    env("CXB_BOOTSTRAP_ADMIN_PASSWORD", "somebody@example.com");
    EXPECT_THAT(api_problems(),
                ElementsAre("fault: bootstrap.admin_password: must differ from the email"));
    env("CXB_BOOTSTRAP_ADMIN_PASSWORD", "a-fine-password");
    EXPECT_THAT(api_problems(), IsEmpty());
    EXPECT_THAT(core_problems(), IsEmpty());
}

TEST_F(Settings, NoProblemEverShowsAValue) {
    production();
    env("CXB_CORE_SECRET", "topsecretvalue");
    env("CXBCORE_SECRET", "othersecretvalue");
    env("CXB_SECRETS_KEY", "keysecretvalue");
    env("CXB_STORE_URL", "http://urlsecretvalue");
    auto const checked = load_api_settings(source);
    EXPECT_FALSE(checked.problems.empty());
    EXPECT_FALSE(checked.warnings.empty());
    for (auto const& line : checked.problems)
        EXPECT_THAT(line, Not(HasSubstr("secretvalue")));
    for (auto const& line : checked.warnings)
        EXPECT_THAT(line, Not(HasSubstr("secretvalue")));
}

TEST_F(Settings, MoreThanSixteenWorkersAreWarnedAbout) {
    env("CXBCORE_WORKERS", "17");
    EXPECT_EQ(core().workers, 17);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("core.workers")));
}

TEST_F(Settings, DocumentsAreMapsOrJsonText) {
    yaml("core:\n  tts_fallback: {provider: flite, speed: 1.5, on: true, tags: [a]}\n");
    env("CXB_CORE_STT_FALLBACK", R"({"provider":"pocketsphinx"})");
    auto const at = core();
    EXPECT_EQ(at.tts_fallback, R"({"provider":"flite","speed":1.5,"on":true,"tags":["a"]})");
    EXPECT_EQ(at.stt_fallback, R"({"provider":"pocketsphinx"})");
    env("CXB_CORE_STT_FALLBACK", "flite");
    EXPECT_THAT(core_problems(), ElementsAre(HasSubstr("must be a JSON object")));
}

TEST_F(Settings, TheExampleMeansTheDefaults) {
    auto const text = example_yaml();
    yaml(text);
    auto const loaded = load_settings(for_both, source);
    EXPECT_TRUE(loaded.faults.empty());
    source.working_dir = "/nonexistent";
    auto const defaults = load_settings(for_both, source);
    for (auto const& row : all_settings()) {
        EXPECT_EQ(loaded.values.at(row.path).value, defaults.values.at(row.path).value) << row.path;
        EXPECT_THAT(text, HasSubstr(std::string(row.doc.substr(0, 20)))) << row.path;
        EXPECT_THAT(text, HasSubstr(env_name(row.path)));
    }
    std::size_t start = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
        EXPECT_LE(end - start, 100U);
        start = end + 1;
    }
}

TEST_F(Settings, EveryRowIsReadByItsProcess) {
    auto const loaded = load_settings(for_both, source);
    (void)make_api_settings(loaded.values);
    auto const by_api = loaded.values.asked();
    auto const again = load_settings(for_both, source);
    (void)make_core_settings(again.values);
    auto const by_core = again.values.asked();
    std::set<std::string> names;
    for (auto const& row : all_settings()) {
        EXPECT_EQ(by_api.contains(row.path), (row.used_by & for_api) != 0) << row.path;
        EXPECT_EQ(by_core.contains(row.path), (row.used_by & for_core) != 0) << row.path;
        EXPECT_FALSE(row.doc.empty());
        for (auto const& name : env_names(row))
            EXPECT_TRUE(names.insert(name).second) << name;
    }
}

TEST(SettingValues, WrongKindOrNameIsABug) {
    setting_values values;
    values.put("a", {.value = std::int64_t{1}});
    EXPECT_THROW((void)values.text("a"), std::logic_error);
    EXPECT_THROW((void)values.text("b"), std::logic_error);
}

TEST_F(Settings, FoldersAreMadeAndProved) {
    auto const path = (folder / "a/b").string();
    EXPECT_TRUE(prepare_folder(path));
    EXPECT_TRUE(std::filesystem::is_empty(path));
    EXPECT_EQ(prepare_folder("/proc/nothing/here").error().code(), errc::unavailable);
}

TEST_F(Settings, TheDevelopmentTokenSecretSurvivesARestart) {
    auto const first = development_jwt_secret(folder.path().string());
    auto const second = development_jwt_secret(folder.path().string());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->reveal(), second->reveal());
    EXPECT_GE(first->size(), 32U);
    struct stat facts{};
    ASSERT_EQ(::stat((folder / "dev-jwt").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    EXPECT_FALSE(development_jwt_secret((folder / "none").string()));
    write("dev-jwt", "cut");
    EXPECT_FALSE(development_jwt_secret(folder.path().string()));
}

}  // namespace
}  // namespace cxb::server
