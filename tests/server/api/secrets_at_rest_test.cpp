// Secrets at rest (spec 20 §3.5): what lies in the store, and what happens when the key changes.
#include <thread>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/secret_box.hpp"
#include "server/api/instances_fixture.hpp"
#include "server/api/settings_kit.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

secret const first_key(to_base64(std::string(32, '1')));
secret const second_key(to_base64(std::string(32, '2')));
secret const third_key(to_base64(std::string(32, '3')));

// All secrets of these tests begin so; nothing else does.
constexpr char const* mark = "hush-hush-";

json_object secret_bot() {
    return {{"llm", {{"provider", "openai"}, {"model", "m"}, {"api_key", "hush-hush-llm"}}},
            {"pre_call_fetch",
             {{"enabled", false},
              {"url", "https://crm.example.com/x"},
              {"auth", {{"type", "bearer"}, {"token", "hush-hush-token"}}},
              {"headers", {{"X-Api-Key", "hush-hush-header"}, {"X-Plain", "seen"}}}}},
            {"post_call_push",
             {{"url", "https://crm.example.com/y"},
              {"sign", true},
              {"auth", {{"type", "basic"}, {"username", "u"}, {"password", "hush-hush-pass"}}}}}};
}

struct SecretsAtRest : settings_test {
    void SetUp() override { use(first_key); }
    void use(secret const& key, secret const& previous = {}) {
        settings.secrets_key = key;
        settings.secrets_key_previous = previous;
    }
    std::string fill() {
        EXPECT_EQ(put("api-keys", {{"openai", "hush-hush-openai"}}).status, 200);
        EXPECT_EQ(
            put("minio", {{"access_key", "hush-hush-access"}, {"secret_key", "hush-hush-secret"}})
                .status,
            200);
        EXPECT_EQ(put("knowledge", {{"vectordb_api_key", "hush-hush-qdrant"}}).status, 200);
        EXPECT_EQ(put("voice-defaults",
                      {{"stt", {{"provider", "deepgram"}, {"api_key", "hush-hush-stt"}}}})
                      .status,
                  200);
        auto const bot = make_bot(secret_bot());
        EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot, json_object{{"description", "two"}}).status,
                  200);
        return bot;
    }
    void expect_served(std::string const& bot) {
        auto const got = config(bot);
        EXPECT_EQ(got.text("llm.api_key"), "hush-hush-llm");
        EXPECT_EQ(got.text("stt.api_key"), "hush-hush-stt");
        auto const shown_now = shown();
        EXPECT_EQ(shown_now.text("minio.secret_key"), "hush••••••cret");
        EXPECT_EQ(shown_now.text("api_keys.openai"), "hush••••••enai");
    }
    // The database and what stands beside it, byte by byte.
    std::string store_bytes() {
        std::string out;
        for (auto const* tail : {"", "-wal"})
            out += cxb::test::read_file(settings.data_dir + "/cxb.db" + tail);
        EXPECT_FALSE(out.empty());
        return out;
    }
    cxb::test::run_outcome command(std::string const& verb, secret const& key,
                                   secret const& previous = {}) {
        std::vector<std::string> words{std::string(CXB_BINARY_DIR) + "/bin/cxb-api", verb};
        if (verb != "serve") words.emplace_back("--json");
        return cxb::test::run_program(words, {{"CXB_DATA_DIR", settings.data_dir},
                                              {"CXB_STORE_URL", settings.store.url},
                                              {"CXB_SECRETS_KEY", key.reveal()},
                                              {"CXB_SECRETS_KEY_PREVIOUS", previous.reveal()}});
    }
    std::size_t sealed_with(std::string_view key_id) {
        auto const found =
            sql("select doc from system_settings union all select doc from bots union all "
                "select doc from bot_versions");
        std::string const wanted = std::string(domain::sealed_prefix) + std::string(key_id) + ":";
        std::size_t out = 0;
        for (auto at = found.find(wanted); at != std::string::npos; at = found.find(wanted, at + 1))
            ++out;
        return out;
    }
};

