// System settings through HTTP: what is shown, kept, refused, served and written down.
#include "server/api/app/route_tables.hpp"
#include "server/api/settings/settings_blocks.hpp"
#include "server/api/settings_kit.hpp"

namespace cxb::api::test {
namespace {

using Settings = settings_test;

TEST_F(Settings, AKeyIsShownMaskedAndKeptByItsMask) {  // 20-16
    start();
    auto const served = [&] {
        return config(make_bot({{"llm", {{"provider", "openai"}, {"model", "gpt-4.1-mini"}}}}))
            .text("llm.api_key");
    };
    ASSERT_EQ(put("api-keys", {{"openai", "sk-1234567890abcd"}}).status, 200);
    EXPECT_EQ(shown().text("api_keys.openai"), "sk-1••••••abcd");
    EXPECT_EQ(shown().body.find("sk-1234567890abcd"), std::string::npos);

    ASSERT_EQ(put("api-keys", {{"openai", "sk-1••••••abcd"}, {"sarvam", "short"}}).status, 200);
    EXPECT_EQ(shown().text("api_keys.openai"), "sk-1••••••abcd");
    EXPECT_EQ(shown().text("api_keys.sarvam"), "••••••••");
    EXPECT_EQ(served(), "sk-1234567890abcd");

    auto const version = wire::int_at(shown().json.as_object(), "version");
    expect_faults(put("api-keys", {{"openai", "sk-9••••••zzzz"}, {"sarvam", "new"}}),
                  {{"/openai", "masked value does not match the stored secret"}});
    EXPECT_EQ(wire::int_at(shown().json.as_object(), "version"), version) << "nothing changed";
    EXPECT_EQ(served(), "sk-1234567890abcd");

    auto const removed = put("api-keys", {{"openai", ""}});
    ASSERT_EQ(removed.status, 200);
    EXPECT_FALSE(removed.json.at("api_keys").as_object().contains("openai"));
    EXPECT_TRUE(removed.json.at("api_keys").as_object().contains("sarvam"));
    EXPECT_EQ(served(), "");
}

TEST_F(Settings, AHostIsDialledUnderEitherNameWithoutARestart) {  // 20-17
    peer first([](wire::http_request const& r, int n) { return dialling_host(r, n); });
    peer second([](wire::http_request const& r, int n) { return dialling_host(r, n); });
    start();
    auto const bot = make_bot();
    auto const key = make_key();
    auto const dial = [&] {
        return send("POST", "/api/v1/sip/dialout",
                    json_object{{"bot_id", bot}, {"to_number", "+919876543210"}},
                    {{"X-API-Key", key}});
    };
    auto const orders = [](peer const& host) {
        auto const all = host.requests();
        return std::ranges::count_if(all, [](auto const& r) { return r.method == "POST"; });
    };
    auto const answered = put("fleet", {{"core_fleet", {first.url() + "/"}}});
    ASSERT_EQ(answered.status, 200) << answered.body;
    for (auto const* name : {"cxbcore_fleet", "core_fleet"}) {
        EXPECT_EQ(answered.json.at(name), json_value(wire::json_array{json_value(first.url())}))
            << name;
        EXPECT_EQ(shown().json.at(name), answered.json.at(name)) << name;
    }
    EXPECT_EQ(dial().status, 200);
    EXPECT_EQ(orders(first), 1);
    ASSERT_EQ(put("fleet", {{"cxbcore_fleet", {second.url()}}}).status, 200);
    EXPECT_EQ(dial().status, 200);
    EXPECT_EQ(orders(first), 1);
    EXPECT_EQ(orders(second), 1);
}

TEST_F(Settings, AnUnknownZoneIsRefusedAndAgentsSeeTheZoneAlone) {  // 20-18
    start();
    expect_faults(put("timezone", {{"display_timezone", "Mars/One"}}),
                  {{"/display_timezone", "unknown time zone"}});
    ASSERT_EQ(put("timezone", {{"display_timezone", "Asia/Kolkata"}}).status, 200);
    std::size_t rows = 0;
    for (auto const* role : {"agent", "supervisor", "admin"}) {
        auto const as = signed_in(role);
        for (auto const& table : route_tables())
            for (auto const& row : table) {
                if (!row.pattern.starts_with("/api/v1/settings")) continue;
                ++rows;
                std::string path(row.pattern);
                if (auto const at = path.find("{provider}"); at != std::string::npos)
                    path.replace(at, 10, "openai");
                bool const display = path == "/api/v1/settings/display";
                auto const got = send(
                    std::string(row.method), path,
                    server::has_body(row.method) ? json_value(json_object{}) : json_value(), as);
                EXPECT_EQ(got.status, display ? 200 : 403) << role << row.method << path;
                if (display) {
                    EXPECT_EQ(got.body, R"({"display_timezone":"Asia/Kolkata"})");
                }
                EXPECT_EQ(send(std::string(row.method), path).status, 401) << path;
            }
    }
    EXPECT_GE(rows, 3 * (std::size(settings_blocks) + 3));
}

TEST_F(Settings, TheS3StoreHasItsDefaultsAndKeepsWhatIsNotSent) {
    start();
    EXPECT_EQ(wire::to_text(shown().json.at("minio")),
              R"({"endpoint":"localhost:9000","access_key":"","secret_key":"",)"
              R"("bucket":"recordings","secure":false,"region":"","public_endpoint":""})");
    auto const made = put("minio", {{"endpoint", "s3.example.com"},
                                    {"access_key", "AKIA1234567890"},
                                    {"secret_key", "the-secret-of-s3"},
                                    {"secure", true}});
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(made.text("minio.access_key"), "AKIA••••••7890");
    EXPECT_EQ(made.text("minio.secret_key"), "the-••••••f-s3");
    EXPECT_EQ(made.text("minio.bucket"), "recordings");
    auto block = made.json.at("minio").as_object();
    block["bucket"] = "calls";
    // The block as it was shown, also under its own name.
    EXPECT_EQ(put("minio", block).status, 200);
    EXPECT_EQ(put("minio", {{"minio", block}}).text("minio.bucket"), "calls");
    EXPECT_EQ(stored("$.minio.secret_key"), "the-secret-of-s3");
    EXPECT_EQ(stored("$.minio.access_key"), "AKIA1234567890");
    auto const cleared = put("minio", {{"secret_key", ""}, {"endpoint", nullptr}});
    EXPECT_EQ(cleared.text("minio.secret_key"), "");
    EXPECT_EQ(cleared.text("minio.endpoint"), "localhost:9000") << "null: the default";
    EXPECT_EQ(cleared.text("minio.access_key"), "AKIA••••••7890");
}

TEST_F(Settings, FaultsAreToldTogetherWhereTheBodyHasThem) {
    start();
    expect_faults(put("minio", {{"endpoint", "a b"}, {"secure", "yes"}, {"buckets", "x"}}),
                  {{"/buckets", "unknown member"}, {"/endpoint", ""}, {"/secure", ""}});
    expect_faults(put("minio", {{"minio", {{"endpoint", "http://h/path"}}}}),
                  {{"/minio/endpoint", ""}});
    expect_faults(put("dialler", {{"amd", {{"max_words", 0}, {"words", 4}}}}),
                  {{"/amd/words", "unknown member"}, {"/amd/max_words", ""}});
    expect_faults(put("fleet", {{"core_fleet", {"http://a:1", "ftp://b", "http://a:1/"}}}),
                  {{"/core_fleet/1", "must be an http or https base URL (scheme)"},
                   {"/core_fleet/2", "is there twice"}});
    expect_faults(put("fleet", {{"core_fleet", {"http://a:1"}}, {"cxbcore_fleet", {"http://b:1"}}}),
                  {{"/core_fleet", "differs from cxbcore_fleet"}});
    for (char const* tail : {"?x=1", "#top", "/base?"})
        expect_faults(put("fleet", {{"core_fleet", {"http://a:1" + std::string(tail)}}}),
                      {{"/core_fleet/0", "must be an http or https base URL (query)"}});
    expect_faults(put("fleet", {}), {{"/cxbcore_fleet", "required member is missing"}});
    expect_faults(put("fleet", {{"minio", json_object{}}}), {{"/minio", "unknown member"}});
    expect_faults(put("knowledge", {{"qdrant_url", "ftp://q"}}), {{"/qdrant_url", ""}});
    expect_faults(put("voice-defaults", {{"stt", {{"api_key", "k"}}}}),
                  {{"/stt/provider", "required member is missing"}});
    EXPECT_EQ(wire::int_at(shown().json.as_object(), "version"), 1) << "nothing was written";
}

TEST_F(Settings, KeysHaveNamesAndShapes) {
    start();
    expect_faults(put("api-keys", {{"Open AI", "k"}, {std::string(41, 'a'), "k"}, {"openai", 5}}),
                  {{"/Open AI", "provider names are [a-z0-9_]{1,40}"},
                   {"/" + std::string(41, 'a'), "provider names are [a-z0-9_]{1,40}"},
                   {"/openai", ""}});
    auto const no_account = "must be a service account JSON with project_id";
    for (auto const* text : {"plain", "{}", R"({"project_id":5})", "[]"})
        expect_faults(put("api-keys", {{"google_vertex", text}}), {{"/google_vertex", no_account}});
    EXPECT_EQ(put("api-keys", {{"google_vertex", R"({"project_id":"p1"})"}}).status, 200);
    EXPECT_EQ(put("api-keys", {{"openai", std::string(8192, 'k')}}).status, 200);
    expect_faults(put("api-keys", {{"openai", std::string(8193, 'k')}}), {{"/openai", ""}});
    expect_faults(put("api-keys", {{"openai", "enc:v1:looks sealed"}}),
                  {{"/openai", "must not begin with enc:v1:"}});
}

TEST_F(Settings, AKeyThatNoHeaderCouldHoldIsRefused) {
    start();
    std::string const why = "must not hold control characters";
    for (std::string const& bad : {std::string("sk-1\n"), std::string("a\r\nX-Evil: 1"),
                                   std::string("a\0b", 3), std::string("a\x7f")}) {
        expect_faults(put("api-keys", {{"openai", bad}}), {{"/openai", why}});
        expect_faults(put("minio", {{"secret_key", bad}}), {{"/secret_key", why}});
    }
    EXPECT_EQ(put("api-keys", {{"google_vertex", "{\n \"project_id\": \"p1\"\n}\n"}}).status, 200)
        << "an account is a text of many lines";
    EXPECT_EQ(put("api-keys", {{"openai", "sk-1"}}).status, 200);
    EXPECT_FALSE(
        put("api-keys", {{"openai", nullptr}}).json.at("api_keys").as_object().contains("openai"))
        << "null is the default, and that is none";
}

TEST_F(Settings, AProviderHasNoMembersOfItsOwn) {
    start();
    json_object mine{{"kind", "openai_compatible"}, {"base_url", "https://api.example.com/v1"}};
    ASSERT_EQ(put("providers", {{"mine", mine}}).status, 200);
    mine["api_key"] = "sk-1234567890abcd";
    expect_faults(put("providers", {{"mine", mine}, {"other", mine}}),
                  {{"/mine/api_key", "unknown member"}, {"/other/api_key", "unknown member"}});
    expect_faults(put("providers", {{"providers", {{"mine", mine}}}}),
                  {{"/providers/mine/api_key", "unknown member"}});
    EXPECT_EQ(stored("$.providers.mine.api_key"), "");
    EXPECT_EQ(audit_rows().find("sk-1234567890abcd"), std::string::npos);
    // What another service added may be sent back as it is.
    stop();
    sql("update system_settings set doc=json_set(doc,'$.providers.mine.region','in')");
    start();
    mine.erase("api_key");
    mine["region"] = "in";
    EXPECT_EQ(put("providers", {{"mine", mine}}).status, 200);
    mine["region"] = "us";
    expect_faults(put("providers", {{"mine", mine}}), {{"/mine/region", "unknown member"}});
    EXPECT_EQ(stored("$.providers.mine.region"), "in");
}

TEST_F(Settings, ProvidersComeAndGoOneByOne) {
    start();
    json_object const groq{{"kind", "openai_compatible"}, {"base_url", "https://api.groq.com/v1"}};
    ASSERT_EQ(put("providers", {{"groq", groq}}).status, 200);
    ASSERT_EQ(put("providers", {{"mine", groq}}).status, 200);
    EXPECT_EQ(shown().json.at("providers").as_object().size(), 2U);
    EXPECT_EQ(put("providers", {{"groq", nullptr}}).json.at("providers").as_object().size(), 1U);
    expect_faults(
        put("providers",
            {{"x", {{"kind", "other"}, {"base_url", "https://h/v1"}}},
             {"y", {{"kind", "openai_compatible"}}},
             {"Z", groq},
             {"meta",
              {{"kind", "openai_compatible"}, {"base_url", "https://169.254.169.254/v1"}}}}),
        {{"/x/kind", ""},
         {"/y/base_url", "required member is missing"},
         {"/Z", "provider names are [a-z0-9_]{1,40}"},
         {"/meta/base_url", "refused by the outbound guard: address"}});
    expect_faults(
        put("voice-defaults",
            {{"llm", {{"provider", "x"}, {"model", "m"}, {"base_url", "http://10.0.0.1/v1"}}}}),
        {{"/llm/base_url", "refused by the outbound guard: address"}});
}

TEST_F(Settings, AnalysisTimesAreClampedAndOtherMembersStay) {
    start();
    for (auto const& [sent, kept] : {std::pair{1, 250}, {250, 250}, {3000, 3000}, {90000, 5000}}) {
        auto const got = put("dialler", {{"amd", {{"total_analysis_ms", sent}}}});
        ASSERT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(wire::int_at(got.json.as_object(), "dialler.amd.total_analysis_ms"), kept);
    }
    put("dialler", {{"amd", {{"enabled", true}}}});
    auto const now = shown();
    EXPECT_TRUE(now.json.at("dialler").at("amd").at("enabled").as_bool());
    EXPECT_EQ(wire::int_at(now.json.as_object(), "dialler.amd.total_analysis_ms"), 5000);
    expect_faults(put("dialler", {{"amd", {{"total_analysis_ms", "long"}}}}),
                  {{"/amd/total_analysis_ms", ""}});
}

// What a newer version, or another service of the same store, has written.
TEST_F(Settings, MembersOfOthersStayAndMayBeSentBack) {
    start();
    stop();
    sql("update system_settings set doc=json_set(json_remove(doc,'$.knowledge.vectordb_api_key'),"
        "'$.dialler.brake',json('true'),'$.dialler.amd.silence_threshold',256,"
        "'$.theirs',json('{\"a\":1}'),'$.knowledge.qdrant_api_key','the-key-of-qdrant')");
    start();
    auto const now = shown();
    EXPECT_EQ(now.text("knowledge.vectordb_api_key"), "the-••••••rant");
    EXPECT_EQ(put("knowledge", {{"qdrant_api_key", "the-••••••rant"}, {"tenant_id", "t"}}).status,
              200);
    EXPECT_EQ(stored("$.knowledge.vectordb_api_key"), "the-key-of-qdrant");
    auto dialler = now.json.at("dialler").as_object();
    EXPECT_EQ(put("dialler", dialler).status, 200) << "as it was shown";
    dialler["brake"] = false;
    expect_faults(put("dialler", dialler), {{"/brake", "unknown member"}});
    EXPECT_EQ(stored("$.dialler.brake"), "1");
    EXPECT_EQ(stored("$.dialler.amd.silence_threshold"), "256");
    EXPECT_EQ(stored("$.theirs.a"), "1");
}

TEST_F(Settings, EachChangeIsWrittenDownWithoutItsSecrets) {
    start();
    put("minio", {{"secret_key", "the-secret-of-s3"}, {"bucket", "calls"}});
    put("api-keys", {{"openai", "sk-1234567890abcd"}});
    put("api-keys", {{"openai", ""}});
    auto const now = shown();
    EXPECT_EQ(now.text("updated_by"), admin_email);
    EXPECT_EQ(wire::int_at(now.json.as_object(), "version"), 4);
    EXPECT_FALSE(now.text("updated_at").empty());
    EXPECT_EQ(audit_rows(),
              R"x(settings.minio|[{"path":"minio.secret_key","old":"","new":"(secret)"},)x"
              R"x({"path":"minio.bucket","old":"recordings","new":"calls"}])x"
              "\n"
              R"x(settings.api_keys|[{"path":"api_keys.openai","old":null,"new":"(secret)"}])x"
              "\n"
              R"x(settings.api_keys|[{"path":"api_keys.openai","old":"(secret)","new":null}])x"
              "\n");
}

TEST_F(Settings, ADamagedDocumentStopsTheStartWithItsPointers) {
    start();
    ASSERT_EQ(put("minio", {{"bucket", "calls"}}).status, 200);
    stop();
    sql("update system_settings set doc=json_set(doc,'$.minio.secure','maybe',"
        "'$.retention.trace_days',-1,'$.cxbcore_fleet',json('[\"ftp://x\"]'),"
        "'$.display_timezone','Mars/One')");
    api_app app(settings, surroundings);
    auto const started = app.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code(), errc::invalid) << "exit 78";
    auto const told = started.error().to_log_text();
    for (auto const* pointer :
         {"/minio/secure", "/retention/trace_days", "/cxbcore_fleet/0", "/display_timezone"})
        EXPECT_NE(told.find(pointer), std::string::npos) << told;
}

// A running process keeps what it has; the block itself can be mended through the API.
TEST_F(Settings, ABlockThatOthersDamagedIsMendedByItsPut) {
    start();
    sql("update system_settings set doc=json_set(doc,'$.minio.secure','maybe')");
    EXPECT_EQ(shown().status, 200);
    EXPECT_EQ(put("timezone", {{"display_timezone", "UTC"}}).status, 422);
    auto const mended = put("minio", {{"secure", true}});
    ASSERT_EQ(mended.status, 200) << mended.body;
    EXPECT_TRUE(mended.json.at("minio").at("secure").as_bool());
    EXPECT_EQ(put("timezone", {{"display_timezone", "UTC"}}).status, 200);
}

TEST_F(Settings, ManyWritersLoseNothing) {
    start();
    auto const as = token();
    auto const got = at_once(12, [&](std::size_t i) {
        client::outgoing_request request{url() + "/api/v1/settings/api-keys", {}};
        request.message.method = "PUT";
        request.message.headers = {{"Authorization", "Bearer " + as},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(json_object{{"provider_" + std::to_string(i), "key"}});
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 200) << one.body;
    EXPECT_EQ(shown().json.at("api_keys").as_object().size(), 12U);
    EXPECT_EQ(wire::int_at(shown().json.as_object(), "version"), 13);
}

}  // namespace
}  // namespace cxb::api::test
