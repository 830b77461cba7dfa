// What the process says when it must not start, and which names of its secret it knows.
#include <csignal>
#include <fstream>
#include <thread>

#include "e2e/installation.hpp"
#include "support/stuck_host.hpp"

namespace cxb::e2e {
namespace {

class StartUp : public installation {
  protected:
    // Runs `cxb-api serve` to its end; its settings have faults.
    test::run_outcome refused(environment settings, std::string const& yaml = "") {
        settings["CXB_DATA_DIR"] = (scratch / "data").string();
        std::vector<std::string> arguments{binary("cxb-api"), "serve"};
        if (!yaml.empty()) {
            auto const path = scratch.path() / "cxb.yaml";
            std::ofstream(path) << yaml;
            std::filesystem::permissions(path, std::filesystem::perms::owner_read);
            arguments.insert(arguments.end(), {"--config", path.string()});
        }
        auto ran = test::run_program(arguments, settings);
        EXPECT_EQ(ran.exit_code, 78) << ran.output << ran.errors;
        EXPECT_FALSE(std::filesystem::exists(scratch / "data/cxb.db"));
        said_ += ran.output + ran.errors;
        return ran;
    }
    static bool says(test::run_outcome const& ran, std::string const& line) {
        return ran.errors.find(line + "\n") != std::string::npos;
    }
    void TearDown() override {
        // What was printed is searched like the log of a process.
        std::filesystem::create_directories(log_folder());
        std::ofstream(log_folder() / "refusals.log") << said_ << "end\n";
        installation::TearDown();
    }

  private:
    std::string said_;
};

TEST_F(StartUp, ProductionNamesAllThatIsWrongAndNoValue) {  // 20-1, 20-2, 10-6
    auto const ran = refused({{"CXB_ENV", "production"}, {"CXB_JWT_SECRET", "secret"}});
    EXPECT_TRUE(says(ran, "refused: default_secret: jwt.secret")) << ran.errors;
    EXPECT_TRUE(says(ran, "refused: missing_secret: core.secret")) << ran.errors;
    EXPECT_TRUE(says(ran, "refused: public_url_missing: http.public_url")) << ran.errors;
    auto const known = refused({{"CXB_ENV", "production"},
                                {"CXB_JWT_SECRET", core_secret},
                                {"CXB_HTTP_PUBLIC_URL", "https://cxb.example.com"},
                                {"CXB_CORE_SECRET", "changeme"}});
    EXPECT_TRUE(says(known, "refused: default_secret: core.secret")) << known.errors;
    EXPECT_EQ(known.errors.find("changeme"), std::string::npos);
    EXPECT_EQ(known.errors.find("public_url"), std::string::npos) << known.errors;
}

TEST_F(StartUp, AStoreThatDoesNotAnswerIsWaitedForAndNamedWithoutItsPassword) {
    auto const began = std::chrono::steady_clock::now();
    auto const ran = test::run_program(
        {binary("cxb-api"), "serve"},
        {{"CXB_DATA_DIR", (scratch / "data").string()},
         {"CXB_STORE_URL", "mongodb://cxb:" + core_secret + "@127.0.0.1:1/?replicaSet=rs0"}});
    // 78 where it was built without the driver.
    EXPECT_TRUE(ran.exit_code == 69 || ran.exit_code == 78) << ran.errors;
    if (ran.exit_code == 69) {
        EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds{30});
        EXPECT_NE(ran.errors.find("store is away, asked again"), std::string::npos) << ran.errors;
    }
    EXPECT_NE(ran.errors.find("store.url: "), std::string::npos) << ran.errors;
    EXPECT_EQ((ran.output + ran.errors).find(core_secret), std::string::npos);
}

TEST_F(StartUp, UnknownKeysAndBadValuesAreNamedTogether) {  // 20-3
    auto const ran = refused({}, "http:\n  port: seventy\n  colour: red\n");
    EXPECT_NE(ran.errors.find("http.port"), std::string::npos) << ran.errors;
    EXPECT_NE(ran.errors.find("http.colour"), std::string::npos) << ran.errors;
    EXPECT_EQ(ran.errors.find("seventy"), std::string::npos) << "values are not repeated";
}

TEST_F(StartUp, TheOldNameOfTheSecretAndThePreviousSecretCount) {  // 20-4
    auto const ready = scratch / "api.ready";
    auto const process =
        start_program("api", {binary("cxb-api"), "serve", "--ready-file", ready.string()},
                      {{"CXB_HTTP_PORT", "0"},
                       {"CXB_DATA_DIR", (scratch / "data").string()},
                       {"VOXCORE_SECRET", core_secret},
                       {"CXB_CORE_SECRET_PREVIOUS", "older-" + core_secret}});
    auto const told = process->wait_ready(ready);
    ASSERT_TRUE(told);
    std::string const url = std::string(wire::text_at(*told, "url")) + "/api/v1/config/nobody";
    auto const asked = [&](std::string const& name, std::string const& value) {
        return http.call("GET", url, {{name, value}}).status;
    };
    EXPECT_EQ(asked("X-CXB-Core-Secret", core_secret), 404) << "let in, and the bot is unknown";
    EXPECT_EQ(asked("X-VoxCore-Secret", "older-" + core_secret), 404);
    EXPECT_EQ(asked("X-CXB-Core-Secret", "dev-secret"), 403);
    process->signal(SIGTERM);
    EXPECT_EQ(process->wait_exit(), 0);
}

TEST_F(StartUp, HangUpSignalReadsTheSecretsAgain) {  // 10-5, without a restart
    auto const file = scratch / "core-secret";
    std::string const fresh = "fresh-" + core_secret;
    forbid(fresh);
    std::ofstream(file) << core_secret;
    start_api({{"CXB_CORE_SECRET", ""}, {"CXB_CORE_SECRET_FILE", file.string()}});
    auto const asked = [&](std::string const& value) {
        return http.call("GET", api_url + "/api/v1/config/nobody", {{"X-CXBCore-Secret", value}})
            .status;
    };
    EXPECT_EQ(asked(core_secret), 404);
    std::ofstream(file) << fresh;
    api->signal(SIGHUP);
    EXPECT_TRUE(test::eventually([&] { return asked(fresh) == 404; }));
    EXPECT_EQ(asked(core_secret), 403);
    std::filesystem::remove(file);  // faulty settings change nothing
    api->signal(SIGHUP);
    EXPECT_TRUE(test::eventually(
        [&] { return api->log_text().find("settings were not read again") != std::string::npos; }));
    EXPECT_EQ(asked(fresh), 404);
}

TEST_F(StartUp, ASecondStopSignalEndsItAtOnce) {  // 20 section 1
    start_api();
    test::stuck_host host;
    auto const body = order_at(host.url());
    std::jthread const client([&] {
        http_caller own;
        EXPECT_EQ(own.call("POST", api_url + "/api/v1/sip/dialout", {{"X-API-Key", api_key}},
                           wire::to_text(body))
                      .status,
                  0);
    });
    ASSERT_TRUE(test::eventually([&] { return host.dials() == 1; }));
    api->signal(SIGTERM);
    EXPECT_TRUE(test::eventually(
        [&] { return api->log_text().find("\"stopping\"") != std::string::npos; }));
    EXPECT_TRUE(api->running()) << "a request runs and the grace is not over";
    api->signal(SIGTERM);
    EXPECT_EQ(api->wait_exit(), 130);
}

}  // namespace
}  // namespace cxb::e2e