std::string id_of(secret const& key) {
    return std::string(domain::secret_box::make(key, {}).value().key_id());
}

TEST_F(SecretsAtRest, NoneIsInTheStoreOrTheLog) {
    settings.log.level = server::log_level::debug;
    ::testing::internal::CaptureStderr();
    start();
    auto const bot = fill();
    auto const push_secret =
        admin("POST", "/api/v1/bots/" + bot + "/push-secret/rotate").text("secret");
    EXPECT_FALSE(push_secret.empty());
    expect_served(bot);
    EXPECT_EQ(put("minio", {{"secret_key", "hush•wrong"}}).status, 422);
    auto const while_open = store_bytes();
    restart();
    expect_served(bot);
    stop();
    auto const log = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("\"ready\""), std::string::npos) << "the log was caught";
    for (auto const& text : {while_open, store_bytes(), log}) {
        EXPECT_EQ(text.find(mark), std::string::npos) << text.substr(text.find(mark) - 100, 150);
        EXPECT_EQ(text.find(push_secret), std::string::npos);
    }
    EXPECT_NE(while_open.find("X-Plain"), std::string::npos) << "the bot is in it";
}

TEST_F(SecretsAtRest, APushKeepsNoSecretInItsJob) {
    peer crm{[](wire::http_request const&, int n) { return json_reply(n == 1 ? 503 : 200, "{}"); }};
    start();
    auto const bot = make_bot(
        {{"post_call_push",
          {{"url", crm.url() + "/x"},
           {"headers", {{"X-Api-Key", "hush-hush-{{call.name}}"}, {"X-Plain", "{{call.name}}"}}},
           {"auth", {{"type", "bearer"}, {"token", "hush-hush-token"}}}}}});
    auto const session =
        core("POST", "/api/v1/config/" + bot, json_object{{"connected_event", {{"name", "Ravi"}}}})
            .text("session_id");
    ASSERT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status, 200);
    ASSERT_TRUE(eventually([&] { return crm.count() == 2; }));
    for (auto const& request : crm.requests()) {
        EXPECT_EQ(request.headers.get("X-Api-Key"), "hush-hush-Ravi");
        EXPECT_EQ(request.headers.get("X-Plain"), "Ravi");
        EXPECT_EQ(request.headers.get("Authorization"), "Bearer hush-hush-token");
    }
    auto const jobs = sql("select doc from jobs");
    EXPECT_NE(jobs.find("X-Plain"), std::string::npos) << "frozen";
    stop();
    EXPECT_EQ(store_bytes().find(mark), std::string::npos);
}

TEST_F(SecretsAtRest, WhatWebhooksAreSignedWithIsSealed) {
    start();
    auto const made = admin(
        "POST", "/api/v1/webhook-endpoints",
        json_object{{"url", "https://hooks.example.com/x"}, {"types", wire::json_array{"*"}}});
    ASSERT_EQ(made.status, 201) << made.body;
    auto const renewed =
        admin("POST", "/api/v1/webhook-endpoints/" + made.text("id") + "/rotate-secret");
    ASSERT_EQ(renewed.status, 200) << renewed.body;
    auto const rows = sql("select doc from webhook_endpoints");
    EXPECT_NE(rows.find("signing_secret_old"), std::string::npos);
    stop();
    for (auto const& signing : {made.text("secret"), renewed.text("secret")}) {
        ASSERT_FALSE(signing.empty());
        EXPECT_EQ(store_bytes().find(signing), std::string::npos);
    }
}

