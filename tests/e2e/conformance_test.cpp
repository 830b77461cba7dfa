// 10-39: the kit, as a user runs it, against our own processes. What is skipped is named, with its
// reason: a check that begins to be possible must not stay unnoticed among the skipped ones.
#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

using reasons = std::map<std::string, std::string>;

class Conformance : public installation {
  protected:
    wire::json_object run_kit(std::vector<std::string> const& words, environment const& settings,
                              int wanted_exit) {
        std::vector<std::string> arguments{binary("cxb"), "conformance"};
        arguments.insert(arguments.end(), words.begin(), words.end());
        arguments.insert(arguments.end(), {"--report", "json"});
        auto const done = test::run_program(arguments, settings, {}, std::chrono::seconds{280});
        auto const report = parsed_object(done.output);
        EXPECT_EQ(done.exit_code, wanted_exit) << failures_in(report) << done.errors;
        return report;
    }

    // The kit starts the Core on a port that is free now, and every check must pass.
    void passes_all(std::string const& command, environment settings) {
        reserved_port port;
        std::string const address = "127.0.0.1:" + std::to_string(port.number());
        port.release();
        std::filesystem::create_directories(log_folder());
        settings.insert({{"CXB_CORE_SECRET", core_secret}, {"CXB_CORE_LISTEN", address}});
        auto const report =
            run_kit({"core", "http://" + address, "--run",
                     command + " >> '" + (log_folder() / "core.log").string() + "' 2>&1"},
                    settings, 0);
        EXPECT_EQ(checks(report).size(), 34U);
        EXPECT_EQ(wire::int_at(report, "failed", -1), 0);
        EXPECT_EQ(skipped(report), reasons{});
    }

    static std::string failures_in(wire::json_object const& report) {
        std::string out;
        for (auto const& one : checks(report))
            if (wire::text_at(one.as_object(), "state") == "failed")
                out += wire::to_text(one) + "\n";
        return out;
    }

    static wire::json_array checks(wire::json_object const& report) {
        auto const* const list = report.if_contains("checks");
        return list != nullptr && list->is_array() ? list->as_array() : wire::json_array{};
    }

    static reasons skipped(wire::json_object const& report) {
        reasons out;
        for (auto const& one : checks(report))
            if (wire::text_at(one.as_object(), "state") == "skipped")
                out[std::string(wire::text_at(one.as_object(), "id"))] =
                    wire::text_at(one.as_object(), "reason");
        return out;
    }
};

// 10-39
TEST_F(Conformance, OurControlPlane) {
    environment const livekit{{"LIVEKIT_API_KEY", "devkey"}, {"LIVEKIT_API_SECRET", "secret"}};
    start_api(livekit);
    environment settings{{"CXB_CORE_SECRET", core_secret}, {"CXB_TOKEN", bearer()}};
    settings.insert(livekit.begin(), livekit.end());
    auto const report = run_kit({"api", api_url, "--fleet"}, settings, 0);
    EXPECT_EQ(checks(report).size(), 30U);
    EXPECT_EQ(wire::int_at(report, "failed", -1), 0);
    reasons const expected{
        {"A05", "/api/v1/agent-desk/enqueue is not served (404)"},
        {"A27", "/api/v1/agent-desk/enqueue is not served (404)"},
    };
    EXPECT_EQ(skipped(report), expected);
    // The fleet is as it was, and the bots and keys of the kit are gone.
    EXPECT_EQ(admin("GET", "/api/v1/settings").body.at("cxbcore_fleet").as_array().size(), 0U);
    EXPECT_EQ(wire::int_at(admin("GET", "/api/v1/bots").body, "total", -1), 0);
    EXPECT_EQ(wire::int_at(admin("GET", "/api/v1/api-keys").body, "total", -1), 0);
}

// 10-39: without an admin what needs one is skipped, and the rest holds.
TEST_F(Conformance, OurControlPlaneWithTheSecretAlone) {
    start_api();
    auto const report =
        run_kit({"api", api_url, "--bot-id", make_bot({{"pre_call_fetch", nullptr}})},
                {{"CXB_CORE_SECRET", core_secret}}, 0);
    EXPECT_EQ(wire::int_at(report, "failed", -1), 0);
    for (auto const* const id : {"A08", "A12", "A13", "A25"})
        EXPECT_NE(skipped(report)[id].find("needs an admin"), std::string::npos) << id;
}

// 10-39, 80-1
TEST_F(Conformance, OurCore) {
    passes_all(binary("cxb-core") + " serve",
               {{"CXB_CORE_WORKERS", "2"},
                {"CXB_CORE_SOCKET", (scratch / "core-{id}.sock").string()},
                {"CXB_CORE_MEDIA", "simulated"},
                {"CXB_LOG_LEVEL", "debug"},
                {"CXB_CORE_RECORDINGS_DIR", (scratch / "recordings").string()}});
}

// 10-39: by people who read the contract and used none of our code.
TEST_F(Conformance, ACoreInPython) {
    passes_all("python3 '" CXB_SOURCE_DIR "/examples/python_core'",
               {{"MAX_CONCURRENT_CALLS", "2"}});
}

// 10-39
TEST_F(Conformance, ACoreInNode) {
    passes_all("node '" CXB_SOURCE_DIR "/examples/node_core/main.mjs'",
               {{"MAX_CONCURRENT_CALLS", "2"}});
}

// Nothing to judge: exit 2, and why.
TEST_F(Conformance, NothingThereIsNoVerdict) {
    reserved_port const closed;
    std::string const url = "http://127.0.0.1:" + std::to_string(closed.number());
    (void)run_kit({"api", url}, {{"CXB_CORE_SECRET", core_secret}}, 2);
    (void)run_kit({"core", url, "--run", "false"}, {{"CXB_CORE_SECRET", core_secret}}, 2);
    start_api();
    (void)run_kit({"api", api_url}, {{"CXB_CORE_SECRET", "another"}}, 2);
    (void)run_kit({"api", api_url, "--only", "A99"}, {{"CXB_CORE_SECRET", core_secret}}, 2);
}

}  // namespace
}  // namespace cxb::e2e
