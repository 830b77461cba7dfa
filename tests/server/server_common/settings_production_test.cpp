// What production refuses (spec 20 §1).
#include <regex>

#include "server/common/settings/setting_rules.hpp"
#include "server/server_common/settings_kit.hpp"

namespace cxb::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using SettingsInProduction = SettingsTest;

// 20-1
TEST_F(SettingsInProduction, ProductionRefusesWeakAndMissingSecrets) {
    yaml("env: production\njwt:\n  secret: secret\n");
    EXPECT_THAT(api_problems(),
                UnorderedElementsAre("refused: short_secret: jwt.secret",
                                     "refused: default_secret: jwt.secret",
                                     "refused: missing_secret: core.secret",
                                     "refused: public_url_missing: http.public_url"));
    EXPECT_THAT(core_problems(), UnorderedElementsAre("refused: missing_secret: core.secret",
                                                      "refused: missing_url: core.config_url"));
}

// 20-2
TEST_F(SettingsInProduction, ProductionNeedsAPublicUrl) {
    production();
    EXPECT_THAT(api_problems(), IsEmpty());
    env("CXB_HTTP_PUBLIC_URL", "");
    EXPECT_THAT(api_problems(), ElementsAre("refused: public_url_missing: http.public_url"));
    for (auto const* bad : {"cx.example.com", "ftp://cx", "https://u:p@cx", "https://cx/?a=1"}) {
        env("CXB_HTTP_PUBLIC_URL", bad);
        EXPECT_THAT(api_problems(), ElementsAre("refused: public_url_invalid: http.public_url"))
            << bad;
    }
    env("CXB_ENV", "development");
    EXPECT_THAT(api_problems(), ElementsAre(HasSubstr("fault: http.public_url: must be")));
}

TEST_F(SettingsInProduction, ProductionRefusesEverythingElseAtOnce) {
    production();
    env("CXB_CORE_SECRET", strong_a);
    env("CXB_CORE_SECRET_PREVIOUS", "short");
    env("CXB_JWT_SECRET_PREVIOUS", std::string(40, 'a'));
    env("CXB_TELEPHONY_SIMULATED", "true");
    env("CXB_BOOTSTRAP_ADMIN_EMAIL", "a@example.com");
    env("CXB_BOOTSTRAP_ADMIN_PASSWORD", "password12");
    env("CXB_PUSH_WAIT_SCALE_PERCENT", "2");
    env("CXB_CORE_MEDIA", "simulated");
    env("CXB_CORE_SIM_FAST", "1");
    env("MAX_CONCURRENT_CALLS", "2");
    EXPECT_THAT(api_problems(),
                UnorderedElementsAre("refused: same_secret: jwt.secret",
                                     "refused: short_secret: core.secret_previous",
                                     "refused: default_secret: jwt.secret_previous",
                                     "refused: simulated_telephony: telephony.simulated",
                                     "refused: not_in_production: push.wait_scale_percent",
                                     "refused: weak_bootstrap_password: "
                                     "bootstrap.admin_password"));
    EXPECT_THAT(core_problems(),
                UnorderedElementsAre("refused: short_secret: core.secret_previous",
                                     "refused: simulated_telephony: core.media",
                                     "refused: not_in_production: core.sim_fast",
                                     "refused: not_in_production: core.max_concurrent_calls"));
    env("CXB_ENV", "test");
    EXPECT_THAT(api_problems(), ElementsAre("fault: bootstrap.admin_password: is too common"))
        << "it could make nobody anywhere";
    env("CXB_BOOTSTRAP_ADMIN_PASSWORD", "a-fine-password");
    EXPECT_THAT(api_problems(), IsEmpty());
    EXPECT_THAT(core_problems(), IsEmpty());
}

TEST_F(SettingsInProduction, ProductionRefusesSecretFilesOthersCanRead) {
    production();
    source.environment.erase("CXB_JWT_SECRET");
    env("CXB_JWT_SECRET_FILE", write("jwt", strong_a, 0640));
    write("cxb.yaml", "livekit: {api_secret: abc, url: 'wss://lk'}\nstore: {url: 'sqlite:/x'}\n",
          0644);
    EXPECT_THAT(api_problems(),
                UnorderedElementsAre("refused: secret_file_readable: jwt.secret",
                                     "refused: secret_file_readable: livekit.api_secret"));
    write("jwt", strong_a, 0600);
    write("cxb.yaml", "livekit: {api_secret: abc, url: 'wss://lk'}\n", 0600);
    EXPECT_THAT(api_problems(), IsEmpty());
    write("cxb.yaml", "store: {url: 'mongodb://u:p@db/cxb'}\n", 0644);
    EXPECT_THAT(api_problems(), ElementsAre("refused: secret_file_readable: store.url"));
}

// Who sees such a line for the first time is told what to do, once for each kind.
TEST_F(SettingsInProduction, EveryRefusalIsExplainedWhereItIsPrinted) {
    auto const table =
        test::read_file(std::string(CXB_SOURCE_DIR) + "/server/common/settings/setting_rules.hpp");
    std::regex const row("/// \\| ([a-z]+_[a-z_]+) +\\|");
    int rows = 0;
    for (std::sregex_iterator at(table.begin(), table.end(), row), end; at != end; ++at, ++rows) {
        auto const line = "refused: " + (*at)[1].str() + ": some.path";
        auto const text = problem_text({line, line});
        EXPECT_TRUE(text.starts_with(line + "\n    ")) << text;
        EXPECT_TRUE(text.ends_with("\n" + line + "\n")) << text;
    }
    EXPECT_EQ(rows, 11);
    EXPECT_EQ(problem_text({"fault: http.port: must be a number"}),
              "fault: http.port: must be a number\n");
    EXPECT_EQ(problem_text({}), "");
}

TEST_F(SettingsInProduction, ProductionHasNoDevelopmentDefaults) {
    production();
    auto const at = api();
    EXPECT_FALSE(at.telephony_simulated);
    EXPECT_EQ(at.core_secret.current.reveal(), strong_b);
    EXPECT_EQ(core().media, media_kind::none);
}

}  // namespace
}  // namespace cxb::server