TEST_F(SecretsAtRest, PlainOnesStayReadableAndAreSealedWithTheNextSave) {
    use({});
    start();
    auto const bot = fill();
    EXPECT_NE(store_bytes().find(mark), std::string::npos);
    stop();
    use(first_key);
    start();
    expect_served(bot);
    EXPECT_EQ(sealed_with(id_of(first_key)), 0U);
    ASSERT_EQ(put("timezone", {{"display_timezone", "Asia/Kolkata"}}).status, 200);
    EXPECT_EQ(stored("$.minio.secret_key").find(mark), std::string::npos);
    ASSERT_EQ(admin("PUT", "/api/v1/bots/" + bot, json_object{{"description", "x"}}).status, 200);
    EXPECT_EQ(sql("select doc from bots").find(mark), std::string::npos);
    expect_served(bot);
}

TEST_F(SecretsAtRest, AnUnknownKeyStopsTheStartAndNamesThePlace) {
    start();
    fill();
    stop();
    auto const before = store_bytes();
    for (auto const& key : {second_key, secret()}) {
        use(key);
        api_app app(settings, surroundings);
        auto const started = app.start();
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().reason(), domain::secret_key_unknown);
        auto const told = started.error().detail();
        EXPECT_NE(told.find("system_settings/system/"), std::string::npos) << told;
        auto const process = command("serve", key);
        EXPECT_EQ(process.exit_code, 78);
        EXPECT_NE(process.errors.find("system_settings/system/"), std::string::npos);
        EXPECT_EQ(process.errors.find("enc:v1:"), std::string::npos);
    }
    use(second_key, first_key);
    start();
    EXPECT_EQ(shown().text("minio.secret_key"), "hush••••••cret") << "nothing was changed";
}

// One bot whose secret no key opens: it is not served with a sealed text, the others are followed.
TEST_F(SecretsAtRest, OneBotThatDoesNotOpenHidesNoOther) {
    start();
    auto const bad = make_bot(secret_bot());
    auto const good = make_bot({{"name", "Good"}});
    auto const box = domain::secret_box::make(third_key, {}).value();
    auto const foreign = box.seal("hush-hush-x", "bots/" + bad + "/llm/api_key", system_random());
    auto const later = format_timestamp(real_clock().now() + 1s);
    auto const change = [&](std::string const& id, std::string const& set) {
        sql("update bots set doc=json_set(doc," + set + ",'$.version',9,'$.updated_at','" + later +
            "') where json_extract(doc,'$._id')='" + id + "'");
    };
    change(bad, "'$.llm.api_key','" + foreign + "'");
    change(good, "'$.opening_message','Followed'");
    EXPECT_TRUE(eventually([&] { return config(good).text("opening_message") == "Followed"; }));
    EXPECT_EQ(config(bad).body.find("enc:v1:"), std::string::npos);
    stop();
    api_app app(settings, surroundings);
    auto const started = app.start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().detail().find("bots/" + bad + "/llm/api_key"), std::string::npos);
}

TEST_F(SecretsAtRest, RotationSealsEverythingWhileTheProcessRuns) {
    start();
    auto const bot = fill();
    auto const all = sealed_with(id_of(first_key));
    EXPECT_GT(all, 10U);
    stop();
    use(second_key, first_key);
    start();
    auto const rotated = command("rotate-secrets-key", second_key, first_key);
    ASSERT_EQ(rotated.exit_code, 0) << rotated.errors;
    auto const report = wire::parse_json(rotated.output).value().as_object();
    std::size_t sealed = 0;
    for (auto const* name : {"system_settings", "bots", "bot_versions"}) {
        sealed += static_cast<std::size_t>(wire::int_at(report, std::string(name) + ".sealed"));
        EXPECT_GT(wire::int_at(report, std::string(name) + ".rows"), 0) << name;
    }
    EXPECT_EQ(sealed, all);
    EXPECT_EQ(sealed_with(id_of(first_key)), 0U);
    EXPECT_EQ(sealed_with(id_of(second_key)), all);
    expect_served(bot);
    EXPECT_EQ(put("minio", {{"bucket", "x"}}).status, 200) << "its version is the one it was";

    auto const again = command("rotate-secrets-key", second_key);
    ASSERT_EQ(again.exit_code, 0) << again.errors;
    auto const counts = wire::parse_json(again.output).value().as_object();
    EXPECT_EQ(wire::int_at(counts, "bots.sealed"), 0);
    EXPECT_EQ(wire::int_at(counts, "bots.changed"), 0);
    EXPECT_GT(wire::int_at(counts, "bots.current"), 0);
    stop();
    use(second_key);
    start();
    expect_served(bot);
    EXPECT_EQ(sql("select count(*) from audit_log where "
                  "json_extract(doc,'$.action')='secrets.rotate_key'"),
              "2\n");
    EXPECT_EQ(rotated.output.find(mark), std::string::npos);
}

TEST_F(SecretsAtRest, RotationSealsPlainOnesAndSaysWhatItCannotOpen) {
    use({});
    start();
    auto const bot = fill();
    stop();
    EXPECT_EQ(command("rotate-secrets-key", {}).exit_code, 78) << "no key to seal with";
    EXPECT_EQ(command("rotate-secrets-key", first_key).exit_code, 0);
    EXPECT_EQ(sql("select group_concat(doc) from bots").find(mark), std::string::npos);
    EXPECT_EQ(sql("select group_concat(doc) from bot_versions").find(mark), std::string::npos);
    use(first_key);
    start();
    expect_served(bot);
    stop();
    auto const lost = command("rotate-secrets-key", second_key);
    EXPECT_EQ(lost.exit_code, 1);
    EXPECT_NE(lost.errors.find("bots/" + bot + "/llm/api_key"), std::string::npos) << lost.errors;
    use(first_key);
    start();
    expect_served(bot);
}

// People go on saving while the keys change: neither loses anything.
TEST_F(SecretsAtRest, RotationAndSavesDoNotDisturbEachOther) {
    use(second_key, first_key);
    start();
    std::vector<std::string> bots;
    for (int i = 0; i < 6; ++i)
        bots.push_back(make_bot(secret_bot()));
    for (int round = 0; round < 3; ++round) {
        auto const& key = round % 2 == 0 ? first_key : second_key;
        auto const& other = round % 2 == 0 ? second_key : first_key;
        cxb::test::run_outcome rotated;
        {
            std::jthread const rotation(
                [&] { rotated = command("rotate-secrets-key", key, other); });
            for (int i = 0; i < 5; ++i)
                for (auto const& bot : bots)
                    EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot,
                                    json_object{{"description",
                                                 std::to_string(round) + "-" + std::to_string(i)}})
                                  .status,
                              200);
        }
        EXPECT_EQ(rotated.exit_code, 0) << rotated.errors;
        for (auto const& bot : bots) {
            EXPECT_EQ(config(bot).text("llm.api_key"), "hush-hush-llm");
            EXPECT_EQ(admin("GET", "/api/v1/bots/" + bot).text("description"),
                      std::to_string(round) + "-4");
        }
    }
    EXPECT_EQ(store_bytes().find(mark), std::string::npos);
}

// While the installation changes over, one process seals with the new key, the other with the old.
struct SecretsOfTwo : Instances {};

TEST_F(SecretsOfTwo, ProcessesWithBothKeysUnderstandEachOther) {
    a.settings.secrets_key = second_key;
    a.settings.secrets_key_previous = first_key;
    b.settings.secrets_key = first_key;
    b.settings.secrets_key_previous = second_key;
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot({{"llm", {{"provider", "openai"}, {"model", "gpt-4.1-mini"}}}});
    for (auto* each : {&a, &b, &a}) {
        auto const key = "key-of-" + each->url();
        EXPECT_EQ(
            each->admin("PUT", "/api/v1/settings/api-keys", json_object{{"openai", key}}).status,
            200);
        for (auto* other : {&a, &b})
            EXPECT_TRUE(
                eventually([&] { return other->config(bot).text("llm.api_key") == key; }, 8s))
                << other->url();
    }
}

}  // namespace
}  // namespace cxb::api::test
